import { Badge } from "../../components/badge";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatAgo, formatTokens } from "../../format";
import { JobLink } from "./job_link";
import { type Job, useOpenJobs } from "./wallet_queries";
import style from "./wallet_page.module.css";

const kColumns: Column<Job>[] = [
  { name: "Job", cell: (job) => <JobLink job={job} /> },
  { name: "State", cell: (job) => <State job={job} /> },
  { name: "Begun", cell: (job) => formatAgo(job.created_at_ms) },
  { name: "Reserved", cell: (job) => formatTokens(job.tokens_reserved), isNumber: true },
];

// What the reserved tokens are for.
export function Held() {
  const { data, error, refetch } = useOpenJobs();
  return (
    <Section title="Reserved for">
      <div className={style.held}>
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : data
          ? <Table caption="Jobs under way" columns={kColumns} rows={data.jobs} keyOf={({ id }) => id}
              empty="Nothing: no job of yours is under way." />
          : <Skeleton lines={1} />}
      </div>
    </Section>
  );
}

function State({ job }: { job: Job }) {
  if (job.state === "queued") return <Badge>waiting</Badge>;
  return (
    <span className={style.progress}>
      <Progress value={job.progress} label={`Progress of ${job.operation}`} />
    </span>
  );
}
