import { useState } from "react";
import { Button } from "../components/button";
import { Dialog } from "../components/dialog";
import { TextField } from "../components/field";
import { ProblemNote } from "../components/problem_state";
import { useMe, useSession } from "../session/session";
import { signIn } from "../session/sign_in";

// Over the page as it is, so that nothing of it is lost.
export function SignInAgain() {
  const me = useMe();
  const { refresh, end } = useSession();
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    try {
      await signIn(me.email, password);
      await refresh();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title="Please sign in again"
      actions={<>
        <Button onClick={() => void end()}>Leave</Button>
        <Button look="main" type="submit" form="sign-in-again" isBusy={isBusy}>Sign in</Button>
      </>}>
      <p>Your session has ended. This page stays as you left it.</p>
      <form id="sign-in-again" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <input type="hidden" autoComplete="username" value={me.email} readOnly />
        <TextField label={`Password of ${me.email}`} type="password" autoComplete="current-password" required autoFocus
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      </form>
      <ProblemNote error={problem} />
    </Dialog>
  );
}
