import { Link } from "wouter";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { type Column, Table } from "../../components/table";
import { useProblemToast, useToast } from "../../components/toast";
import { formatTokens } from "../../format";
import { kQueueWords } from "../../job_words";
import { formatDuration, type Job, useAdminChanged } from "./admin_data";
import style from "./admin.module.css";

const since = (time: string | null) => time === null ? "–"
  : formatDuration(Math.max(0, (Date.now() - new Date(time).getTime()) / 1000));

function happened(job: Job): string {
  if (job.state === "queued") {
    return `for ${since(job.createdAt)}${job.failedAttempts > 0 ? `, failed ${job.failedAttempts}×` : ""}`;
  }
  if (job.state === "running") return `for ${since(job.startedAt)}, ${job.progress} %`;
  return `${since(job.finishedAt)} ago`;
}

const kColumns: Column<Job>[] = [
  { name: "Job", cell: (job) => <span data-job={job.id}><code>{job.id}</code></span> },
  { name: "Operation", cell: (job) => <>{job.operation} <span className={style.faint}>· {job.surface}</span></> },
  { name: "User", isWhole: true, cell: (job) =>
    <Link href={`/admin/users/${job.userId}`}><code>{job.userId.slice(0, 8)}</code></Link> },
  { name: "State", cell: (job) =>
    <><Badge look={kQueueWords[job.state].look}>{kQueueWords[job.state].word}</Badge> {happened(job)}</> },
  { name: "Error", cell: (job) => job.errorMessage &&
    <span className={style.bad}><code>{job.errorCode}</code> {job.errorMessage}</span> },
  { name: "Price", isNumber: true, cell: (job) => job.price },
  { name: "Actions", isAction: true, cell: (job) => <JobAction job={job} /> },
];

export function JobsTable({ jobs, isOfOne }: { jobs: Job[]; isOfOne?: boolean }) {
  const columns = isOfOne ? kColumns.filter(({ name }) => name !== "User") : kColumns;
  return <Table caption="Jobs" columns={columns} rows={jobs} keyOf={(job) => job.id} empty="There are none." />;
}

function JobAction({ job }: { job: Job }) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const onSettled = () => void changed();
  const init = { params: { path: { id: job.id } } };
  const retry = useMutation({
    mutationFn: () => api.POST("/api/admin/queue/jobs/{id}/retry", init),
    onSuccess: () => show("It waits again"), onError: tell, onSettled,
  });
  const cancel = useMutation({
    mutationFn: () => api.POST("/api/admin/queue/jobs/{id}/cancel", init),
    onSuccess: ({ data }) => show(`Cancelled, ${formatTokens(data!.tokensReleased)} given back`), onError: tell,
    onSettled,
  });
  if (job.state === "failed") {
    return (
      <Button isBusy={retry.isPending} aria-label={`Retry ${job.id}`} onClick={() => retry.mutate()}>
        Retry
      </Button>
    );
  }
  if (job.state === "running" && job.cancelRequested) return <span className={style.faint}>stopping</span>;
  if (job.state !== "queued" && job.state !== "running") return null;
  return (
    <Button isBusy={cancel.isPending} aria-label={`Cancel ${job.id}`} onClick={() => cancel.mutate()}>
      Cancel
    </Button>
  );
}
