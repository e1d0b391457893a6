import { Ban, Download, Pause, Play, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useActKey } from "../../api/act_key";
import { api } from "../../api/client";
import { Button, ButtonLink } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { useProblemToast, useToast } from "../../components/toast";
import { formatCount, formatTokens } from "../../format";
import { type Batch, batchChanged, isOpen } from "./batch_data";

type Act = "pause" | "resume" | "retry" | "cancel" | "delete";

// What can be done with a batch as it is now.
export function BatchActions({ batch }: { batch: Batch }) {
  const { id, name, status, completed_count: done, failed_count: failed, cost_per_image: each } = batch;
  const [busy, setBusy] = useState<Act | null>(null);
  const [asked, setAsked] = useState<"cancel" | "delete" | null>(null);
  const [, go] = useLocation();
  const show = useToast();
  const tell = useProblemToast();
  const init = { params: { path: { id } } };

  const run = async (act: Act, work: () => Promise<Batch | undefined>) => {
    setBusy(act);
    try {
      batchChanged(id, await work());
    } catch (error) {
      tell(error);
    }
    setBusy(null);
    setAsked(null);
  };
  const pause = () => run("pause", async () => (await api.POST("/api/batch/{id}/pause", init)).data);
  const resume = () => run("resume", async () => (await api.POST("/api/batch/{id}/resume", init)).data);
  const retries = useActKey();
  const retry = () => run("retry", async () => {
    const params = { path: { id }, header: { "Idempotency-Key": retries.of("retry") } };
    const { data } = await api.POST("/api/batch/{id}/retry", { params });
    retries.done();
    return data;
  });
  const cancel = () => run("cancel", async () => {
    const { data } = await api.POST("/api/batch/{id}/cancel", init);
    show(`${formatCount(data!.cancelled, "picture")} cancelled, ${formatTokens(data!.refunded)} given back`);
    return undefined;
  });
  const remove = () => run("delete", async () => {
    await api.DELETE("/api/batch/{id}", init);
    go("/batches");
    return undefined;
  });
  const isGoing = status === "processing" || status === "paused";
  return (
    <>
      {done > 0 && <ButtonLink look={isGoing ? "plain" : "main"} icon={<Download />}
        href={`/api/batch/${id}/results.zip`} download>Download {formatCount(done, "result")}</ButtonLink>}
      {failed > 0 && <Button icon={<RotateCw />} isBusy={busy === "retry"}
        onClick={() => void retry()}>Retry {failed} for {formatTokens(failed * each)}</Button>}
      {status === "processing" &&
        <Button icon={<Pause />} isBusy={busy === "pause"} onClick={() => void pause()}>Pause</Button>}
      {status === "paused" &&
        <Button look="main" icon={<Play />} isBusy={busy === "resume"} onClick={() => void resume()}>Go on</Button>}
      {isGoing && <Button icon={<Ban />} onClick={() => setAsked("cancel")}>Cancel</Button>}
      {!isGoing && <Button look="quiet" icon={<Trash2 />} onClick={() => setAsked("delete")}>Delete</Button>}
      {asked === "cancel" && (
        <Confirm title={`Cancel “${name}”?`} action="Cancel the rest" isBusy={busy === "cancel"}
          onConfirm={() => void cancel()} onClose={() => setAsked(null)}>
          <p>What is done stays and can be downloaded. The tokens of the rest come back.</p>
        </Confirm>
      )}
      {asked === "delete" && (
        <Confirm title={`Delete “${name}”?`} action="Delete the batch" isBusy={busy === "delete"}
          onConfirm={() => void remove()} onClose={() => setAsked(null)}>
          <p>
            {isOpen(batch)
              ? "The pictures that have arrived for it go."
              : "It goes with the pictures that were sent to it. Download the results before: they can no longer be " +
                "found here."}
          </p>
        </Confirm>
      )}
    </>
  );
}
