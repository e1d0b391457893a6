import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button, ButtonLink } from "../../components/button";
import { ProblemNote } from "../../components/problem_state";
import { formatPixels, formatTokens } from "../../format";
import type { Operation } from "./operation";
import type { useEstimate } from "./use_estimate";
import style from "./price_bar.module.css";

interface PriceBarProps {
  operation: Operation;
  estimate: ReturnType<typeof useEstimate>;
  missing: string | null; // what is needed and not there
  isBusy: boolean;
  problem: unknown;
}

// What it costs and what there is, before the click.
export function PriceBar({ operation, estimate: { data, error }, missing, isBusy, problem }: PriceBarProps) {
  const { data: balance } = $api.useQuery("get", "/api/tokens/balance");
  const estimate = missing ? undefined : data;
  const cost = estimate?.cost ?? operation.cost;
  const available = balance?.available ?? estimate?.available ?? null;
  const isPoor = available !== null && available < cost;
  const refused = error ? asProblem(error) : null;
  const facts = estimate && [
    estimate.output && formatPixels(estimate.output.width, estimate.output.height),
    `about ${estimate.estimatedSeconds} s`,
  ].filter(Boolean).join(", ");
  return (
    <div className={style.bar}>
      <p className={style.price}>
        <strong>{formatTokens(cost)}</strong>
        <span>{available === null ? " " : `of ${formatTokens(available)} that you have`}</span>
      </p>
      <p className={style.facts}>{!operation.ready ? "Nothing on this server does this yet." : missing ? missing
        : refused?.kind === "refused" ? refused.message : facts ?? " "}</p>
      {problem !== null && <ProblemNote error={problem} />}
      {isPoor && problem === null && (
        <p className={style.poor}>
          That is not enough. <ButtonLink look="quiet" href="/wallet">Open the wallet</ButtonLink>
        </p>
      )}
      <Button look="main" type="submit" isBusy={isBusy} disabled={!operation.ready || missing !== null || isPoor}>
        {operation.title} for {formatTokens(cost)}
      </Button>
    </div>
  );
}
