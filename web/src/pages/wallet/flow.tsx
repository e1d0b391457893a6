import { useState } from "react";
import { $api } from "../../api/client";
import { Chart } from "../../components/chart";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { Choice } from "../../components/tabs";
import { formatDate, formatTokens } from "../../format";
import style from "./wallet_page.module.css";

type Span = "30" | "90" | "365";
const kSpans: readonly { value: Span; label: string }[] = [
  { value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "A year" },
];

export function Flow() {
  const [span, setSpan] = useState<Span>("30");
  const { data, error, refetch } =
    $api.useQuery("get", "/api/account/usage", { params: { query: { days: Number(span) } } });
  const columns =
    data?.days.map((day) => ({ label: formatDate(day.date), value: day.tokens_received, below: day.tokens_spent }));
  return (
    <Section title="In and out"
      actions={<Choice label="How far back" value={span} choices={kSpans} onChange={setSpan} />}>
      <div className={style.chart}>
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : columns
          ? <Chart title="Tokens by day" columns={columns} format={formatTokens} names={["Came in", "Spent"]} />
          : <Skeleton lines={6} />}
      </div>
    </Section>
  );
}
