import { Fragment } from "react";
import { ProblemNote } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { JobItem } from "./job_item";
import { StudioItem } from "./studio_item";
import type { StudioJob } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import type { useJobs } from "./use_jobs";
import style from "./panel.module.css";

interface HistoryProps {
  facts: ImageFacts;
  jobs: ReturnType<typeof useJobs>;
  studioJobs: StudioJob[];
  compare: Compare;
}

// What was made of the picture, newest first.
export function History({ facts, jobs, studioJobs, compare }: HistoryProps) {
  const all = [
    ...(jobs.data ?? []).map((job) => ({ id: job.id, at: job.createdAt, item: <JobItem facts={facts} job={job} compare={compare} /> })),
    ...studioJobs.map((job) => ({ id: job.jobId, at: job.createdAt, item: <StudioItem facts={facts} job={job} compare={compare} /> })),
  ].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <section className={style.part} aria-label="History">
      <h2>History</h2>
      <ProblemNote error={jobs.error} />
      {jobs.isPending && !jobs.error && <Skeleton lines={2} />}
      {jobs.data && !all.length && <p className={style.faint}>Nothing yet. What you have made of this picture will stand here.</p>}
      <ul className={style.jobs}>{all.map(({ id, item }) => <Fragment key={id}>{item}</Fragment>)}</ul>
    </section>
  );
}
