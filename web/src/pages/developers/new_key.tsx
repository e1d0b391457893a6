import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { $api, newIdempotencyKey } from "../../api/client";
import type { components } from "../../api/schema/upscale";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Checkbox, Select, TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { formatName } from "../../format";
import { useDraft } from "../../session/draft";
import { useMe } from "../../session/session";
import { kKeysQuery } from "./key_queries";
import style from "./developers_page.module.css";

type Schemas = components["schemas"];
type Scope = Schemas["Scope"];
type Plan = Schemas["Plan"];

export const kScopes: readonly { scope: Scope; meaning: string }[] = [
  { scope: "images:read", meaning: "See pictures and albums" },
  { scope: "images:write", meaning: "Upload, change and delete them" },
  { scope: "jobs:read", meaning: "See jobs and their results" },
  { scope: "jobs:write", meaning: "Start and cancel jobs, which may cost tokens" },
  { scope: "webhooks:read", meaning: "See webhooks and what was sent" },
  { scope: "webhooks:write", meaning: "Make, change and send webhooks" },
];
const kPlans: readonly Plan[] = ["free", "starter", "professional"];
const kEnds: readonly { days: string; label: string }[] = [
  { days: "", label: "Never" }, { days: "30", label: "In 30 days" }, { days: "90", label: "In 90 days" },
  { days: "365", label: "In a year" },
];
const kDayMs = 86_400_000;

interface Wish {
  name: string;
  environment: Schemas["Environment"];
  plan: string; // empty: one's own
  scopes: Scope[];
  days: string;
}

const kWish: Wish = { name: "", environment: "live", plan: "", scopes: kScopes.map(({ scope }) => scope), days: "" };

const bodyOf = ({ name, environment, plan, scopes, days }: Wish): Schemas["NewApiKey"] => ({
  name: name.trim(), environment, scopes,
  ...(plan ? { plan: plan as Plan } : {}),
  ...(days ? { expires_at: new Date(Date.now() + Number(days) * kDayMs).toISOString() } : {}),
});

export function NewKey({ onClose, onMade }: { onClose: () => void; onMade: (key: string | null) => void }) {
  const client = useQueryClient();
  const me = useMe();
  const [wish, setWish, clear] = useDraft("new-key", kWish);
  // One act for each wish: a second try after a lost answer makes no second key.
  const act = useMemo(() => ({ body: bodyOf(wish), key: newIdempotencyKey() }), [wish]);
  const make = $api.useMutation("post", "/api/v1/keys", {
    onSuccess: async ({ data }) => {
      clear();
      onMade(data.key);
      await client.invalidateQueries({ queryKey: kKeysQuery });
    },
  });
  const change = (some: Partial<Wish>) => setWish({ ...wish, ...some });
  const toggle = (scope: Scope, isOn: boolean) => {
    const isWished = (one: Scope) => (one === scope ? isOn : wish.scopes.includes(one));
    change({ scopes: kScopes.map((one) => one.scope).filter(isWished) });
  };
  const submit = () => make.mutate({ params: { header: { "Idempotency-Key": act.key } }, body: act.body });
  return (
    <Dialog title="A new API key" onClose={onClose} actions={<>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="main" type="submit" form="new-key" isBusy={make.isPending} disabled={wish.scopes.length === 0}>
        Make the key
      </Button>
    </>}>
      <form id="new-key" className={style.form} onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <TextField label="Name" required maxLength={100} autoFocus autoComplete="off"
          hint="So that you know later which program has it"
          value={wish.name} onChange={(event) => change({ name: event.currentTarget.value })} />
        <div className={style.row}>
          <Select label="For" value={wish.environment} hint="Test keys use up nothing of what live ones may"
            onChange={(event) => change({ environment: event.currentTarget.value as Wish["environment"] })}>
            <option value="live">Live use</option><option value="test">Tests</option>
          </Select>
          <Select label="Plan" value={wish.plan} hint="Its limits are those of its plan"
            onChange={(event) => change({ plan: event.currentTarget.value })}>
            <option value="">Mine ({me.plan})</option>
            {kPlans.filter((plan) => plan !== me.plan).map((plan) =>
              <option key={plan} value={plan}>{formatName(plan)}</option>)}
          </Select>
        </div>
        <Select label="Ends" value={wish.days} onChange={(event) => change({ days: event.currentTarget.value })}>
          {kEnds.map(({ days, label }) => <option key={days} value={days}>{label}</option>)}
        </Select>
        <fieldset className={style.fieldset}>
          <legend>It may</legend>
          {kScopes.map(({ scope, meaning }) => (
            <Checkbox key={scope} label={meaning} hint={scope} checked={wish.scopes.includes(scope)}
              onChange={(event) => toggle(scope, event.currentTarget.checked)} />
          ))}
        </fieldset>
        <ProblemNote error={make.error} />
      </form>
    </Dialog>
  );
}
