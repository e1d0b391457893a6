// Going back to a long page, or loading it again, leads to where one was on it: each entry of the browser's history
// knows its place.
import { useEffect, useLayoutEffect, useRef } from "react";

const kOwnMoves = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

function topOf(state: unknown): number {
  if (typeof state !== "object" || state === null || !("scrolled" in state)) return 0;
  return typeof state.scrolled === "number" ? state.scrolled : 0;
}

// Of a list of `length` pictures so far: the place may be further down than what has come.
export function useScrollKept(place: string, length: number, isWhole: boolean): void {
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => { wanted.current = topOf(history.state); }, [place]);
  useLayoutEffect(() => {
    if (length === 0 || wanted.current === null) return undefined;
    // After the grid has its height.
    const frame = requestAnimationFrame(() => {
      const top = wanted.current;
      if (top === null) return;
      window.scrollTo(0, top);
      if (isWhole || Math.abs(window.scrollY - top) <= 1) wanted.current = null;
    });
    return () => cancelAnimationFrame(frame);
  }, [place, length, isWhole]);
  useEffect(() => {
    const keep = () => {
      if (wanted.current !== null) return;
      const state: unknown = history.state;
      history.replaceState({ ...(typeof state === "object" ? state : {}), scrolled: Math.round(window.scrollY) }, "");
    };
    const letGo = () => { wanted.current = null; };
    window.addEventListener("scrollend", keep);
    for (const move of kOwnMoves) window.addEventListener(move, letGo, { passive: true });
    return () => {
      window.removeEventListener("scrollend", keep);
      for (const move of kOwnMoves) window.removeEventListener(move, letGo);
    };
  }, []);
}
