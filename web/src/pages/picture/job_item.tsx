import { Download, ScanEye } from "lucide-react";
import { Badge } from "../../components/badge";
import { Button, ButtonLink } from "../../components/button";
import { Progress } from "../../components/progress";
import { useProblemToast, useToast } from "../../components/toast";
import { formatAgo, formatBytes, formatTime, formatTokens } from "../../format";
import { formatPixels, isComparable, resultOf, tierOf } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import { isOpen, type Job, stateOf, useCancelJob } from "./use_jobs";
import style from "./panel.module.css";

export function JobItem({ facts, job, compare }: { facts: ImageFacts; job: Job; compare: Compare }) {
  const look = job.status === "COMPLETED" ? "good" : isOpen(job) ? "busy" : job.status === "CANCELLED" ? "plain" : "bad";
  return (
    <li className={style.job} aria-label={`Enhancement to ${tierOf(job.tier).name}`}>
      <div className={style.jobHead}>
        <strong>Enhanced to {tierOf(job.tier).name}</strong>
        <Badge look={look}>{stateOf(job)}</Badge>
      </div>
      <p className={style.faint}>
        <time dateTime={job.createdAt} title={formatTime(job.createdAt)}>{formatAgo(job.createdAt)}</time>
        {" · "}{["REFUNDED", "CANCELLED"].includes(job.status) ? "nothing charged" : formatTokens(job.tokensCost)}
      </p>
      {job.errorMessage && <p className={style.bad}>{job.errorMessage}</p>}
      {isOpen(job) && <Running imageId={facts.id} job={job} />}
      {job.status === "COMPLETED" && <Done facts={facts} job={job} compare={compare} />}
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

function Done({ facts, job, compare }: { facts: ImageFacts; job: Job; compare: Compare }) {
  const result = resultOf(job);
  if (!result) return null;
  const isShown = compare.result?.id === job.id;
  return (
    <>
      <p className={style.faint}>
        {formatPixels(result.width, result.height)}{job.enhancedSizeBytes !== null && ` · ${formatBytes(job.enhancedSizeBytes)}`}
      </p>
      <div className={style.jobActions}>
        {isComparable(facts, result) && (
          <Button icon={<ScanEye />} aria-pressed={isShown} onClick={() => compare.choose(isShown ? null : job.id)}>Compare</Button>
        )}
        <ButtonLink look="quiet" href={result.url} icon={<Download />} download="">Download</ButtonLink>
      </div>
    </>
  );
}
