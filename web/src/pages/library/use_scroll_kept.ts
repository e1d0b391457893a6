// Going back to a long page leads to where one was on it: each entry of the browser's history knows its place.
import { useEffect, useLayoutEffect } from "react";

function topOf(state: unknown): number {
  if (typeof state !== "object" || state === null || !("scrolled" in state)) return 0;
  return typeof state.scrolled === "number" ? state.scrolled : 0;
}

export function useScrollKept(place: string, isReady: boolean): void {
  useLayoutEffect(() => {
    const top = topOf(history.state);
    if (!isReady) return undefined;
    // After the grid has its height.
    const frame = requestAnimationFrame(() => window.scrollTo(0, top));
    return () => cancelAnimationFrame(frame);
  }, [place, isReady]);
  useEffect(() => {
    const keep = () => {
      const state: unknown = history.state;
      history.replaceState({ ...(typeof state === "object" ? state : {}), scrolled: Math.round(window.scrollY) }, "");
    };
    window.addEventListener("scrollend", keep);
    return () => window.removeEventListener("scrollend", keep);
  }, []);
}
