import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import type { components } from "../../api/schema/upscale";
import { Button } from "../../components/button";
import { Code } from "../../components/code";
import { Countdown } from "../../components/countdown";
import { Dialog } from "../../components/dialog";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatTime } from "../../format";
import { answerOf, StateBadge } from "./delivery_state";
import { isUnderWay, useRefreshWebhooks } from "./webhook_queries";
import style from "./developers_page.module.css";

const kLookAgainMs = 2_000;

// For eyes; what is sent has no spaces.
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export function DeliveryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const refresh = useRefreshWebhooks();
  const params = { path: { id } };
  const { data, error, refetch } = $api.useQuery("get", "/api/v1/webhooks/deliveries/{id}", { params }, {
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data.data) ? kLookAgainMs : false),
  });
  const again = $api.useMutation("post", "/api/v1/webhooks/deliveries/{id}/redeliver", { onSettled: refresh });
  const send = () => again.mutate({ params: { path: { id }, header: { "Idempotency-Key": newIdempotencyKey() } } });
  const delivery = data?.data;
  return (
    <Dialog title={delivery ? delivery.event : "Delivery"} onClose={onClose} isWide actions={<>
      <Button icon={<RotateCw />} isBusy={again.isPending} disabled={!delivery} onClick={send}>Send it again</Button>
      <Button onClick={onClose}>Close</Button>
    </>}>
      {error && !delivery ? <ProblemState error={error} onRetry={() => void refetch()} /> : delivery
        ? <><Facts delivery={delivery} /><Code label="What is sent" text={pretty(delivery.body)} /></>
        : <Skeleton lines={8} />}
      <ProblemNote error={again.error} />
    </Dialog>
  );
}

function Facts({ delivery }: { delivery: components["schemas"]["WebhookDeliveryDetail"] }) {
  const { last_attempt_at: last, next_attempt_at: next } = delivery;
  return (
    <>
      <dl className={style.facts}>
        <Fact name="State"><StateBadge state={delivery.state} /></Fact>
        <Fact name="Answer">{answerOf(delivery)}</Fact>
        <Fact name="Tries">{delivery.attempts}</Fact>
        <Fact name="Last try">{last ? formatTime(last) : "None"}</Fact>
        {next && <Fact name="Next try in"><Countdown to={Date.parse(next)} /></Fact>}
        <Fact name="Message"><code>{delivery.id}</code></Fact>
        {delivery.job_id && <Fact name="Job"><code>{delivery.job_id}</code></Fact>}
      </dl>
      {delivery.error && <p className={style.error}>{delivery.error}</p>}
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) =>
  <div><dt>{name}</dt><dd>{children}</dd></div>;
