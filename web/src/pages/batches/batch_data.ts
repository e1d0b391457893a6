// Batches as the server has them. There are no events of a batch: it is asked again, well below what may be asked.
import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { askAnew, isPassing, queryClient } from "../../api/query_client";
import type { components } from "../../api/schema/studio";
import { kStudioWords, type StateWord } from "../../job_words";
import type { Operation } from "../studio/operation";

export type Batch = components["schemas"]["Batch"];
export type BatchSummary = components["schemas"]["BatchSummary"];
export type BatchImage = components["schemas"]["BatchImage"];

const kAskAgainMs = 2_500; // 24 a minute, of the 120 that one address has for all its pages

export const isRunning = ({ status }: Pick<Batch, "status">) => status === "processing";
export const isOpen = ({ status }: Pick<Batch, "status">) => status === "uploading" || status === "ready";

// A paused batch still finishes what runs.
const isMoving = (batch: BatchSummary) => isRunning(batch) || (batch.status === "paused" && batch.processing_count > 0);

const willPass = (error: unknown) => error !== null && (isPassing(error) || asProblem(error).kind === "busy");

export function useBatch(id: string) {
  return $api.useQuery("get", "/api/batch/{id}", { params: { path: { id } } }, {
    refetchInterval: ({ state: { data, error } }) =>
      (data && (isMoving(data) || willPass(error)) ? kAskAgainMs : false),
  });
}

export function useBatches() {
  return $api.useInfiniteQuery("get", "/api/batch", { params: { query: { limit: 50 } } }, {
    pageParamName: "cursor", initialPageParam: null, getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

// After anything was done with a batch: what it is now, the list, and what the wallet has.
export function batchChanged(id: string, now?: Batch): void {
  const key = $api.queryOptions("get", "/api/batch/{id}", { params: { path: { id } } }).queryKey;
  if (now) {
    queryClient.setQueryData(key, now);
    askAnew(key);
  } else {
    void queryClient.invalidateQueries({ queryKey: key });
  }
  void queryClient.invalidateQueries({ queryKey: ["get", "/api/batch"] });
  void queryClient.invalidateQueries({ queryKey: ["get", "/api/tokens/balance"] });
}

// Those that make a picture or a clip of a picture, and need nothing else.
export function useBatchOperations() {
  const query = $api.useQuery("get", "/api/ai/operations", undefined, { staleTime: Infinity });
  const all = query.data?.operations as Operation[] | undefined;
  return { ...query, operations: all?.filter(({ inputs, result, ready }) =>
    ready && inputs.image !== "none" && inputs.mask !== "required" && inputs.reference !== "required" &&
      result !== "text") };
}

export const kBatchWords: Record<Batch["status"], StateWord> = {
  ...kStudioWords,
  uploading: { word: "waiting for pictures", look: "plain" },
  ready: { word: "ready to start", look: "plain" },
  paused: { word: "paused", look: "plain" },
};

export const kImageWords: Record<BatchImage["status"], StateWord> = {
  ...kStudioWords,
  waiting: { word: "arrived", look: "plain" },
};

export const endedOf = (batch: BatchSummary) => batch.completed_count + batch.failed_count + batch.cancelled_count;
