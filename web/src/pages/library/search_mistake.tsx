import type { Problem } from "../../api/problem";
import style from "./search.module.css";

// Where in the search the mistake is, in characters from 0.
export function positionOf({ body }: Problem): number | null {
  const position = typeof body === "object" && body !== null && "position" in body ? body.position : null;
  return typeof position === "number" ? position : null;
}

// The search as it was asked, with the place that could not be read marked in it.
export function SearchMistake({ id, query, problem }: { id: string; query: string; problem: Problem }) {
  const letters = [...query];
  const position = Math.min(positionOf(problem) ?? 0, letters.length);
  const rest = letters.slice(position).join("");
  const there = /^\S*/u.exec(rest)?.[0] ?? "";
  const reason = problem.message.replace(/^The search cannot be read at character \d+, '.*': /su, "");
  return (
    <div id={id} className={style.mistake} role="alert">
      <p className={style.query}>
        {letters.slice(0, position).join("")}<mark>{there || " "}</mark>{rest.slice(there.length)}
      </p>
      <p>Character {position + 1}: {reason}. {problem.suggestion}</p>
    </div>
  );
}
