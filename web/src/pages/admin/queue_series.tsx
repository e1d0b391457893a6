import { Chart } from "../../components/chart";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatNumber } from "../../format";
import { formatDuration } from "./admin_data";
import { type Series, useSeries, type Window } from "./queue_data";
import style from "./queue.module.css";

type Point = Series["points"][number];

const timeOf = (point: Point) => new Date(point.from).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// What ended in each step, and how long that had waited and run.
export function QueueSeries({ window }: { window: Window }) {
  const { data, error, refetch } = useSeries(window);
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={5} />;
  const step = data.stepSeconds === 60 ? "minute" : "hour";
  const ended = data.points.map((point) =>
    ({ label: timeOf(point), value: point.succeeded, below: point.failed + point.cancelled }));
  return (
    <div className={style.charts}>
      <Chart title={`Ended each ${step}`} names={["succeeded", "failed or cancelled"]} columns={ended}
        format={formatNumber} />
      <Durations title="Waiting time" name="wait" points={data.points} />
      <Durations title="Running time" name="run" points={data.points} />
    </div>
  );
}

function Durations({ title, name, points }: { title: string; name: "wait" | "run"; points: Point[] }) {
  const longest = Math.max(0, ...points.map((point) => point[name].maxMs ?? 0));
  const columns = points.map((point) => ({ label: timeOf(point), value: (point[name].meanMs ?? 0) / 1000 }));
  const atMost = longest > 0 ? `; at most ${formatDuration(longest / 1000)}` : "";
  return <Chart title={`${title}, on average${atMost}`} columns={columns}
    format={formatDuration} />;
}
