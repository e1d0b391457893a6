import { useEffect, useState } from "react";

function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

// Whether that time has come; without one it has.
export function useReached(at: number | null): boolean {
  const now = useNow(at !== null && at > Date.now());
  return at === null || at <= now;
}

// "12 s", "4 min 05 s", "2 h 10 min" until then.
export function Countdown({ to }: { to: number }) {
  const left = Math.max(0, Math.ceil((to - useNow(true)) / 1000));
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const text = hours ? `${hours} h ${minutes} min`
    : minutes ? `${minutes} min ${String(seconds).padStart(2, "0")} s` : `${seconds} s`;
  return <time>{text}</time>;
}
