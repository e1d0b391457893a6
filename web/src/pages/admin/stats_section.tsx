import { $api } from "../../api/client";
import type { components } from "../../api/schema/admin";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatBytes, formatNumber, formatTime } from "../../format";
import style from "./admin.module.css";

type Statistics = components["schemas"]["Statistics"];
type Sums = components["schemas"]["TokenSums"];

const kLookAgainMs = 30_000;
const kSums: Record<keyof Sums, string> = {
  initial: "Given at the start", regenerated: "Came back by themselves", granted: "Granted", purchased: "Bought",
  removed: "Removed", reversed: "Taken back with refunds", captured: "Spent on jobs",
};

type Row = { name: keyof Sums; today: number; all: number };
const kColumns: Column<Row>[] = [
  { name: "What", cell: (row) => kSums[row.name] },
  { name: "Today (UTC)", isNumber: true, cell: (row) => formatNumber(row.today) },
  { name: "Of all time", isNumber: true, cell: (row) => formatNumber(row.all) },
];

export default function StatsSection() {
  const { data, error, refetch } =
    $api.useQuery("get", "/api/admin/stats", undefined, { refetchInterval: kLookAgainMs });
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />;
  const rows = (Object.keys(kSums) as (keyof Sums)[]).map((name) =>
    ({ name, today: data.tokens.today[name], all: data.tokens.all[name] }));
  return (
    <div className={style.section}>
      <Figures stats={data} />
      <Section title="Tokens">
        <Table caption="Tokens" columns={kColumns} rows={rows} keyOf={(row) => row.name} />
      </Section>
      <p className={style.faint}>As of {formatTime(data.at)}.</p>
    </div>
  );
}

function Figures({ stats }: { stats: Statistics }) {
  const { users, images, storage_bytes: bytes, jobs, tokens, revenue_tokens: revenue } = stats;
  const figures: [string, string, string][] = [
    ["Users", formatNumber(users.total), `${formatNumber(users.active)} active, ${formatNumber(users.banned)} banned`],
    ["Pictures", formatNumber(images), formatBytes(bytes)],
    ["Jobs under way", formatNumber(jobs.queued + jobs.running), `${formatNumber(jobs.running)} running`],
    ["Jobs succeeded", formatNumber(jobs.succeeded),
      `${formatNumber(jobs.failed)} failed, ${formatNumber(jobs.cancelled)} cancelled`],
    ["Tokens reserved", formatNumber(tokens.reserved), "for jobs under way"],
    ["Tokens earned", formatNumber(revenue.all), `${formatNumber(revenue.today)} today`],
  ];
  return (
    <dl className={style.figures}>
      {figures.map(([name, value, more]) => (
        <div key={name}><dt>{name}</dt><dd className={style.big}>{value}</dd><dd>{more}</dd></div>
      ))}
    </dl>
  );
}
