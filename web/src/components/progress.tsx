import style from "./progress.module.css";

// `value` from 0 to 1; null where nobody knows how long it takes.
export function Progress({ value, label }: { value: number | null; label: string }) {
  return value === null
    ? <progress className={style.bar} aria-label={label} />
    : <progress className={style.bar} aria-label={label} value={value} max={1} />;
}

// Holds the place of what is being loaded, at its size, so that nothing jumps.
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div className={style.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => <span key={at} />)}
    </div>
  );
}
