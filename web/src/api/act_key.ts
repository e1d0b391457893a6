import { useMemo } from "react";
import { newIdempotencyKey } from "./client";

// The Idempotency-Key of what is being asked for: the same while the same is tried again, another for anything else,
// and another once it was done.
export function useActKey() {
  return useMemo(() => {
    let known: { asked: string; key: string } | null = null;
    return {
      of(body: unknown): string {
        const asked = JSON.stringify(body);
        if (known?.asked !== asked) known = { asked, key: newIdempotencyKey() };
        return known.key;
      },
      done() {
        known = null;
      },
    };
  }, []);
}
