import { ArrowLeft } from "lucide-react";
import { $api } from "../../api/client";
import { Badge } from "../../components/badge";
import { ButtonLink } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatBytes, formatDay, formatNumber } from "../../format";
import type { User } from "./admin_data";
import style from "./admin.module.css";
import { UserChanges } from "./user_changes";
import { UserJobs } from "./user_jobs";
import { UserLedger } from "./user_ledger";

export default function UserSection({ id }: { id: string }) {
  const { data, error, refetch } = $api.useQuery("get", "/api/admin/users/{id}", { params: { path: { id } } });
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />;
  const { user } = data;
  return (
    <div className={style.section}>
      <header className={style.head}>
        <ButtonLink href="/admin/users" look="quiet" icon={<ArrowLeft />} aria-label="All users" />
        <h2>{user.email}</h2>
        {user.role === "admin" && <Badge>admin</Badge>}
        {user.status === "banned" && <Badge look="bad">banned</Badge>}
      </header>
      <Facts user={user} />
      <UserChanges user={user} />
      <Section title="Ledger"><UserLedger id={id} /></Section>
      <Section title="Jobs"><UserJobs id={id} /></Section>
    </div>
  );
}

function Facts({ user }: { user: User }) {
  const facts: [string, string, long?: "long"][] = [
    ["Available", formatNumber(user.available)],
    ["Reserved", formatNumber(user.reserved)],
    ["Pictures", formatNumber(user.images)],
    ["Storage", formatBytes(user.storage_bytes)],
    ["Name", user.name || "–"],
    ["Since", formatDay(user.created_at)],
    ["Id", user.id, "long"],
  ];
  if (user.banned_at) facts.splice(6, 0, ["Banned", formatDay(user.banned_at)]);
  return (
    <dl className={style.facts}>
      {facts.map(([name, value, long]) =>
        <div key={name} className={long && style.long}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
