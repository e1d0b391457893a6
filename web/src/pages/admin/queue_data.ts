// The queue as the database counts it: what it shows is changed by all processes, so it is asked for again and again.
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema/admin";

export type Queue = components["schemas"]["Queue"];
export type Lane = components["schemas"]["QueueLane"];
export type Series = components["schemas"]["Series"];
export type DrainOf = components["schemas"]["DrainRequest"];
export type JobState = components["schemas"]["JobState"];
export type Window = "hour" | "day";

// An operator has so many calls in a minute, over all pages that he has open.
const kPauseMs = 5_000;
const kSeriesPauseMs: Record<Window, number> = { hour: 10_000, day: 60_000 };

export const useQueue = () =>
  $api.useQuery("get", "/api/admin/queue", undefined, { refetchInterval: kPauseMs, staleTime: 0 });

export const useSeries = (window: Window) =>
  $api.useQuery("get", "/api/admin/queue/series", { params: { query: { window } } },
    { refetchInterval: kSeriesPauseMs[window], placeholderData: (before) => before });

export const useQueueJobs = (state: JobState, limit: number) =>
  $api.useQuery("get", "/api/admin/queue/jobs", { params: { query: { state, limit } } },
    { refetchInterval: kPauseMs, staleTime: 0, placeholderData: (before) => before });

// Call by call until nothing waits; answers how many jobs were cancelled.
export async function drain(what: DrainOf): Promise<number> {
  let cancelled = 0;
  for (let hasMore = true; hasMore;) {
    const { data } = await api.POST("/api/admin/queue/drain", { body: what });
    cancelled += data!.cancelled;
    hasMore = data!.more && data!.cancelled > 0;
  }
  return cancelled;
}
