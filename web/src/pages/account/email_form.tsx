import { useState } from "react";
import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { TextField } from "../../components/field";
import { PasswordField } from "../../components/password_field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { useDraft } from "../../session/draft";
import { useSession } from "../../session/session";
import style from "./account_page.module.css";

// Another address is another way in: it asks for the password.
export function EmailForm({ email }: { email: string }) {
  const { refresh } = useSession();
  const show = useToast();
  const [wanted, setWanted, clear] = useDraft<string | null>("account-email", null);
  const [password, setPassword] = useState("");
  const change = $api.useMutation("patch", "/api/account", {
    onSuccess: async () => {
      await refresh();
      clear();
      setPassword("");
      show("From now on you sign in with the new address");
    },
  });
  const value = wanted ?? email;
  const isChanged = value !== email;
  const status = change.error ? asProblem(change.error).status : 0;
  const submit = () => change.mutate({ body: { email: value, current_password: password } });
  return (
    <form className={style.form} onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <TextField label="E-mail" name="email" type="email" autoComplete="email" required maxLength={320} value={value}
        hint="You sign in with it" error={status === 409 ? "There is an account with this e-mail already" : null}
        onChange={(event) => setWanted(event.currentTarget.value)} />
      {isChanged && (
        <PasswordField label="Your password" name="current-password" required value={password}
          error={status === 403 ? "This is not your password" : null}
          onChange={(event) => setPassword(event.currentTarget.value)} />
      )}
      <ProblemNote error={status === 409 || status === 403 ? null : change.error} />
      <Button type="submit" isBusy={change.isPending} disabled={!isChanged}>Change the e-mail</Button>
    </form>
  );
}
