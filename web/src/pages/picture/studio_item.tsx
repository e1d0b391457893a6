import { Badge } from "../../components/badge";
import { formatAgo, formatTime, formatTokens } from "../../format";
import { kQueueWords } from "../../job_words";
import { ResultActions } from "./result_actions";
import { operationName, resultOfStudio, type StudioJob } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import style from "./panel.module.css";

// What the studio made of the picture.
export function StudioItem({ facts, job, compare }: { facts: ImageFacts; job: StudioJob; compare: Compare }) {
  const result = resultOfStudio(job);
  const { word, look } = kQueueWords[job.state];
  return (
    <li className={style.job} aria-label={`${operationName(job.operation)}, in the studio`}>
      <div className={style.jobHead}>
        <strong>{operationName(job.operation)}</strong>
        <Badge look={look}>{word}</Badge>
      </div>
      <p className={style.faint}>
        <time dateTime={new Date(job.created_at_ms).toISOString()} title={formatTime(job.created_at_ms)}>
          {formatAgo(job.created_at_ms)}
        </time>
        {" · "}{formatTokens(job.tokens_reserved + job.tokens_charged)} · studio
      </p>
      {job.error && <p className={style.bad}>{job.error}</p>}
      {result &&
        <ResultActions facts={facts} result={result} bytes={job.result?.size_bytes ?? null} compare={compare} />}
    </li>
  );
}
