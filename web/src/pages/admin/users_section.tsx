import { useState } from "react";
import { Link } from "wouter";
import { $api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { TextField } from "../../components/field";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { Choice } from "../../components/tabs";
import { formatBytes, formatDay, formatNumber } from "../../format";
import { useSettled } from "../../settled";
import { kTypingPauseMs, type User } from "./admin_data";
import style from "./admin.module.css";

const kPageSize = 50;
const kStatuses =
  [{ value: "all", label: "All" }, { value: "active", label: "Active" }, { value: "banned", label: "Banned" }] as const;
type Status = (typeof kStatuses)[number]["value"];

const kColumns: Column<User>[] = [
  { name: "User", cell: (user) => <span className={style.user}>
    <Link href={`/admin/users/${user.id}`}>{user.email}</Link>
    {user.role === "admin" && <Badge>admin</Badge>}
    {user.status === "banned" && <Badge look="bad">banned</Badge>}
  </span> },
  { name: "Plan", cell: (user) => user.plan },
  { name: "Tokens", isNumber: true, cell: (user) => formatNumber(user.available) },
  { name: "Pictures", isNumber: true, cell: (user) => formatNumber(user.images) },
  { name: "Storage", isNumber: true, cell: (user) => formatBytes(user.storage_bytes) },
  { name: "Since", isNumber: true, cell: (user) => formatDay(user.created_at) },
];

export default function UsersSection() {
  const [words, setWords] = useState("");
  const [status, setStatus] = useState<Status>("all");
  const [offset, setOffset] = useState(0);
  const search = useSettled(words.trim(), kTypingPauseMs);
  const { data, error, refetch } = $api.useQuery("get", "/api/admin/users",
    { params: { query: { ...(search ? { search } : {}), status, limit: kPageSize, offset } } },
    { placeholderData: (before) => before });
  const last = data ? Math.min(data.total, offset + data.users.length) : 0;
  return (
    <div className={style.section}>
      <search className={style.filters}>
        <TextField label="Search by e-mail" isLabelHidden type="search" placeholder="Search by e-mail" value={words}
          onChange={(event) => { setWords(event.currentTarget.value); setOffset(0); }} />
        <Choice label="Status" value={status} choices={kStatuses}
          onChange={(value) => { setStatus(value); setOffset(0); }} />
      </search>
      {!data && (error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />)}
      {data && <>
        <Table caption="Users" columns={kColumns} rows={data.users} keyOf={(user) => user.id}
          empty="No user is like that." />
        <nav className={style.pages} aria-label="Pages of users">
          <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - kPageSize))}>Newer</Button>
          <span role="status">
            {data.total > 0 && `${formatNumber(offset + 1)} to ${formatNumber(last)} of ${formatNumber(data.total)}`}
          </span>
          <Button disabled={last >= data.total} onClick={() => setOffset(offset + kPageSize)}>Older</Button>
        </nav>
      </>}
    </div>
  );
}
