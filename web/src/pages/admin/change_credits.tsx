import { useState } from "react";
import { useActKey } from "../../api/act_key";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { formatTokens } from "../../format";
import { useDraft } from "../../session/draft";
import { changeUser, useAdminChanged, type User } from "./admin_data";

interface ChangeCreditsProps {
  user: User;
  action: "add_credits" | "remove_credits";
  onClose: () => void;
}

const kAmountMax = 1_000_000;

export function ChangeCredits({ user, action, onClose }: ChangeCreditsProps) {
  const [fields, setFields, clear] = useDraft(`${action} ${user.id}`, { amount: "", reason: "" });
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useActKey();
  const changed = useAdminChanged();
  const show = useToast();
  const isGrant = action === "add_credits";

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    const change = { action, amount: Number(fields.amount), reason: fields.reason };
    try {
      await changeUser(user.id, change, key.of(change));
      show(`${formatTokens(Number(fields.amount))} ${isGrant ? "granted to" : "removed from"} ${user.email}`);
      clear();
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
    await changed();
  };
  return (
    <Dialog title={isGrant ? "Grant tokens" : "Remove tokens"} onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look={isGrant ? "main" : "danger"} type="submit" form="credits" isBusy={isBusy}>
          {isGrant ? "Grant" : "Remove"}
        </Button>
      </>
    }>
      <p>{user.email} has {formatTokens(user.available)} available.</p>
      <form id="credits" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <TextField label="Tokens" type="number" inputMode="numeric" required autoFocus min={1} step={1}
          max={isGrant ? kAmountMax : user.available} value={fields.amount}
          onChange={(event) => setFields({ ...fields, amount: event.currentTarget.value })} />
        <TextField label="Reason" required maxLength={500}
          hint="Stands in the audit log and in the ledger, which the user sees"
          value={fields.reason} onChange={(event) => setFields({ ...fields, reason: event.currentTarget.value })} />
      </form>
      <ProblemNote error={problem} />
    </Dialog>
  );
}
