import { useState } from "react";
import { newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { formatCount, formatTokens } from "../../format";
import { changeUser, useAdminChanged, type User } from "./admin_data";

export function BanUser({ user, onClose }: { user: User; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const changed = useAdminChanged();
  const show = useToast();
  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { data } = await changeUser(user.id, { action: "ban", reason }, newIdempotencyKey());
      const { cancelled = 0, tokens_released: released = 0 } = data!.jobs ?? {};
      show(`${user.email} is banned` +
        (cancelled > 0 ? `; ${formatCount(cancelled, "job")} cancelled, ${formatTokens(released)} given back` : ""));
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
    await changed();
  };
  return (
    <Dialog title={`Ban ${user.email}?`} onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" type="submit" form="ban" isBusy={isBusy}>Ban</Button>
      </>
    }>
      <p>
        Sessions and shared links rest at once, waiting jobs are cancelled and their tokens given back. API keys end for
        good.
      </p>
      <form id="ban" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <TextField label="Reason" required maxLength={500} autoFocus hint="Stands in the audit log" value={reason}
          onChange={(event) => setReason(event.currentTarget.value)} />
      </form>
      <ProblemNote error={problem} />
    </Dialog>
  );
}
