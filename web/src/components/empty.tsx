import type { ReactNode } from "react";
import style from "./problem_state.module.css";

// Where there is nothing yet: what will stand here, and how to begin.
export function Empty({ icon, title, children, action }:
  { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <section className={style.state}>
      <span className={style.icon} aria-hidden="true">{icon}</span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={style.actions}>{action}</div>}
    </section>
  );
}
