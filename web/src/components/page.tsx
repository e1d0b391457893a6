import { type ReactNode, useEffect } from "react";
import style from "./page.module.css";

interface PageProps {
  title: string; // of the document, and the heading
  children: ReactNode;
  actions?: ReactNode;
  lead?: ReactNode; // beside the heading: a count, a state
  isTitleHidden?: boolean;
  isNarrow?: boolean; // for text and forms
}

export function Page({ title, children, actions, lead, isTitleHidden, isNarrow }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Tintype`;
  }, [title]);
  return (
    <div className={isNarrow ? `${style.page} ${style.narrow}` : style.page}>
      <header className={isTitleHidden && !actions && !lead ? "unseen" : style.head}>
        <div className={style.title}>
          <h1 className={isTitleHidden ? "unseen" : undefined}>{title}</h1>
          {lead && <div className={style.lead}>{lead}</div>}
        </div>
        {actions && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

// A part of a page with a heading of its own.
export function Section({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <section className={style.section}>
      <header className={style.head}>
        <h2>{title}</h2>
        {actions && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
