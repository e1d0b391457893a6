import { useRef, useState } from "react";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { useReached } from "../../components/countdown";
import { TextField } from "../../components/field";
import { PasswordField } from "../../components/password_field";
import { ProblemNote } from "../../components/problem_state";
import { useDraft } from "../../session/draft";
import { useSession } from "../../session/session";
import { signIn } from "../../session/sign_in";
import style from "./sign_in_page.module.css";

export function SignInForm() {
  const { refresh } = useSession();
  const [email, setEmail, clearEmail] = useDraft("sign-in", "");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const canTry = useReached(problem ? asProblem(problem).retryAt : null);

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await signIn(email, password);
      clearEmail();
      await refresh();
    } catch (error) {
      setProblem(error);
      form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} className={style.fields} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required value={email}
        onChange={(event) => setEmail(event.currentTarget.value)} />
      <PasswordField label="Password" name="password" required value={password}
        onChange={(event) => setPassword(event.currentTarget.value)} />
      <ProblemNote error={problem} />
      <Button look="main" type="submit" isBusy={isBusy} disabled={!canTry}>Sign in</Button>
    </form>
  );
}
