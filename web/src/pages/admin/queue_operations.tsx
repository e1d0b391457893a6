import { Button } from "../../components/button";
import { formatNumber } from "../../format";
import { formatDuration } from "./admin_data";
import type { Draining } from "./drain_queue";
import type { Queue } from "./queue_data";
import style from "./queue.module.css";

type Row = Queue["operations"][number];

const kUnfinished =
  { underMinute: "< 1 min", underTenMinutes: "< 10 min", underHour: "< 1 h", overHour: "> 1 h" } as const;
const kFailed = { underHour: "last hour", underDay: "last day", underWeek: "last week" } as const;
const bandsOf = <Bands extends object>(bands: Bands) => Object.keys(bands) as (keyof Bands)[];

function Count({ value, isBad }: { value: number; isBad?: boolean }) {
  return (
    <td className={value === 0 ? style.none : isBad ? style.bad : undefined}>
      {value === 0 ? "·" : formatNumber(value)}
    </td>
  );
}

// What waits, runs and has failed of each operation, and for how long.
export function QueueOperations({ operations, onDrain }: { operations: Row[]; onDrain: (draining: Draining) => void }) {
  if (operations.length === 0) return <p className={style.faint}>Nothing waits, runs or has failed lately.</p>;
  return (
    <div className={style.wide} tabIndex={0} role="region" aria-label="Table of operations">
      <table className={style.operations}>
        <thead>
          <tr>
            <td />
            <th colSpan={5} scope="colgroup">Waiting</th>
            <th scope="colgroup">Running</th>
            <th colSpan={3} scope="colgroup">Failed</th>
            <td />
          </tr>
          <tr>
            <th scope="col">Operation</th>
            {Object.values(kUnfinished).map((band) => <th key={band} scope="col">{band}</th>)}
            <th scope="col">oldest</th>
            <th scope="col">all</th>
            {Object.values(kFailed).map((band) => <th key={band} scope="col">{band}</th>)}
            <td />
          </tr>
        </thead>
        <tbody>
          {operations.map((row) => <Operation key={`${row.lane} ${row.operation}`} row={row} onDrain={onDrain} />)}
        </tbody>
      </table>
    </div>
  );
}

function Operation({ row, onDrain }: { row: Row; onDrain: (draining: Draining) => void }) {
  const { lane, operation, waiting, running, failed } = row;
  return (
    <tr>
      <th scope="row">{operation}</th>
      {bandsOf(kUnfinished).map((band) => <Count key={band} value={waiting[band]} />)}
      <td>{formatDuration(row.oldestWaitingSeconds)}</td>
      <Count value={running.total} />
      {bandsOf(kFailed).map((band) => <Count key={band} value={failed[band]} isBad />)}
      <td>{waiting.total > 0 && <Button aria-label={`Drain ${operation}`}
        onClick={() => onDrain({ what: { lane, operation }, count: waiting.total, name: operation })}>
        Drain
      </Button>}</td>
    </tr>
  );
}
