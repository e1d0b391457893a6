import { Ellipsis, KeyRound, Pause, Play, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import { Confirm } from "../../components/dialog";
import { Menu } from "../../components/menu";
import { ProblemNote } from "../../components/problem_state";
import { useProblemToast, useToast } from "../../components/toast";
import { EndpointSecret } from "./endpoint_secret";
import { type Endpoint, useRefreshWebhooks } from "./webhook_queries";

interface EndpointProps {
  endpoint: Endpoint;
  onClose: () => void;
}

export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const refresh = useRefreshWebhooks();
  const show = useToast();
  const onError = useProblemToast();
  const [asked, setAsked] = useState<"secret" | "pause" | "delete" | null>(null);
  const close = () => setAsked(null);
  const path = { id: endpoint.id };
  const ping = $api.useMutation("post", "/api/v1/webhooks/endpoints/{id}/ping", {
    onError, onSuccess: () => show("A test is on its way"), onSettled: refresh,
  });
  const resume = $api.useMutation("patch", "/api/v1/webhooks/endpoints/{id}", {
    onError, onSuccess: () => show("The endpoint is on again"), onSettled: refresh,
  });
  return (
    <>
      <Menu label={`What to do with ${endpoint.url}`} isLabelHidden icon={<Ellipsis />} items={[
        { label: "Send a test", icon: <Send />, isDisabled: !endpoint.enabled || ping.isPending,
          run: () => ping.mutate({ params: { path, header: { "Idempotency-Key": newIdempotencyKey() } } }) },
        { label: "Its secret", icon: <KeyRound />, run: () => setAsked("secret") },
        endpoint.enabled
          ? { label: "Pause it", icon: <Pause />, run: () => setAsked("pause") }
          : { label: "Turn it on", icon: <Play />,
            run: () => resume.mutate({ params: { path }, body: { enabled: true } }) },
        { label: "Delete it", icon: <Trash2 />, isDanger: true, run: () => setAsked("delete") },
      ]} />
      {asked === "secret" && <EndpointSecret endpoint={endpoint} onClose={close} />}
      {asked === "pause" && <PauseEndpoint endpoint={endpoint} onClose={close} />}
      {asked === "delete" && <DeleteEndpoint endpoint={endpoint} onClose={close} />}
    </>
  );
}

function PauseEndpoint({ endpoint, onClose }: EndpointProps) {
  const refresh = useRefreshWebhooks();
  const pause = $api.useMutation("patch", "/api/v1/webhooks/endpoints/{id}", {
    onSuccess: () => {
      onClose();
      return refresh();
    },
  });
  return (
    <Confirm title="Pause this endpoint?" action="Pause it" isBusy={pause.isPending} onClose={onClose}
      onConfirm={() => pause.mutate({ params: { path: { id: endpoint.id } }, body: { enabled: false } })}>
      <p>
        Nothing is sent to <code>{endpoint.url}</code> until you turn it on again. What waits is given up, and can then
        be sent by hand.
      </p>
      <ProblemNote error={pause.error} />
    </Confirm>
  );
}

function DeleteEndpoint({ endpoint, onClose }: EndpointProps) {
  const refresh = useRefreshWebhooks();
  const show = useToast();
  const remove = $api.useMutation("delete", "/api/v1/webhooks/endpoints/{id}", {
    onSuccess: () => {
      onClose();
      show("The endpoint is deleted");
      return refresh();
    },
  });
  return (
    <Confirm title="Delete this endpoint?" action="Delete it" isBusy={remove.isPending} onClose={onClose}
      onConfirm={() => remove.mutate({ params: { path: { id: endpoint.id } } })}>
      <p><code>{endpoint.url}</code> goes with its secrets and with all that was sent to it. This cannot be undone.</p>
      <ProblemNote error={remove.error} />
    </Confirm>
  );
}
