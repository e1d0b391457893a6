import { useMemo, useSyncExternalStore } from "react";
import { Badge } from "../../components/badge";
import { Page } from "../../components/page";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { formatNumber } from "../../format";
import { labelOf, settingsInWords } from "../studio/operation";
import { BatchActions } from "./batch_actions";
import { BatchBoard } from "./batch_board";
import { type Batch, endedOf, isOpen, kBatchWords, useBatch } from "./batch_data";
import { IntakeView } from "./batch_intake_view";
import { intakeOf } from "./batch_intake";
import style from "./batch_page.module.css";

export default function BatchPage({ id }: { id: string }) {
  const { data: batch, error, refetch } = useBatch(id);
  if (!batch) {
    return (
      <Page title="Batch" isTitleHidden>
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Shown key={id} batch={batch} error={error} />;
}

function Shown({ batch, error }: { batch: Batch; error: unknown }) {
  const { id, name, operation, parameters, status } = batch;
  const intake = useMemo(() => intakeOf(id), [id]);
  const state = useSyncExternalStore(intake.subscribe, intake.snapshot);
  const { word, look } = kBatchWords[status];
  return (
    <Page title={name} lead={<Badge look={look}>{word}</Badge>} actions={<BatchActions batch={batch} />}>
      <p className={style.what}>
        {labelOf(operation.replaceAll("-", " "))}{Object.keys(parameters).length > 0 &&
        `: ${settingsInWords(parameters)}`}
      </p>
      <ProblemNote error={error} />
      {isOpen(batch) || state.isSending || state.failed.length > 0
        ? <IntakeView batch={batch} intake={intake} state={state} />
        : <HowFar batch={batch} />}
      <BatchBoard batch={batch} sources={intake.sources} />
    </Page>
  );
}

function HowFar({ batch }: { batch: Batch }) {
  const { received_count: received, completed_count: done, failed_count: failed, cancelled_count: cancelled,
    cost_per_image: each } = batch;
  const running =
    batch.images.reduce((sum, { status, job }) => sum + (status === "processing" ? (job?.progress ?? 0) / 100 : 0), 0);
  const words = [
    `${formatNumber(done)} of ${formatNumber(received)} done`, failed > 0 && `${formatNumber(failed)} failed`,
    cancelled > 0 && `${formatNumber(cancelled)} cancelled`, `${formatNumber(done * each)} tokens spent`,
  ].filter(Boolean).join(" · ");
  return (
    <div className={style.howFar}>
      <Progress value={(endedOf(batch) + running) / Math.max(1, received)} label="The whole batch" />
      <p role="status">{words}</p>
    </div>
  );
}
