import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import hills from "./hills.svg";
import { SignInForm } from "./sign_in_form";
import style from "./sign_in_page.module.css";
import { SignUpForm } from "./sign_up_form";
import { useSignUpOpen } from "./sign_up_open";

// Stands in place of every page while nobody is signed in; the address stays, so that one arrives where one wanted to.
export function SignInPage({ isNew }: { isNew: boolean }) {
  const isOpen = useSignUpOpen();
  const title = isNew ? "Make an account" : "Sign in to Tintype";
  useEffect(() => {
    document.title = isNew ? "Sign up · Tintype" : "Sign in · Tintype";
  }, [isNew]);
  return (
    <main className={style.page}>
      <div className={style.side}>
        <div className={style.form}>
          <img src="/icon.svg" alt="" width={44} height={44} />
          <h1>{title}</h1>
          {isNew ? (isOpen ? <SignUpForm /> : <Closed />) : <SignInForm />}
          <p className={style.other}><Other isNew={isNew} isOpen={isOpen} /></p>
        </div>
        <p className={style.promise}>Your photographs stay on this server.</p>
      </div>
      <img className={style.picture} src={hills} alt="" />
    </main>
  );
}

function Other({ isNew, isOpen }: { isNew: boolean; isOpen: boolean }): ReactNode {
  if (isNew) return <>You have one? <Link href="/sign-in">Sign in</Link></>;
  if (!isOpen) return <>Accounts here are made by whoever runs this server.</>;
  return <>New here? <Link href="/sign-up">Make an account</Link></>;
}

const Closed = () => (
  <p>On this server nobody makes an account alone. Ask whoever runs it for one: they make it for you, or invite you.</p>
);
