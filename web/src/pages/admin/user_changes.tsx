// What an operator may change of a user: plan, credits, and whether he is let in.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { Select } from "../../components/field";
import { formatName } from "../../format";
import { useProblemToast, useToast } from "../../components/toast";
import { useMe } from "../../session/session";
import { type Change, changeUser, useAdminChanged, type User } from "./admin_data";
import style from "./admin.module.css";
import { BanUser } from "./ban_user";
import { ChangeCredits } from "./change_credits";

const kPlans = ["free", "starter", "professional", "enterprise"] as const;
type Plan = (typeof kPlans)[number];
type Shown = "add_credits" | "remove_credits" | "ban";

export function UserChanges({ user }: { user: User }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const me = useMe();
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: (change: Change) => changeUser(user.id, change, newIdempotencyKey()),
    onSuccess: (_, change) => {
      show(change.action === "unban" ? `${user.email} may sign in again` : `The plan is ${change.plan} now`);
      void changed();
    },
    onError: tell,
  });
  const close = () => setShown(null);
  return (
    <div className={style.changes}>
      <Select label="Plan" value={user.plan} disabled={isPending}
        onChange={(event) => mutate({ action: "set_plan", plan: event.currentTarget.value as Plan })}>
        {kPlans.map((plan) => <option key={plan} value={plan}>{formatName(plan)}</option>)}
      </Select>
      <Button onClick={() => setShown("add_credits")}>Grant tokens</Button>
      <Button onClick={() => setShown("remove_credits")} disabled={user.available === 0}>Remove tokens</Button>
      {user.status === "banned"
        ? <Button isBusy={isPending} onClick={() => mutate({ action: "unban" })}>Lift the ban</Button>
        : <Button look="danger" disabled={user.id === me.id} onClick={() => setShown("ban")}>Ban</Button>}
      {(shown === "add_credits" || shown === "remove_credits") &&
        <ChangeCredits user={user} action={shown} onClose={close} />}
      {shown === "ban" && <BanUser user={user} onClose={close} />}
    </div>
  );
}
