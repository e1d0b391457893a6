// The frame around every page of who is signed in: where one can go, and where one is.
import { Code, FolderKanban, Images, Layers, Settings, Shield, Sparkles, Wallet } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useMe, useSession } from "../session/session";
import { UploadProvider } from "../upload/upload_context";
import { ConnectionBar } from "./connection_bar";
import { SignInAgain } from "./sign_in_again";
import style from "./shell.module.css";

const kPlaces = [
  { href: "/library", label: "Library", icon: <Images />, holds: ["/library", "/pictures", "/trash"] },
  { href: "/albums", label: "Albums", icon: <Layers />, holds: ["/albums"] },
  { href: "/studio", label: "Studio", icon: <Sparkles />, holds: ["/studio"] },
  { href: "/batches", label: "Batches", icon: <FolderKanban />, holds: ["/batches"] },
  { href: "/wallet", label: "Wallet", icon: <Wallet />, holds: ["/wallet"] },
  { href: "/developers", label: "Developers", icon: <Code />, holds: ["/developers"] },
  { href: "/account", label: "Account", icon: <Settings />, holds: ["/account"] },
];
const kAdmin = { href: "/admin", label: "Admin", icon: <Shield />, holds: ["/admin"] };

export function Shell({ children }: { children: ReactNode }) {
  const me = useMe();
  const { isExpired } = useSession();
  const [location] = useLocation();
  const places = me.role === "admin" ? [...kPlaces, kAdmin] : kPlaces;
  const isIn = (holds: string[]) => holds.some((path) => location === path || location.startsWith(`${path}/`));
  return (
    <div className={style.shell}>
      <a className={style.skip} href="#main">Skip to the content</a>
      <header className={style.side}>
        <Link href="/library" className={style.brand} aria-label="Tintype, to the library">
          <img src="/icon.svg" alt="" width={28} height={28} /><span>Tintype</span>
        </Link>
        <nav aria-label="Main">
          {places.map(({ href, label, icon, holds }) => (
            <Link key={href} href={href} aria-current={isIn(holds) ? "page" : undefined}>{icon}<span>{label}</span></Link>
          ))}
        </nav>
      </header>
      <main id="main" className={style.main} tabIndex={-1}>
        <ConnectionBar />
        <UploadProvider>{children}</UploadProvider>
      </main>
      {isExpired && <SignInAgain />}
    </div>
  );
}
