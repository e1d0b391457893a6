import { useState } from "react";
import { Link, useLocation } from "wouter";
import { Button } from "../../components/button";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useSession } from "../../session/session";
import { signIn, signUp } from "../../session/sign_in";
import style from "./sign_in_page.module.css";

// Stands in place of every page while nobody is signed in; the address stays, so that one arrives where one wanted to.
export function SignInPage({ isNew }: { isNew: boolean }) {
  const { refresh } = useSession();
  const [, go] = useLocation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await (isNew ? signUp(email, password, name) : signIn(email, password));
      await refresh();
      if (isNew) go("/library");
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={style.page}>
      <form className={style.form} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <img src="/icon.svg" alt="" width={44} height={44} />
        <h1>{isNew ? "Make an account" : "Sign in to Tintype"}</h1>
        {isNew && <TextField label="Name" autoComplete="name" maxLength={200} hint="May be left empty" value={name}
          onChange={(event) => setName(event.currentTarget.value)} />}
        <TextField label="E-mail" type="email" autoComplete="username" required value={email}
          onChange={(event) => setEmail(event.currentTarget.value)} />
        <TextField label="Password" type="password" autoComplete={isNew ? "new-password" : "current-password"} required
          minLength={isNew ? 8 : undefined} hint={isNew ? "At least 8 characters" : undefined} value={password}
          onChange={(event) => setPassword(event.currentTarget.value)} />
        <ProblemNote error={problem} />
        <Button look="main" type="submit" isBusy={isBusy}>{isNew ? "Make the account" : "Sign in"}</Button>
        <p>{isNew ? <>You have one? <Link href="/sign-in">Sign in</Link></> : <>New here? <Link href="/sign-up">Make an account</Link></>}</p>
      </form>
    </main>
  );
}
