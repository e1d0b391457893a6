import { $api } from "../../api/client";
import type { components } from "../../api/schema/admin";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatNumber, formatTime } from "../../format";
import { MorePages } from "./more_pages";

type Entry = components["schemas"]["LedgerEntry"];

const kKinds: Record<Entry["kind"], string> = {
  initial: "at the start", regeneration: "came back", capture: "spent", grant: "granted", removal: "removed",
  purchase: "bought", reversal: "refunded",
};

const kColumns: Column<Entry>[] = [
  { name: "When", isWhole: true, cell: (entry) => formatTime(entry.created_at) },
  { name: "What", cell: (entry) => <>{kKinds[entry.kind]}{entry.job_id && <> · <code>{entry.job_id}</code></>}</> },
  { name: "Reason", cell: (entry) => entry.note },
  { name: "Tokens", isNumber: true, cell: (entry) =>
    (entry.amount > 0 ? "+" : "−") + formatNumber(Math.abs(entry.amount)) },
  { name: "Balance", isNumber: true, cell: (entry) => formatNumber(entry.balance_after) },
];

export function UserLedger({ id }: { id: string }) {
  const ledger =
    $api.useInfiniteQuery("get", "/api/admin/users/{id}/ledger", { params: { path: { id }, query: { limit: 25 } } },
    { pageParamName: "cursor", initialPageParam: null, getNextPageParam: (last) => last.nextCursor });
  if (!ledger.data) {
    return ledger.error ? <ProblemState error={ledger.error} onRetry={() => void ledger.refetch()} />
      : <Skeleton lines={5} />;
  }
  return (
    <>
      <Table caption="Ledger" columns={kColumns} rows={ledger.data.pages.flatMap((page) => page.entries)}
        keyOf={(entry) => entry.id}
        empty="No token has come or gone yet." />
      <MorePages {...ledger} />
    </>
  );
}
