import type { ReactNode } from "react";
import style from "./badge.module.css";

// A state in a word.
export function Badge({ look = "plain", children }: { look?: "plain" | "good" | "bad" | "busy"; children: ReactNode }) {
  return <span className={`${style.badge} ${style[look]}`}>{children}</span>;
}
