import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { $api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { formatAgo, formatDay, formatName } from "../../format";
import { KeyActions } from "./key_actions";
import type { ApiKey } from "./key_queries";
import { kScopes, NewKey } from "./new_key";
import { ShownKey } from "./shown_key";
import style from "./developers_page.module.css";

const columnsWith = (onMade: (key: string | null) => void): Column<ApiKey>[] => [
  { name: "Name", cell: (key) =>
    <span className={style.name}>{key.name}{key.environment === "test" && <Badge>test</Badge>}</span> },
  { name: "Begins with", cell: (key) => <code>{key.prefix}…</code> },
  { name: "Plan", cell: (key) => formatName(key.plan) },
  { name: "May", cell: ({ scopes }) => (
    <span className={style.scopes}>{scopes.length === kScopes.length ? "Everything" : scopes.join(", ")}</span>
  ) },
  { name: "Ends", isWhole: true, cell: (key) => (key.expires_at ? formatDay(key.expires_at) : "Never") },
  { name: "Last used", isWhole: true, cell: (key) => (key.last_used_at ? formatAgo(key.last_used_at) : "Not yet") },
  { name: "Actions", isAction: true, cell: (key) => <KeyActions apiKey={key} onMade={onMade} /> },
];

export function Keys() {
  const { data, error, refetch } = $api.useQuery("get", "/api/v1/keys");
  const [isAsking, setAsking] = useState(false);
  const [made, setMade] = useState<{ key: string | null } | null>(null);
  const columns = useMemo(() => columnsWith((key) => setMade({ key })), []);
  return (
    <Section title="API keys"
      actions={<Button look="main" icon={<Plus />} onClick={() => setAsking(true)}>New key</Button>}>
      <p className={style.lead}>
        A key lets a program of yours do what you do here. Whoever has it is you: keep it where no one else reads.
      </p>
      {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : data
        ? <Table caption="API keys" columns={columns} rows={data.data.keys} keyOf={({ id }) => id}
            empty="There is no key yet. Make one for each program, so that each can be revoked alone." />
        : <Skeleton lines={4} />}
      {isAsking &&
        <NewKey onClose={() => setAsking(false)} onMade={(key) => { setAsking(false); setMade({ key }); }} />}
      {made && <ShownKey apiKey={made.key} onClose={() => setMade(null)} />}
    </Section>
  );
}
