import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { $api } from "../../api/client";
import { TextField } from "../../components/field";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatTime } from "../../format";
import { useSettled } from "../../settled";
import { type AuditEntry, kTypingPauseMs } from "./admin_data";
import style from "./admin.module.css";
import { MorePages } from "./more_pages";

const words = (name: string) => name.replaceAll("_", " ");
const told = (fields: Record<string, unknown>) =>
  Object.entries(fields).map(([name, value]) =>
    `${words(name)}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");

// What was changed, from what to what.
function Changed({ entry }: { entry: AuditEntry }) {
  const [before, after] = [told(entry.before), told(entry.after)];
  return <span className={style.changed}>{before && <>{before} → </>}{after}</span>;
}

const kColumns: Column<AuditEntry>[] = [
  { name: "When", isWhole: true, cell: (entry) => formatTime(entry.at) },
  { name: "Who", isWhole: true, cell: (entry) => (entry.actor.includes("-")
    ? <Link href={`/admin/users/${entry.actor}`}><code>{entry.actor.slice(0, 8)}</code></Link> : entry.actor) },
  { name: "What", isWhole: true, cell: (entry) => words(entry.action) },
  { name: "Whom", isWhole: true, cell: (entry) => entry.user_id &&
    <Link href={`/admin/users/${entry.user_id}`}><code>{entry.user_id.slice(0, 8)}</code></Link> },
  { name: "Why", cell: (entry) => entry.reason },
  { name: "Change", cell: (entry) => <Changed entry={entry} /> },
];

export default function AuditSection() {
  const [query] = useSearchParams();
  const [user, setUser] = useState(query.get("user") ?? "");
  const [actor, setActor] = useState("");
  const [settledUser, settledActor] =
    [useSettled(user.trim(), kTypingPauseMs), useSettled(actor.trim(), kTypingPauseMs)];
  const audit = $api.useInfiniteQuery("get", "/api/admin/audit", { params: { query: {
    limit: 50, ...(settledUser ? { user_id: settledUser } : {}), ...(settledActor ? { actor: settledActor } : {}),
  } } }, { pageParamName: "cursor", initialPageParam: null, getNextPageParam: (last) => last.nextCursor });
  return (
    <div className={style.section}>
      <search className={style.filters}>
        <TextField label="Whom it concerns" placeholder="A user's id" value={user}
          onChange={(event) => setUser(event.currentTarget.value)} />
        <TextField label="Who did it" placeholder="admin key, command line, or a user's id" value={actor}
          onChange={(event) => setActor(event.currentTarget.value)} />
      </search>
      {!audit.data && (audit.error ? <ProblemState error={audit.error} onRetry={() => void audit.refetch()} />
        : <Skeleton lines={10} />)}
      {audit.data && <>
        <Table caption="Audit log" columns={kColumns} rows={audit.data.pages.flatMap((page) => page.entries)}
          keyOf={(entry) => entry.id}
          empty="Nothing of this kind was done." />
        <MorePages {...audit} />
      </>}
    </div>
  );
}
