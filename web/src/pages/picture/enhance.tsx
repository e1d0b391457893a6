// What can be made of the picture, what it costs, and what there is to pay it with: all before the click.
import { Sparkles, WandSparkles } from "lucide-react";
import { useState } from "react";
import { Button, ButtonLink } from "../../components/button";
import { Countdown } from "../../components/countdown";
import { ProblemNote } from "../../components/problem_state";
import { formatNumber, formatPixels, formatTokens } from "../../format";
import { kTiers, type TierName, usePrices } from "../../tiers";
import type { ImageFacts } from "./use_image";
import { useBalance, useEnhance } from "./use_jobs";
import style from "./panel.module.css";

function firstLarger({ width, height }: ImageFacts): TierName {
  return (kTiers.find(({ side }) => side >= Math.max(width, height) * 2) ?? kTiers.at(-1)!).name;
}

function sizeAt({ width, height }: ImageFacts, side: number) {
  const factor = side / Math.max(width, height);
  const pixels = formatPixels(Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor)));
  const times = factor.toLocaleString(undefined, { maximumFractionDigits: 1 });
  const note = factor > 1.05 ? `${times} × the size` : factor < 0.95 ? "smaller than it is" : "as large as it is";
  return { pixels, note };
}

export function Enhance({ facts }: { facts: ImageFacts }) {
  const [tier, setTier] = useState<TierName>(() => firstLarger(facts));
  const enhance = useEnhance(facts.id);
  const { data: wallet } = useBalance();
  const priceOf = usePrices();
  const tokens = priceOf(tier);
  const left = wallet && tokens !== undefined ? wallet.available - tokens : 0;
  return (
    <section className={style.part}>
      <fieldset className={style.tiers}>
        <legend className="unseen">Size of the result</legend>
        {kTiers.map((one) => {
          const { pixels, note } = sizeAt(facts, one.side);
          return (
            <label key={one.name} className={style.tier}>
              <input type="radio" name="tier" checked={one.name === tier}
                onChange={() => { setTier(one.name); enhance.reset(); }} />
              <strong>{one.label}</strong>
              <span>{pixels}<small>{note}</small></span>
              <span key={priceOf(one.name)} className={style.price}>{formatTokens(priceOf(one.name))}</span>
            </label>
          );
        })}
      </fieldset>
      <p className={style.balance} aria-live="polite">
        {wallet && <>You have <strong>{formatTokens(wallet.available)}</strong></>}
        {wallet && tokens !== undefined && left >= 0 && `, ${formatNumber(left)} after this`}
      </p>
      {left < 0 && (
        <p className={style.tooDear}>
          {formatTokens(-left)} too few.
          {wallet?.nextTokenAt && <> The next comes in <Countdown to={new Date(wallet.nextTokenAt).getTime()} />.</>}
        </p>
      )}
      <ProblemNote error={enhance.error} />
      <Button look="main" icon={<Sparkles />} isBusy={enhance.isPending} disabled={left < 0 || tokens === undefined}
        onClick={() => enhance.mutate(tier)}>
        Enhance for {formatTokens(tokens)}
      </Button>
      <ButtonLink look="quiet" href={`/studio?image=${facts.id}`} icon={<WandSparkles />}>
        Do more in the studio
      </ButtonLink>
    </section>
  );
}
