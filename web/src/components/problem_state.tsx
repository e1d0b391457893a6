// What stands where something could not be shown: what was wrong and what can be done about it.
import { CloudOff, Hourglass, Lock, SearchX, TriangleAlert, Wallet } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem, type ProblemKind } from "../api/problem";
import { Button, ButtonLink } from "./button";
import { Countdown, useReached } from "./countdown";
import style from "./problem_state.module.css";

const kHeadings: Record<ProblemKind, string> = {
  offline: "The server cannot be reached",
  "signed-out": "Please sign in again",
  forbidden: "This is not yours to see",
  missing: "There is nothing here",
  funds: "Not enough tokens",
  busy: "Too much at once",
  refused: "This was refused",
  broken: "Something went wrong",
};

const kIcons: Record<ProblemKind, ReactNode> = {
  offline: <CloudOff />,
  "signed-out": <Lock />,
  forbidden: <Lock />,
  missing: <SearchX />,
  funds: <Wallet />,
  busy: <Hourglass />,
  refused: <TriangleAlert />,
  broken: <TriangleAlert />,
};

export function ProblemState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asProblem(error);
  const canRetry = useReached(problem.retryAt);
  const heading = kHeadings[problem.kind];
  return (
    <section className={style.state} role="alert">
      <span className={style.icon} aria-hidden="true">{kIcons[problem.kind]}</span>
      <h2>{heading}</h2>
      {problem.message !== heading && <p>{problem.message}</p>}
      {problem.suggestion && <p>{problem.suggestion}</p>}
      {problem.kind === "offline" && <p>Check your connection. Nothing that you have typed is lost.</p>}
      {problem.retryAt && !canRetry && <p>You can try again in <Countdown to={problem.retryAt} />.</p>}
      <div className={style.actions}>
        {onRetry && problem.kind !== "missing" && problem.kind !== "forbidden" &&
          <Button onClick={onRetry} disabled={!canRetry}>Try again</Button>}
        {problem.kind === "funds" && <ButtonLink href="/wallet">Open the wallet</ButtonLink>}
        {(problem.kind === "missing" || problem.kind === "forbidden") &&
          <ButtonLink href="/library">Go to the library</ButtonLink>}
      </div>
      {problem.kind === "broken" && problem.requestId &&
        <p className={style.faint}>Tell whoever runs this server: request {problem.requestId}</p>}
    </section>
  );
}

// The same beside a form or a button: small, and in the flow.
export function ProblemNote({ error }: { error: unknown }) {
  const problem = error ? asProblem(error) : null;
  const canRetry = useReached(problem?.retryAt ?? null);
  if (!problem) return null;
  return (
    <p className={style.note} role="alert">
      {problem.message}{problem.suggestion && <>. {problem.suggestion}</>}
      {problem.retryAt && !canRetry && <>. You can try again in <Countdown to={problem.retryAt} />.</>}
      {problem.kind === "funds" && <> <a href="/wallet">Open the wallet</a></>}
    </p>
  );
}
