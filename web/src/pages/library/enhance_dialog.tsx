import { useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { $api, api, newIdempotencyKey } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Button, ButtonLink } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem_state";
import { Choice } from "../../components/tabs";
import { useToast } from "../../components/toast";
import { formatTokens } from "../../format";
import { kTiers, type TierName, usePrices } from "../../tiers";
import { useBulk } from "./bulk";
import { BulkProgress } from "./bulk_progress";
import style from "./enhance_dialog.module.css";
import { countPictures, refreshPictures } from "./picture_list";

const kChoices = kTiers.map(({ name, label, side }) => ({ value: name, label: `${label}, ${side} pixels` }));
const kAtOnce = 50; // what the API takes in a quarter of an hour

// What it costs for all, and what there is, before the click.
export function EnhanceDialog({ ids, onClose }: { ids: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const { data: wallet, error } = $api.useQuery("get", "/api/tokens/balance");
  const [tier, setTier] = useState<TierName>("TIER_2K");
  const [left, setLeft] = useState(ids);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { progress, run } = useBulk();
  // A second try of a picture in the same tier is the same order.
  const keys = useRef(new Map<string, string>());
  const keyOf = (id: string) => {
    const order = `${id} ${tier}`;
    const key = keys.current.get(order) ?? newIdempotencyKey();
    keys.current.set(order, key);
    return key;
  };
  const tokens = usePrices()(tier);
  const price = tokens === undefined ? undefined : left.length * tokens;
  const missing = wallet && price !== undefined ? price - wallet.available : 0;
  const isTooMany = left.length > kAtOnce;
  const start = async () => {
    setProblem(null);
    const order = (id: string) => api.POST("/api/images/parallel-enhance", {
      params: { header: { "Idempotency-Key": keyOf(id) } }, body: { imageId: id, tiers: [tier] },
    });
    const { done, failed, problem: met } = await run("Starting", left, order);
    await client.invalidateQueries({ queryKey: ["get", "/api/tokens/balance"] });
    await refreshPictures(client);
    if (done.length > 0) toast(`${countPictures(done.length)} ${done.length === 1 ? "is" : "are"} being enhanced`);
    if (failed.length === 0) return onClose();
    setLeft(failed);
    setProblem(met);
  };
  return (
    <Dialog title={`Enhance ${countPictures(left.length)}`} onClose={onClose} actions={<>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="main" onClick={() => void start()} isBusy={progress !== null}
        disabled={!wallet || price === undefined || missing > 0 || isTooMany}>
        Enhance for {formatTokens(price)}
      </Button>
    </>}>
      <p>The longest side of each result:</p>
      <Choice label="Size of the results" value={tier} choices={kChoices} onChange={setTier} />
      <dl className={style.sums}>
        <div><dt>Price of each</dt><dd>{formatTokens(tokens)}</dd></div>
        <div><dt>Price of all {left.length}</dt><dd>{formatTokens(price)}</dd></div>
        <div><dt>Available</dt><dd>{wallet ? formatTokens(wallet.available) : "…"}</dd></div>
      </dl>
      {missing > 0 && (
        <div className={style.short} role="status">
          <p>{formatTokens(missing)} too few.</p>
          <ButtonLink href="/wallet">Open the wallet</ButtonLink>
        </div>
      )}
      {isTooMany && (
        <p className={style.short} role="status">
          At most {kAtOnce} pictures can be started in a quarter of an hour. Put more than that into an album and have
          the album enhanced.
        </p>
      )}
      {progress && <BulkProgress progress={progress} />}
      {problem && <p>{countPictures(left.length)} could not be started. What was started goes on.</p>}
      <ProblemNote error={problem ?? error} />
    </Dialog>
  );
}
