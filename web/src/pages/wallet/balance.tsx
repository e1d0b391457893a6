import { type ReactNode, useEffect } from "react";
import { Countdown, useReached } from "../../components/countdown";
import { ProblemState } from "../../components/problem_state";
import { formatNumber, formatTokens } from "../../format";
import { useBalance, useRefreshWallet } from "./wallet_queries";
import style from "./wallet_page.module.css";

export function Balance() {
  const { data, error, refetch } = useBalance();
  if (error) return <ProblemState error={error} onRetry={() => void refetch()} />;
  return (
    <div className={style.balance} aria-busy={!data}>
      <dl className={style.figures}>
        <Figure name="Available" value={data?.available} isMain>
          {data && <Regeneration maximum={data.maximum} balance={data.balance} nextTokenAt={data.nextTokenAt} />}
        </Figure>
        <Figure name="Reserved" value={data?.reserved}>for work under way</Figure>
        <Figure name="Balance" value={data?.balance}>with what is reserved</Figure>
      </dl>
    </div>
  );
}

interface FigureProps {
  name: string;
  value: number | undefined;
  isMain?: boolean;
  children: ReactNode;
}

function Figure({ name, value, isMain, children }: FigureProps) {
  return (
    <div className={isMain ? style.mainFigure : undefined}>
      <dt>{name}</dt>
      <dd>{value === undefined ? "–" : formatNumber(value)}</dd>
      <dd className={style.note}>{children}</dd>
    </div>
  );
}

interface RegenerationProps {
  maximum: number;
  balance: number;
  nextTokenAt: string | null;
}

function Regeneration({ maximum, balance, nextTokenAt }: RegenerationProps) {
  if (nextTokenAt) return <NextToken key={nextTokenAt} at={Date.parse(nextTokenAt)} maximum={maximum} />;
  if (maximum === 0) return <>Tokens do not come back by themselves here</>;
  if (balance > maximum) return <>Tokens come back by themselves below {formatNumber(maximum)}</>;
  return <>{formatTokens(maximum)}: as many as come by themselves</>;
}

function NextToken({ at, maximum }: { at: number; maximum: number }) {
  const refresh = useRefreshWallet();
  const isHere = useReached(at);
  useEffect(() => {
    if (isHere) refresh();
  }, [isHere, refresh]);
  return <>The next token comes in <Countdown to={at} />, up to {formatNumber(maximum)}</>;
}
