// What was asked of the studio before, newest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { History, RotateCcw } from "lucide-react";
import { api } from "../../api/client";
import { variantUrl } from "../../api/picture_url";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Empty } from "../../components/empty";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatAgo, formatTokens } from "../../format";
import { kStudioWords } from "../../job_words";
import { type Job, type Operation, settingsInWords } from "./operation";
import style from "./job_history.module.css";

interface JobHistoryProps {
  operations: Operation[];
  onShow: (job: Job) => void;
  onRepeat: (job: Job) => void;
}

const kPageSize = 12;

type RowProps = { job: Job; title: string } & Pick<JobHistoryProps, "onShow" | "onRepeat">;

function Row({ job, title, onShow, onRepeat }: RowProps) {
  const { word, look } = kStudioWords[job.status];
  return (
    <li className={style.row}>
      {job.imageId
        ? <img src={variantUrl(job.imageId, "thumb")} alt="" width={56} height={56} loading="lazy" />
        : <span className={style.place} aria-hidden="true"><History /></span>}
      <div className={style.words}>
        <p><strong>{title}</strong> <Badge look={look}>{word}</Badge></p>
        <p className={style.settings}>{settingsInWords(job.data) || "Default settings"}</p>
        <p className={style.faint}>
          {formatAgo(job.createdAt)}, {formatTokens(job.cost)}{job.error && `: ${job.error}`}
        </p>
      </div>
      <div className={style.actions}>
        <Button onClick={() => onShow(job)} aria-label={`Show ${title}, ${formatAgo(job.createdAt)}`}>Show</Button>
        <Button look="quiet" icon={<RotateCcw />} aria-label="Again with these settings"
          title="Again with these settings"
          onClick={() => onRepeat(job)}>Again</Button>
      </div>
    </li>
  );
}

export function JobHistory({ operations, onShow, onRepeat }: JobHistoryProps) {
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["studio-jobs"],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: kPageSize, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await api.GET("/api/ai/jobs", { params: { query }, signal })).data!;
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.nextCursor,
  });
  const jobs = (data?.pages ?? []).flatMap((page) => page.jobs);
  const titleOf = ({ operationType }: Job) =>
    operations.find((one) => one.operationType === operationType)?.title ?? operationType;
  return (
    <Section title="Earlier">
      {isPending && <Skeleton lines={4} />}
      {error && !data && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data && jobs.length === 0 && (
        <Empty icon={<History />} title="Nothing yet">
          What you do here stands here afterwards, with its settings.
        </Empty>
      )}
      <ul className={style.rows}>
        {jobs.map((job) => <Row key={job.jobId} job={job} title={titleOf(job)} onShow={onShow} onRepeat={onRepeat} />)}
      </ul>
      {hasNextPage &&
        <div><Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button></div>}
    </Section>
  );
}
