import { Fragment } from "react";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { useReached } from "../../components/countdown";
import { ProblemNote } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { JobItem } from "./job_item";
import { StudioItem } from "./studio_item";
import type { StudioJob } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import type { useJobs } from "./use_jobs";
import style from "./panel.module.css";

function NotKnown({ jobs }: { jobs: ReturnType<typeof useJobs> }) {
  const canRetry = useReached(asProblem(jobs.error).retryAt);
  return (
    <>
      <ProblemNote error={jobs.error} />
      <Button disabled={!canRetry} isBusy={jobs.isFetching} onClick={() => void jobs.refetch()}>Try again</Button>
    </>
  );
}

interface HistoryProps {
  facts: ImageFacts;
  jobs: ReturnType<typeof useJobs>;
  studioJobs: StudioJob[];
  compare: Compare;
}

// What was made of the picture, newest first.
export function History({ facts, jobs, studioJobs, compare }: HistoryProps) {
  const enhancements = (jobs.data ?? []).map((job) =>
    ({ id: job.id, at: Date.parse(job.createdAt), item: <JobItem facts={facts} job={job} compare={compare} /> }));
  const others = studioJobs.map((job) =>
    ({ id: job.id, at: job.created_at_ms, item: <StudioItem facts={facts} job={job} compare={compare} /> }));
  const all = [...enhancements, ...others].sort((a, b) => b.at - a.at);
  return (
    <section className={style.part} aria-label="History">
      <h2>History</h2>
      {jobs.error && <NotKnown jobs={jobs} />}
      {jobs.isPending && !jobs.error && <Skeleton lines={2} />}
      {jobs.data && !all.length && (
        <p className={style.faint}>Nothing yet. What you have made of this picture will stand here.</p>
      )}
      <ul className={style.jobs}>{all.map(({ id, item }) => <Fragment key={id}>{item}</Fragment>)}</ul>
    </section>
  );
}
