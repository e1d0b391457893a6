import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { Button } from "../../components/button";
import { useProblemToast, useToast } from "../../components/toast";
import { formatNumber, formatTime } from "../../format";
import { formatDuration, useAdminChanged } from "./admin_data";
import type { Draining } from "./drain_queue";
import type { Lane } from "./queue_data";
import style from "./queue.module.css";

const kTitles: Record<Lane["lane"], [string, string]> = {
  operations: ["Operations", "what users ask for"],
  background: ["Background", "what uploads bring with them"],
};

export function LaneCard({ lane, onDrain }: { lane: Lane; onDrain: (draining: Draining) => void }) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: () => lane.paused ? api.POST("/api/admin/queue/resume", { body: { lane: lane.lane } })
      : api.POST("/api/admin/queue/pause", { body: { lane: lane.lane } }),
    onSuccess: () => show(lane.paused ? "Resumed" : "Paused: what runs goes on, nothing new begins"),
    onError: tell,
    onSettled: () => void changed(),
  });
  const [title, meaning] = kTitles[lane.lane];
  return (
    <article className={style.lane} data-paused={lane.paused || undefined} aria-label={title}>
      <h2>{title} <small>{meaning}</small></h2>
      {lane.paused && lane.pausedAt &&
        <p className={style.paused}>Paused since {formatTime(lane.pausedAt)} by {lane.pausedBy}</p>}
      <dl className={style.figures}>
        <div><dt>Waiting</dt><dd>{formatNumber(lane.waiting)}</dd></div>
        <div><dt>Running</dt><dd>{formatNumber(lane.running)}</dd></div>
        <div>
          <dt>Failed</dt><dd className={lane.failed > 0 ? style.bad : undefined}>{formatNumber(lane.failed)}</dd>
        </div>
        <div><dt>Oldest</dt><dd>{formatDuration(lane.oldestWaitingSeconds)}</dd></div>
      </dl>
      <div className={style.actions}>
        <Button isBusy={isPending} onClick={() => mutate()}>{lane.paused ? "Resume" : "Pause"}</Button>
        <Button disabled={lane.waiting === 0}
          onClick={() => onDrain({ what: { lane: lane.lane }, count: lane.waiting, name: `the lane ${lane.lane}` })}>
          Drain
        </Button>
      </div>
    </article>
  );
}
