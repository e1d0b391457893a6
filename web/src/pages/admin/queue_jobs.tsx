import { useState } from "react";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { Choice } from "../../components/tabs";
import { JobsTable } from "./jobs_table";
import { type JobState, useQueueJobs } from "./queue_data";
import style from "./queue.module.css";

const kPageSize = 25;
const kShownMax = 100;
const kStates = [
  { value: "queued", label: "Waiting" }, { value: "running", label: "Under way" }, { value: "failed", label: "Failed" },
  { value: "succeeded", label: "Done" }, { value: "cancelled", label: "Cancelled" },
] as const;

export function QueueJobs() {
  const [state, setState] = useState<JobState>("queued");
  const [limit, setLimit] = useState(kPageSize);
  const { data, error, refetch } = useQueueJobs(state, limit);
  const choose = (chosen: JobState) => {
    setState(chosen);
    setLimit(kPageSize);
  };
  return (
    <Section title="Jobs" actions={<Choice label="State" value={state} choices={kStates} onChange={choose} />}>
      {!data && (error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={6} />)}
      {data && <JobsTable jobs={data.jobs} />}
      {data?.nextCursor && limit < kShownMax &&
        <p className={style.more}>
          <Button onClick={() => setLimit(Math.min(kShownMax, limit * 2))}>Show more</Button>
        </p>}
    </Section>
  );
}
