import { useState } from "react";
import { useLocation } from "wouter";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { useReached } from "../../components/countdown";
import { TextField } from "../../components/field";
import { PasswordField } from "../../components/password_field";
import { ProblemNote } from "../../components/problem_state";
import { useDraft } from "../../session/draft";
import { useSession } from "../../session/session";
import { signUp } from "../../session/sign_in";
import style from "./sign_in_page.module.css";

export function SignUpForm() {
  const { refresh } = useSession();
  const [, go] = useLocation();
  const [email, setEmail, clearEmail] = useDraft("sign-in", "");
  const [name, setName, clearName] = useDraft("sign-up-name", "");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const canTry = useReached(problem ? asProblem(problem).retryAt : null);
  const isTaken = problem !== null && asProblem(problem).code === "user_already_exists";

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await signUp(email, password, name.trim());
      clearEmail();
      clearName();
      await refresh();
      go("/library");
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={style.fields} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <TextField label="Name" name="name" autoComplete="name" maxLength={200} hint="May be left empty" value={name}
        onChange={(event) => setName(event.currentTarget.value)} />
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required value={email}
        error={isTaken ? "There is an account with this e-mail already. Sign in with it below." : null}
        onChange={(event) => setEmail(event.currentTarget.value)} />
      <PasswordField label="Password" name="password" isNew required value={password}
        onChange={(event) => setPassword(event.currentTarget.value)} />
      <ProblemNote error={isTaken ? null : problem} />
      <Button look="main" type="submit" isBusy={isBusy} disabled={!canTry}>Make the account</Button>
    </form>
  );
}
