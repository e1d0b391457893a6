import { Play } from "lucide-react";
import { useState } from "react";
import { useActKey } from "../../api/act_key";
import { api } from "../../api/client";
import { Button } from "../../components/button";
import { Countdown, useReached } from "../../components/countdown";
import { ProblemNote } from "../../components/problem_state";
import { Progress } from "../../components/progress";
import { formatCount, formatNumber } from "../../format";
import { FileButton } from "../../upload/upload_button";
import { useDropTarget } from "../../upload/upload_context";
import { type Batch, batchChanged, isOpen } from "./batch_data";
import type { BatchIntake, IntakeState } from "./batch_intake";
import { BatchPrice } from "./batch_price";
import style from "./batch_page.module.css";

// Until a batch is started: what has arrived, what has not and why, and what starting costs.
export function IntakeView({ batch, intake, state }: { batch: Batch; intake: BatchIntake; state: IntakeState }) {
  const { received_count: received, total_images: total, cost_per_image: each } = batch;
  const left = isOpen(batch) && !state.isSending ? total - received : 0;
  useDropTarget(left > 0 ? "Drop to add to this batch" : null, (files) => intake.add(files));
  return (
    <section className={style.intake} aria-label="Pictures">
      <p role="status"><strong>{formatNumber(received)} of {formatCount(total, "picture")} arrived</strong></p>
      {state.isSending && <Progress value={received / total} label="Pictures sent" />}
      <Waits until={state.waitsUntil} isSending={state.isSending} />
      <Refused intake={intake} state={state} canRetry={left > 0} />
      <ProblemNote error={state.problem} />
      {left > 0 && (
        <div className={style.row}>
          <FileButton label="Add pictures" look="plain" onFiles={(files) => intake.add(files)} />
          <span className={style.faint}>
            {formatCount(left, "more", "more")} can be dropped here. With the last one it starts by itself.
          </span>
        </div>
      )}
      {isOpen(batch) && !state.isSending && received > 0 && (
        <>
          <BatchPrice count={received} each={each} />
          <Start batch={batch} notStarted={state.notStarted} />
        </>
      )}
    </section>
  );
}

function Waits({ until, isSending }: { until: number | null; isSending: boolean }) {
  const isOver = useReached(until);
  if (!isSending || until === null || isOver) return null;
  return <p className={style.faint}>The server takes no more for now. It goes on in <Countdown to={until} />.</p>;
}

interface RefusedProps {
  intake: BatchIntake;
  state: IntakeState;
  canRetry: boolean;
}

function Refused({ intake, state: { failed, isSending }, canRetry }: RefusedProps) {
  if (failed.length === 0) return null;
  return (
    <div className={style.refused}>
      <h2>{formatCount(failed.length, "picture")} did not arrive</h2>
      <ul>{failed.map(({ file, reason }, at) => <li key={at}><strong>{file.name}</strong> {reason}</li>)}</ul>
      <div className={style.row}>
        {canRetry && <Button disabled={isSending} onClick={() => intake.retry()}>Send them again</Button>}
        <Button look="quiet" disabled={isSending} onClick={() => intake.leaveOut()}>Leave them out</Button>
      </div>
    </div>
  );
}

interface StartProps {
  batch: Batch;
  notStarted: string | null;
}

// Why it did not start by itself is said until it is started by hand.
function Start({ batch: { id, received_count: received }, notStarted }: StartProps) {
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useActKey();
  const start = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const params = { path: { id }, header: { "Idempotency-Key": key.of("start") } };
      batchChanged(id, (await api.POST("/api/batch/{id}/start", { params })).data);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <>
      {notStarted !== null && problem === null &&
        <p className={style.faint}>All have arrived, and it was not started: {notStarted}.</p>}
      <ProblemNote error={problem} />
      <div>
        <Button look="main" icon={<Play />} isBusy={isBusy} onClick={() => void start()}>
          Start with {formatCount(received, "picture")}
        </Button>
      </div>
    </>
  );
}
