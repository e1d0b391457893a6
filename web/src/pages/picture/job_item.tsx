import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Progress } from "../../components/progress";
import { useProblemToast, useToast } from "../../components/toast";
import { formatAgo, formatTime, formatTokens } from "../../format";
import { kEnhancementWords } from "../../job_words";
import { ResultActions } from "./result_actions";
import { resultOf, tierOf } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import { isOpen, type Job, useCancelJob } from "./use_jobs";
import style from "./panel.module.css";

export function JobItem({ facts, job, compare }: { facts: ImageFacts; job: Job; compare: Compare }) {
  const result = resultOf(job);
  const { word, look } = kEnhancementWords[job.status];
  return (
    <li className={style.job} aria-label={`Enhancement to ${tierOf(job.tier).name}`}>
      <div className={style.jobHead}>
        <strong>Enhanced to {tierOf(job.tier).name}</strong>
        <Badge look={look}>{word}</Badge>
      </div>
      <p className={style.faint}>
        <time dateTime={job.createdAt} title={formatTime(job.createdAt)}>{formatAgo(job.createdAt)}</time>
        {" · "}{["REFUNDED", "CANCELLED"].includes(job.status) ? "nothing charged" : formatTokens(job.tokensCost)}
      </p>
      {job.errorMessage && <p className={style.bad}>{job.errorMessage}</p>}
      {isOpen(job) && <Running imageId={facts.id} job={job} />}
      {result && <ResultActions facts={facts} result={result} bytes={job.enhancedSizeBytes} compare={compare} />}
    </li>
  );
}

function Running({ imageId, job }: { imageId: string; job: Job }) {
  const cancel = useCancelJob(imageId);
  const toast = useToast();
  const showProblem = useProblemToast();
  const stop = () => cancel.mutate(job.id, {
    onSuccess: ({ tokensReleased }) => toast(tokensReleased
      ? `Cancelled: ${formatTokens(tokensReleased)} came back` : "It stops in a moment; its tokens come back then"),
    onError: showProblem,
  });
  const progress = job.status === "PENDING" || job.progress === undefined ? null : job.progress / 100;
  return (
    <div className={style.running}>
      <Progress value={progress} label={`Enhancing to ${tierOf(job.tier).name}`} />
      <span className={style.percent}>{progress === null ? "" : `${job.progress} %`}</span>
      <Button onClick={stop} isBusy={cancel.isPending}>Cancel</Button>
    </div>
  );
}
