// Server-sent events of a job: `job` with its present state, `deleted` when it is gone.
import { useEffect, useRef } from "react";

// Listens at `path` while it is not null; the browser connects again by itself after a failure. `onEvent` answers
// whether that was the last event: EventSource cannot tell an end from a failure.
export function useEvents<Data>(path: string | null, onEvent: (name: "job" | "deleted", data: Data) => boolean): void {
  const handler = useRef(onEvent);
  handler.current = onEvent;
  useEffect(() => {
    if (!path) return undefined;
    const source = new EventSource(path);
    const hear = (event: MessageEvent<string>) => {
      const isLast = handler.current(event.type as "job" | "deleted", JSON.parse(event.data) as Data);
      if (isLast || event.type === "deleted") source.close();
    };
    source.addEventListener("job", hear);
    source.addEventListener("deleted", hear);
    return () => source.close();
  }, [path]);
}
