// A job from the click to its end.
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { useProblemToast, useToast } from "../../components/toast";
import { formatTokens } from "../../format";
import { kNothingChanged, type Operation, type Result, type Status } from "./operation";
import { ResultView } from "./result_view";
import { useCancel, useJob } from "./use_job";
import type { Source } from "./use_source";
import style from "./job_view.module.css";

interface JobViewProps {
  job: string;
  operation: Operation;
  source: Source | null; // what it was made of, as far as that is known
  onUse: (image: string) => void; // as the next input
  onUsePrompt: (prompt: string) => void;
  onBack: () => void; // to the settings
}

function waitingText({ status, position, progress, estimatedWait }: Status): string {
  const left = estimatedWait ? `, about ${estimatedWait} s` : "";
  if (status === "queued") return position && position > 1 ? `Waiting: ${position - 1} before it${left}`
    : `Waiting for a free place${left}`;
  return `${progress ?? 0} %${left}`;
}

function Running({ job, status, title }: { job: string; status: Status; title: string }) {
  const cancel = useCancel(job);
  const show = useToast();
  const tell = useProblemToast();
  const stop = () => cancel.mutate(undefined, {
    onSuccess: ({ refunded }) =>
      show(refunded ? `Cancelled: ${formatTokens(refunded)} came back` : "It stops; its tokens come back"),
    onError: tell,
  });
  return (
    <div className={style.running}>
      <h2>{title}</h2>
      <Progress label={`${title}: progress`}
        value={status.status === "processing" ? (status.progress ?? 0) / 100 : null} />
      <p role="status">{waitingText(status)}</p>
      <Button isBusy={cancel.isPending} onClick={stop}>Cancel</Button>
    </div>
  );
}

interface EndedProps {
  title: string;
  text?: string;
  refunded?: number;
  onBack: () => void;
}

function Ended({ title, text, refunded, onBack }: EndedProps) {
  return (
    <div className={style.running} role="status">
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {refunded ? <p>{formatTokens(refunded)} came back.</p> : null}
      <Button onClick={onBack}>Change the settings</Button>
    </div>
  );
}

export function JobView(props: JobViewProps) {
  const { job, operation, onBack } = props;
  const { status, error, refetch } = useJob(job);
  if (!status) {
    if (!error) return <Skeleton lines={6} />;
    return asProblem(error).kind === "missing"
      ? <Ended title="This result is not kept any more" onBack={onBack} />
      : <ProblemState error={error} onRetry={() => void refetch()} />;
  }
  switch (status.status) {
    case "queued":
    case "processing": return <Running job={job} status={status} title={operation.title} />;
    case "failed": {
      const { error, code, refunded } = status;
      const title = code === kNothingChanged ? "Nothing needed to be changed" : "It could not be done";
      return <Ended title={title} text={error} refunded={refunded} onBack={onBack} />;
    }
    case "cancelled": return <Ended title="Cancelled" refunded={status.refunded} onBack={onBack} />;
    case "completed": return <ResultView {...props} result={(status.result ?? {}) as Result} />;
  }
}
