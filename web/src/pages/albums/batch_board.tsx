import { Ban, X } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { useProblemToast, useToast } from "../../components/toast";
import { formatCount, formatTokens } from "../../format";
import { type BatchJob, useBatch } from "./batch_data";
import { BatchJobRow } from "./batch_job_row";
import style from "./batch_board.module.css";

const sum = (jobs: BatchJob[], of: (job: BatchJob) => number) => jobs.reduce((all, job) => all + of(job), 0);

// How far an album's enhancement has come, picture by picture.
export function BatchBoard({ id, onClose }: { id: string; onClose: () => void }) {
  const { batch, error, refetch } = useBatch(id);
  if (!batch) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={4} />;
  const ended = batch.completed + batch.failed + batch.cancelled;
  const running = sum(batch.jobs, (job) => (job.status === "PROCESSING" ? job.progress / 100 : 0));
  const charged = sum(batch.jobs, (job) => (job.status === "COMPLETED" ? job.tokensCost : 0));
  const words = [
    `${batch.completed} of ${batch.total} done`,
    batch.failed > 0 && `${batch.failed} failed`,
    batch.cancelled > 0 && `${batch.cancelled} cancelled`,
    `${formatTokens(charged)} spent`,
  ].filter(Boolean).join(" · ");
  return (
    <Section title="Enhancement" actions={<>
      {batch.status === "PROCESSING" && <CancelRest jobs={batch.jobs} onDone={() => void refetch()} />}
      <Button look="quiet" icon={<X />} aria-label="Close the board" onClick={onClose} />
    </>}>
      <Progress value={(ended + running) / batch.total} label="The whole album" />
      <p className={style.words} role="status">{words}</p>
      <ul className={style.jobs} aria-label="Jobs">
        {batch.jobs.map((job) => <BatchJobRow key={job.id} job={job} />)}
      </ul>
    </Section>
  );
}

function CancelRest({ jobs, onDone }: { jobs: BatchJob[]; onDone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const show = useToast();
  const tell = useProblemToast();
  // The last ones first, so that none begins meanwhile.
  const cancel = async () => {
    setBusy(true);
    const open = jobs.filter((job) => job.status === "PENDING" || job.status === "PROCESSING").reverse();
    let released = 0;
    try {
      for (const { id } of open) {
        const { data } = await api.POST("/api/jobs/{id}/cancel", { params: { path: { id } } });
        released += data!.tokensReleased;
      }
      show(`${formatCount(open.length, "job")} stopped, ${formatTokens(released)} given back`);
    } catch (error) {
      tell(error);
    }
    setBusy(false);
    onDone();
  };
  return <Button icon={<Ban />} isBusy={isBusy} onClick={() => void cancel()}>Cancel the rest</Button>;
}
