// A small picture of what the settings come to, asked for while they are being moved.
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import type { OperationType, Values } from "./operation";

export interface Preview {
  url: string | null; // the last that came, which stays until the next
  isStale: boolean; // settings have changed since
  problem: Problem | null; // why there is none of these settings
  isUnavailable: boolean; // there are none of this operation
}

const kPauseMs = 180; // after the last change: a slider that moves asks a few times a second
const kWordsPauseMs = 600;
const kBusyPauseMs = 1_500; // doubled at each try
const kTriesMax = 5;
const kNothing: Preview = { url: null, isStale: false, problem: null, isUnavailable: false };

// Operations that have none say so once.
const unavailable = new Set<string>();

async function ask(body: string, signal: AbortSignal): Promise<Blob> {
  const request = JSON.parse(body) as { operationType: OperationType; data: Values };
  const { data } = await api.POST("/api/ai/previews", { body: request, signal, parseAs: "blob" });
  return data as unknown as Blob;
}

const hasNone = ({ status, body }: Problem) =>
  status === 404 || status === 405 ||
  (status === 422 && (body as { details?: { field?: string } } | null)?.details?.field === "operationType");

// Null where there is nothing to show yet. The newest wins; a server that is busy is asked again when it says.
export function usePreview(operationType: string, data: Values | null): Preview {
  const [preview, setPreview] = useState<Preview>(kNothing);
  const words = useRef<unknown>(data?.prompt);
  const body = data ? JSON.stringify({ operationType, data }) : null;
  useEffect(() => {
    if (!body || unavailable.has(operationType)) {
      setPreview({ ...kNothing, isUnavailable: unavailable.has(operationType) });
      return undefined;
    }
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    let tries = 0;
    setPreview((last) => ({ ...last, isStale: true }));
    const run = async () => {
      try {
        const blob = await ask(body, stop.signal);
        if (!stop.signal.aborted) setPreview({ ...kNothing, url: URL.createObjectURL(blob) });
      } catch (error) {
        if (stop.signal.aborted) return;
        const problem = asProblem(error);
        if (hasNone(problem)) unavailable.add(operationType);
        const pause = Math.max(kBusyPauseMs * 2 ** tries++, (problem.retryAt ?? 0) - Date.now());
        if (problem.kind === "busy" && tries <= kTriesMax) timer = setTimeout(() => void run(), pause);
        else setPreview((last) =>
          ({ ...last, isStale: false, problem, isUnavailable: unavailable.has(operationType) }));
      }
    };
    const typed = (JSON.parse(body) as { data: Values }).data.prompt;
    timer = setTimeout(() => void run(), typed === words.current ? kPauseMs : kWordsPauseMs);
    words.current = typed;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [body, operationType]);
  useEffect(() => () => { if (preview.url) URL.revokeObjectURL(preview.url); }, [preview.url]);
  return preview;
}
