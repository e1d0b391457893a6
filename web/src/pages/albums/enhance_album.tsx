import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useActKey } from "../../api/act_key";
import { $api, api } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Checkbox } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { Choice } from "../../components/tabs";
import { useToast } from "../../components/toast";
import { formatCount, formatNumber, formatTokens } from "../../format";
import { kTiers, type TierName, tierOf, usePrices } from "../../tiers";
import type { Album } from "./album_data";
import style from "./enhance_album.module.css";

const kImagesMax = 20; // of one batch

interface EnhanceAlbumProps {
  album: Album;
  onClose: () => void;
  onStarted: (batchId: string) => void;
}

export function EnhanceAlbum({ album, onClose, onStarted }: EnhanceAlbumProps) {
  const [tier, setTier] = useState<TierName>("TIER_2K");
  const [isSkipping, setSkipping] = useState(true);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useActKey();
  const { data: wallet } = $api.useQuery("get", "/api/tokens/balance");
  const client = useQueryClient();
  const show = useToast();
  const { side } = tierOf(tier);
  const tokens = usePrices()(tier);
  const count = Math.min(kImagesMax, album.image_count);
  const price = tokens === undefined ? undefined : count * tokens;
  const left = wallet && price !== undefined ? wallet.available - price : 0;
  const isTooMany = album.image_count > kImagesMax;

  const start = async () => {
    setBusy(true);
    setProblem(null);
    const body = { tier, skipAlreadyEnhanced: isSkipping };
    try {
      const { data } = await api.POST("/api/albums/{id}/enhance",
        { params: { path: { id: album.album_id }, header: { "Idempotency-Key": key.of(body) } }, body });
      const batchId = data!.jobs[0]?.jobId;
      show(batchId ? `${formatCount(data!.queued, "picture")} for ${formatTokens(data!.totalCost)}`
        : "All pictures of this album have been enhanced at this size before");
      void client.invalidateQueries({ queryKey: ["get", "/api/tokens/balance"] });
      if (batchId) onStarted(batchId);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Enhance the album" onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" isBusy={isBusy} disabled={price === undefined || (isTooMany && !isSkipping)}
          onClick={() => void start()}>
          {isSkipping ? `Enhance for at most ${formatTokens(price)}` : `Enhance for ${formatTokens(price)}`}
        </Button>
      </>
    }>
      <Choice label="Size" value={tier} onChange={setTier}
        choices={kTiers.map(({ name, label }) => ({ value: name, label }))} />
      <p className={style.hint}>
        The longest side of each result has {formatNumber(side)} pixels. The originals stay as they are.
      </p>
      <Checkbox label="Leave out what has been enhanced at this size" checked={isSkipping}
        hint="These cost nothing." onChange={(event) => setSkipping(event.currentTarget.checked)} />
      <dl className={style.sum}>
        <dt>{formatCount(count, "picture")} at {formatTokens(tokens)}</dt>
        <dd>{isSkipping && "at most "}{formatTokens(price)}</dd>
        <dt>You have</dt>
        <dd>{wallet ? formatTokens(wallet.available) : "…"}</dd>
        {wallet && price !== undefined && left >= 0 && <><dt>Left afterwards</dt>
          <dd>{isSkipping && "at least "}{formatTokens(left)}</dd></>}
      </dl>
      {left < 0 && <p className={style.short}>
        {isSkipping ? "Your tokens may not suffice for all." : "Your tokens do not suffice."} <a href="/wallet">Open the
          wallet</a>
      </p>}
      {isTooMany && <p className={style.hint}>
        At most {kImagesMax} pictures are enhanced at a time. This album has {formatNumber(album.image_count)}
        {isSkipping ? ": it works once no more than that are left."
          : ": leave out what has been enhanced, or use a smaller album."}
      </p>}
      <ProblemNote error={problem} />
    </Dialog>
  );
}
