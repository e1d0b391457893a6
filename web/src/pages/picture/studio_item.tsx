import { Badge } from "../../components/badge";
import { formatAgo, formatTime, formatTokens } from "../../format";
import { kStudioWords } from "../../job_words";
import { ResultActions } from "./result_actions";
import { operationName, resultOfStudio, type StudioJob } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import style from "./panel.module.css";

// What the studio made of the picture.
export function StudioItem({ facts, job, compare }: { facts: ImageFacts; job: StudioJob; compare: Compare }) {
  const result = resultOfStudio(job);
  const { word, look } = kStudioWords[job.status];
  return (
    <li className={style.job} aria-label={`${operationName(job.operationType)}, in the studio`}>
      <div className={style.jobHead}>
        <strong>{operationName(job.operationType)}</strong>
        <Badge look={look}>{word}</Badge>
      </div>
      <p className={style.faint}>
        <time dateTime={job.createdAt} title={formatTime(job.createdAt)}>{formatAgo(job.createdAt)}</time>
        {" · "}{formatTokens(job.cost)} · studio
      </p>
      {job.error && <p className={style.bad}>{job.error}</p>}
      {result && <ResultActions facts={facts} result={result} bytes={null} compare={compare} />}
    </li>
  );
}
