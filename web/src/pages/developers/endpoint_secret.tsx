import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy_button";
import { Dialog } from "../../components/dialog";
import { Select } from "../../components/field";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatTime } from "../../format";
import { kOverlaps } from "./overlaps";
import type { Endpoint } from "./webhook_queries";
import style from "./developers_page.module.css";

// What messages are signed with. It can be read again, unlike a key: whoever receives must be set up with it.
export function EndpointSecret({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const params = { path: { id: endpoint.id } };
  const { data, error, refetch } =
    $api.useQuery("get", "/api/v1/webhooks/endpoints/{id}/secret", { params }, { gcTime: 0 });
  const [isShown, setShown] = useState(false);
  const secrets = data?.data.secrets;
  return (
    <Dialog title="Secret of the endpoint" onClose={onClose} isWide actions={<Button onClick={onClose}>Close</Button>}>
      <p>
        With it the receiver checks that a message to <code>{endpoint.url}</code> comes from here. Whoever has it can
        forge one.
      </p>
      {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : secrets ? secrets.map((one) => (
        <div key={one.id}>
          {one.expires_at && <p className={style.lead}>The one before, until {formatTime(one.expires_at)}:</p>}
          <p className={style.secret}>
            <code>{isShown ? one.secret : `${one.secret.slice(0, 10)}${"•".repeat(20)}`}</code>
            <CopyButton text={one.secret} label="Copy the secret" />
          </p>
        </div>
      )) : <Skeleton lines={2} />}
      {secrets && <p><Button onClick={() => setShown(!isShown)}>{isShown ? "Hide it" : "Show it"}</Button></p>}
      {secrets && <Rotate endpoint={endpoint} />}
    </Dialog>
  );
}

function Rotate({ endpoint }: { endpoint: Endpoint }) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState("86400");
  const [count, setCount] = useState(0); // of those made: each is an act of its own
  const act =
    useMemo(() => ({ body: { overlap_seconds: Number(overlap) }, key: newIdempotencyKey(), count }), [overlap, count]);
  const rotate = $api.useMutation("post", "/api/v1/webhooks/endpoints/{id}/secret/rotate", {
    onSuccess: async () => {
      setCount(count + 1);
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/webhooks/endpoints/{id}/secret"] });
    },
  });
  return (
    <>
      <div className={style.filters}>
        <Select label="This one goes on holding for" value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}>
          {kOverlaps.map(({ seconds, label }) => <option key={seconds} value={seconds}>{label}</option>)}
        </Select>
        <Button isBusy={rotate.isPending} onClick={() => rotate.mutate({
          params: { path: { id: endpoint.id }, header: { "Idempotency-Key": act.key } }, body: act.body,
        })}>Make a new secret</Button>
      </div>
      <ProblemNote error={rotate.error} />
    </>
  );
}
