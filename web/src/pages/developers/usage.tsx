import { useState } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/account";
import { Chart } from "../../components/chart";
import { Countdown } from "../../components/countdown";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Progress, Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { Choice } from "../../components/tabs";
import { formatBytes, formatCount, formatDate, formatName, formatNumber, formatTokens } from "../../format";
import style from "./developers_page.module.css";

type Span = "7" | "30" | "90";
type UsageView = components["schemas"]["AccountUsage"];
type Limit = components["schemas"]["Limit"];
const kSpans: readonly { value: Span; label: string }[] = [
  { value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" },
];
const kLookAgainMs = 15_000;

export function Usage() {
  const [span, setSpan] = useState<Span>("30");
  const { data, error, refetch } =
    $api.useQuery("get", "/api/account/usage", { params: { query: { days: Number(span) } } },
    { refetchInterval: kLookAgainMs });
  const choice = <Choice label="How far back" value={span} choices={kSpans} onChange={setSpan} />;
  if (error && !data) {
    return (
      <Section title="Usage" actions={choice}>
        <ProblemState error={error} onRetry={() => void refetch()} />
      </Section>
    );
  }
  return (
    <>
      <Section title="Usage" actions={choice}>
        {data ? <Charts days={data.days} /> : <div className={style.charts}><Skeleton lines={7} /></div>}
      </Section>
      {data && <Section title="By operation">
        <Table caption="Jobs by operation" columns={kOperationColumns} rows={data.operations}
          keyOf={({ operation }) => operation}
          empty="No job has ended in these days." />
      </Section>}
      {data && <Section title="Limits">
        <p className={style.lead}>
          What you may do from now on. Where one is reached, the answer is 429 with the seconds to wait
          in <code>Retry-After</code>. You store {formatCount(data.storage.image_count, "picture")} in{" "}
          {formatBytes(data.storage.used_bytes)} of {formatBytes(data.storage.quota_bytes)}.
        </p>
        <Table caption="Limits" columns={kLimitColumns} rows={data.limits} keyOf={({ name }) => name}
          empty="Nothing is limited here." />
      </Section>}
    </>
  );
}

function Charts({ days }: { days: UsageView["days"] }) {
  return (
    <div className={style.charts}>
      <Chart title="Jobs by day" names={["Succeeded", "Failed"]} format={formatNumber} columns={days.map((day) => (
        { label: formatDate(day.date), value: day.jobs_succeeded, below: day.jobs_failed }))} />
      <Chart title="Tokens spent by day" format={formatTokens} columns={days.map((day) => (
        { label: formatDate(day.date), value: day.tokens_spent }))} />
    </div>
  );
}

const kOperationColumns: Column<UsageView["operations"][number]>[] = [
  { name: "Operation", cell: ({ operation }) => formatName(operation) },
  { name: "Jobs", cell: ({ jobs }) => formatNumber(jobs), isNumber: true },
  { name: "Tokens", cell: ({ tokens }) => formatNumber(tokens), isNumber: true },
];

// The names of the API that do not speak for themselves.
const kLimitNames: Record<string, string> = {
  get_image: "Looking at a picture and its jobs", studio_operations: "Studio jobs",
  studio_address: "Studio calls from your address",
  studio_status: "Looking at studio jobs", upscale_hour: "Upscale jobs", upscale_day: "Upscale jobs",
  upscale_concurrent: "Upscale jobs",
};
const limitName = (name: string) => kLimitNames[name] ?? formatName(name);

const kLimitColumns: Column<Limit>[] = [
  { name: "What", cell: ({ name }) => limitName(name) },
  { name: "In", cell: windowOf },
  { name: "Left", cell: (limit) => <Left limit={limit} /> },
  { name: "All back in", cell: ({ resets_at_ms: at }) => (at ? <Countdown to={at} /> : "–"), isNumber: true },
];

function windowOf({ window_seconds: seconds }: Limit): string {
  if (!seconds) return "At a time";
  if (seconds % 86_400 === 0) return formatCount(seconds / 86_400, "day");
  if (seconds % 3_600 === 0) return formatCount(seconds / 3_600, "hour");
  return seconds % 60 === 0 ? formatCount(seconds / 60, "minute") : formatCount(seconds, "second");
}

function Left({ limit: { name, limit, remaining } }: { limit: Limit }) {
  if (remaining === null) return <>{formatNumber(limit)} in all</>;
  return (
    <span className={style.limit}>
      <span>{formatNumber(remaining)} of {formatNumber(limit)}</span>
      <Progress label={`Left of ${limitName(name)}`} value={limit ? remaining / limit : 0} />
    </span>
  );
}
