import { $api } from "../../api/client";
import { ButtonLink } from "../../components/button";
import { formatCount, formatNumber, formatTokens } from "../../format";
import style from "./new_batch.module.css";

// What it costs and what there is, before the click.
export function BatchPrice({ count, each }: { count: number; each: number }) {
  const { data: balance } = $api.useQuery("get", "/api/tokens/balance");
  const cost = count * each;
  const isPoor = balance !== undefined && balance.available < cost;
  return (
    <div className={style.price}>
      <p>
        <strong>{formatTokens(cost)}</strong>
        <span>{balance ? `of ${formatTokens(balance.available)} that you have` : " "}</span>
      </p>
      <p>
        <span>
          {formatCount(count, "picture")}, {formatNumber(each)} each. What fails or is cancelled costs nothing.
        </span>
      </p>
      {isPoor && (
        <p className={style.poor}>That is not enough: the pictures are kept, and the batch can be started later.{" "}
          <ButtonLink look="quiet" href="/wallet">Open the wallet</ButtonLink></p>
      )}
    </div>
  );
}
