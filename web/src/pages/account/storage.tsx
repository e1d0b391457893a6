import { $api } from "../../api/client";
import { Badge } from "../../components/badge";
import { ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { formatBytes, formatNumber } from "../../format";
import style from "./account_page.module.css";

export function Storage() {
  const { data, error, refetch } = $api.useQuery("get", "/v1/usage");
  if (error) return <ProblemState error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className={style.storage}><Skeleton /></div>;
  const { storage, images } = data;
  return (
    <div className={style.storage}>
      <p>Your plan: <Badge>{data.plan}</Badge></p>
      <Measure label="Space" used={storage.used_bytes} max={storage.max_bytes} format={formatBytes} />
      <Measure label="Pictures" used={images.used} max={images.max} format={formatNumber} />
    </div>
  );
}

interface MeasureProps {
  label: string;
  used: number;
  max: number;
  format: (value: number) => string;
}

function Measure({ label, used, max, format }: MeasureProps) {
  return (
    <div className={style.measure}>
      <p><span>{label}</span><span>{format(used)} of {format(max)}</span></p>
      <Progress label={label} value={max ? Math.min(1, used / max) : 1} />
    </div>
  );
}
