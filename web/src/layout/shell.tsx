// The frame around every page of who is signed in.
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useSession } from "../session/session";
import { UploadProvider } from "../upload/upload_context";
import { ConnectionBar } from "./connection_bar";
import { Places } from "./places";
import { SignInAgain } from "./sign_in_again";
import style from "./shell.module.css";

export function Shell({ children }: { children: ReactNode }) {
  const { isExpired } = useSession();
  return (
    <div className={style.shell}>
      <a className={style.skip} href="#main">Skip to the content</a>
      <header className={style.side}>
        <Link href="/library" className={style.brand} aria-label="Tintype, to the library">
          <img src="/icon.svg" alt="" width={28} height={28} /><span>Tintype</span>
        </Link>
        <Places />
      </header>
      <main id="main" className={style.main} tabIndex={-1}>
        <ConnectionBar />
        <UploadProvider>{children}</UploadProvider>
      </main>
      {isExpired && <SignInAgain />}
    </div>
  );
}
