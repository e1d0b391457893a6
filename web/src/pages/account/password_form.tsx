import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { PasswordField } from "../../components/password_field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import style from "./account_page.module.css";

export function PasswordForm({ email }: { email: string }) {
  const client = useQueryClient();
  const show = useToast();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = $api.useMutation("post", "/api/account/password", {
    onSuccess: async () => {
      setCurrent("");
      setNext("");
      show("Your password is changed, and you are signed out everywhere else");
      await client.invalidateQueries({ queryKey: ["get", "/api/account/sessions"] });
    },
  });
  const isWrong = change.error !== null && asProblem(change.error).status === 403;
  const submit = () => change.mutate({ body: { current_password: current, new_password: next } });
  return (
    <form className={style.form} onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <PasswordField label="Present password" name="current-password" required value={current}
        error={isWrong ? "This is not your password" : null}
        onChange={(event) => setCurrent(event.currentTarget.value)} />
      <PasswordField label="New password" name="new-password" isNew required value={next}
        onChange={(event) => setNext(event.currentTarget.value)} />
      <ProblemNote error={isWrong ? null : change.error} />
      <Button type="submit" isBusy={change.isPending}>Change the password</Button>
    </form>
  );
}
