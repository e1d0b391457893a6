import { useMemo, useState } from "react";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { Choice } from "../../components/tabs";
import { formatNumber, formatTime } from "../../format";
import { type Entry, type Filter, useHasPurchases, useJobsOf, useLedger } from "./history_queries";
import { JobLink } from "./job_link";
import type { Job } from "./wallet_queries";
import style from "./wallet_page.module.css";

const kWords: Record<Entry["kind"], string> = {
  initial: "To begin with", regeneration: "Came back by itself", capture: "Spent", grant: "Given",
  removal: "Taken away",
  purchase: "Bought", reversal: "Purchase undone",
};
const kFilters: readonly { value: Filter; label: string }[] = [
  { value: "all", label: "All" }, { value: "spent", label: "Spent" }, { value: "returned", label: "Came back" },
  { value: "granted", label: "Given" },
];
const kBought = { value: "bought", label: "Bought" } as const;

const signed = (amount: number) => `${amount < 0 ? "−" : "+"}${formatNumber(Math.abs(amount))}`;

const columnsWith = (jobs: ReadonlyMap<string, Job>): Column<Entry>[] => [
  { name: "When", isWhole: true, cell: (entry) => formatTime(entry.createdAt) },
  { name: "What", cell: (entry) => <What entry={entry} job={entry.jobId ? jobs.get(entry.jobId) : undefined} /> },
  { name: "Tokens", isNumber: true,
    cell: (entry) => <span className={entry.amount > 0 ? style.gain : undefined}>{signed(entry.amount)}</span> },
  { name: "Balance", cell: (entry) => formatNumber(entry.balanceAfter), isNumber: true },
];

export function History() {
  const [filter, setFilter] = useState<Filter>("all");
  const ledger = useLedger(filter);
  const jobs = useJobsOf(ledger.entries);
  const columns = useMemo(() => columnsWith(jobs), [jobs]);
  const filters = useHasPurchases() ? [...kFilters, kBought] : kFilters;
  return (
    <Section title="History"
      actions={<Choice label="Which entries" value={filter} choices={filters} onChange={setFilter} />}>
      {ledger.error && !ledger.data ? <ProblemState error={ledger.error} onRetry={() => void ledger.refetch()} />
        : ledger.data
        ? <Table caption="What changed your balance" columns={columns} rows={ledger.entries} keyOf={({ id }) => id}
            empty="There are no entries of this kind." />
        : <Skeleton lines={6} />}
      {ledger.hasNextPage && (
        <p>
          <Button isBusy={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
            Show older ones
          </Button>
        </p>
      )}
    </Section>
  );
}

function What({ entry, job }: { entry: Entry; job: Job | undefined }) {
  return (
    <span className={style.what}>
      {job ? <JobLink job={job} /> : kWords[entry.kind]}
      {entry.note && <span className={style.note}>{entry.note}</span>}
    </span>
  );
}
