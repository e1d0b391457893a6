import { useMemo } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { useDraft } from "../../session/draft";
import { useRefreshWebhooks } from "./webhook_queries";

export function NewEndpoint({ onClose }: { onClose: () => void }) {
  const refresh = useRefreshWebhooks();
  const show = useToast();
  const [url, setUrl, clear] = useDraft("new-endpoint", "");
  const act = useMemo(() => ({ body: { url: url.trim() }, key: newIdempotencyKey() }), [url]);
  const make = $api.useMutation("post", "/api/v1/webhooks/endpoints", {
    onSuccess: async () => {
      clear();
      onClose();
      show("The endpoint is there. Its secret is behind its menu.");
      await refresh();
    },
  });
  const submit = () => make.mutate({ params: { header: { "Idempotency-Key": act.key } }, body: act.body });
  return (
    <Dialog title="A new endpoint" onClose={onClose} actions={<>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="main" type="submit" form="new-endpoint" isBusy={make.isPending}>Make the endpoint</Button>
    </>}>
      <form id="new-endpoint" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <TextField label="Address" type="url" required autoFocus placeholder="https://example.org/webhooks" value={url}
          hint="http or https, at a host that everybody can reach"
          onChange={(event) => setUrl(event.currentTarget.value)} />
      </form>
      <ProblemNote error={make.error} />
    </Dialog>
  );
}
