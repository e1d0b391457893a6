// Server-sent events of a job: `job` with its present state, `deleted` when it is gone.
import { useEffect, useRef } from "react";

const kAgainAfterMs = 5_000;

// Listens at `path` while it is not null. After a broken connection the browser connects again by itself, after a
// refusal (too many at once) we do. `onEvent` answers whether that was the last event: EventSource cannot tell an end
// from a failure.
export function useEvents<Data>(path: string | null, onEvent: (name: "job" | "deleted", data: Data) => boolean): void {
  const handler = useRef(onEvent);
  handler.current = onEvent;
  useEffect(() => {
    if (!path) return undefined;
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const hear = (event: MessageEvent<string>) => {
      const isLast = handler.current(event.type as "job" | "deleted", JSON.parse(event.data) as Data);
      if (isLast || event.type === "deleted") source.close();
    };
    const connect = () => {
      source = new EventSource(path);
      source.addEventListener("job", hear);
      source.addEventListener("deleted", hear);
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, kAgainAfterMs);
      });
    };
    connect();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [path]);
}
