import { useQueryClient } from "@tanstack/react-query";
import { LogOut, Monitor, Smartphone, Terminal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/account";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { Section } from "../../components/page";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { useProblemToast, useToast } from "../../components/toast";
import { formatAgo, formatCount, formatDay } from "../../format";
import { type Device, deviceOf } from "./device";
import style from "./account_page.module.css";

type Session = components["schemas"]["Session"];

const kIcons: Record<Device["kind"], ReactNode> = {
  computer: <Monitor />, phone: <Smartphone />, program: <Terminal />,
};
const kQuery = ["get", "/api/account/sessions"];

export function Sessions() {
  const { data, error, refetch } = $api.useQuery("get", "/api/account/sessions");
  const [isAsking, setAsking] = useState(false);
  const sessions = data?.sessions;
  const others = sessions?.filter(({ current }) => !current) ?? [];
  return (
    <Section title="Where you are signed in" actions={
      <Button look="danger" disabled={others.length === 0} onClick={() => setAsking(true)}>
        Sign out everywhere else
      </Button>
    }>
      {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : sessions
        ? <ul className={style.sessions}>{sessions.map((session) => <Row key={session.id} session={session} />)}</ul>
        : <Skeleton lines={4} />}
      {isAsking && <EndOthers count={others.length} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function Row({ session }: { session: Session }) {
  const client = useQueryClient();
  const showProblem = useProblemToast();
  const show = useToast();
  const device = deviceOf(session.user_agent);
  const end = $api.useMutation("delete", "/api/account/sessions/{id}", {
    onSuccess: () => show(`${device.name} is signed out`),
    onError: showProblem,
    onSettled: () => client.invalidateQueries({ queryKey: kQuery }),
  });
  return (
    <li>
      {kIcons[device.kind]}
      <div>
        <p className={style.device}>{device.name}{session.current && <Badge look="good">This one</Badge>}</p>
        <p className={style.when}>
          {session.remote_address && <>{session.remote_address} · </>}
          last used {formatAgo(session.last_used_at_ms)} · since {formatDay(session.created_at_ms)}
        </p>
      </div>
      {!session.current && (
        <Button look="quiet" icon={<LogOut />} aria-label={`Sign out ${device.name}`} isBusy={end.isPending}
          onClick={() => end.mutate({ params: { path: { id: session.id } } })} />
      )}
    </li>
  );
}

function EndOthers({ count, onClose }: { count: number; onClose: () => void }) {
  const client = useQueryClient();
  const show = useToast();
  const end = $api.useMutation("delete", "/api/account/sessions", {
    onSuccess: async ({ ended }) => {
      onClose();
      show(`Signed out in ${formatCount(ended, "other place")}`);
      await client.invalidateQueries({ queryKey: kQuery });
    },
  });
  return (
    <Confirm title="Sign out everywhere else?" action="Sign out" isBusy={end.isPending} onClose={onClose}
      onConfirm={() => end.mutate({})}>
      <p>
        {formatCount(count, "other session ends", "other sessions end")} at once. Who is there signs in again. API keys
        go on working.
      </p>
      <ProblemNote error={end.error} />
    </Confirm>
  );
}
