import { useState } from "react";
import { asProblem } from "../../api/problem";
import { Section } from "../../components/page";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { Choice } from "../../components/tabs";
import { DrainQueue, type Draining } from "./drain_queue";
import { LaneCard } from "./lane_card";
import { useQueue, useSeries } from "./queue_data";
import { QueueJobs } from "./queue_jobs";
import { QueueOperations } from "./queue_operations";
import { QueueSeries } from "./queue_series";
import style from "./queue.module.css";

const kWindows = [{ value: "hour", label: "Hour" }, { value: "day", label: "Day" }] as const;

export default function QueueSection() {
  const { data: queue, error, refetch, dataUpdatedAt } = useQueue();
  const [window, setWindow] = useState<"hour" | "day">("hour");
  const [draining, setDraining] = useState<Draining | null>(null);
  const { isLoading } = useSeries(window); // what stands above the jobs comes together, so that nothing pushes them
  if (!queue || isLoading) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />;
  }
  return (
    <div className={style.section}>
      <p className={style.live}>
        {error ? asProblem(error).message : `Live · ${new Date(dataUpdatedAt).toLocaleTimeString()}`}
      </p>
      {error && <ProblemNote error={error} />}
      <div className={style.lanes}>
        {queue.lanes.map((lane) => <LaneCard key={lane.lane} lane={lane} onDrain={setDraining} />)}
      </div>
      <Section title="By operation and age">
        <QueueOperations operations={queue.operations} onDrain={setDraining} />
      </Section>
      <Section title="Lately"
        actions={<Choice label="Window" value={window} choices={kWindows} onChange={setWindow} />}>
        <QueueSeries window={window} />
      </Section>
      <QueueJobs />
      {draining && <DrainQueue draining={draining} onClose={() => setDraining(null)} />}
    </div>
  );
}
