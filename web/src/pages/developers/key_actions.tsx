import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, RefreshCw, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { Confirm, Dialog } from "../../components/dialog";
import { Select } from "../../components/field";
import { Menu } from "../../components/menu";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { type ApiKey, kKeysQuery } from "./key_queries";
import { kOverlaps } from "./overlaps";

interface KeyProps {
  apiKey: ApiKey;
  onClose: () => void;
}

export function KeyActions({ apiKey, onMade }: { apiKey: ApiKey; onMade: (key: string | null) => void }) {
  const [asked, setAsked] = useState<"rotate" | "revoke" | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Menu label={`What to do with ${apiKey.name}`} isLabelHidden icon={<Ellipsis />} items={[
        { label: "Replace it", icon: <RefreshCw />, run: () => setAsked("rotate") },
        { label: "Revoke it", icon: <Trash2 />, isDanger: true, run: () => setAsked("revoke") },
      ]} />
      {asked === "rotate" && <Rotate apiKey={apiKey} onClose={close} onMade={(key) => { close(); onMade(key); }} />}
      {asked === "revoke" && <Revoke apiKey={apiKey} onClose={close} />}
    </>
  );
}

function Rotate({ apiKey, onClose, onMade }: KeyProps & { onMade: (key: string | null) => void }) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState("86400");
  const act = useMemo(() => ({ body: { overlap_seconds: Number(overlap) }, key: newIdempotencyKey() }), [overlap]);
  const rotate = $api.useMutation("post", "/api/v1/keys/{id}/rotate", {
    onSuccess: async ({ data }) => {
      onMade(data.key);
      await client.invalidateQueries({ queryKey: kKeysQuery });
    },
  });
  const submit = () => rotate.mutate({
    params: { path: { id: apiKey.id }, header: { "Idempotency-Key": act.key } }, body: act.body,
  });
  return (
    <Dialog title={`Replace ${apiKey.name}`} onClose={onClose} actions={<>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="main" isBusy={rotate.isPending} onClick={submit}>Make the new key</Button>
    </>}>
      <p>A new key with the same name, plan, scopes and end takes its place.</p>
      <Select label="The old key goes on working for" value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value)}>
        {kOverlaps.map(({ seconds, label }) => <option key={seconds} value={seconds}>{label}</option>)}
      </Select>
      <ProblemNote error={rotate.error} />
    </Dialog>
  );
}

function Revoke({ apiKey, onClose }: KeyProps) {
  const client = useQueryClient();
  const show = useToast();
  const revoke = $api.useMutation("delete", "/api/v1/keys/{id}", {
    onSuccess: async () => {
      onClose();
      show(`${apiKey.name} is revoked`);
      await client.invalidateQueries({ queryKey: kKeysQuery });
    },
  });
  return (
    <Confirm title={`Revoke ${apiKey.name}?`} action="Revoke the key" isBusy={revoke.isPending} onClose={onClose}
      onConfirm={() => revoke.mutate({ params: { path: { id: apiKey.id } } })}>
      <p>Programs that have <code>{apiKey.prefix}…</code> are refused from this moment on. This cannot be undone.</p>
      <ProblemNote error={revoke.error} />
    </Confirm>
  );
}
