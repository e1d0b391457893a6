// The ledger, newest first, and the jobs that its entries were for.
import { useEffect, useMemo } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/enhancement";
import type { Job } from "./wallet_queries";

export type Entry = components["schemas"]["LedgerEntry"];
export type Filter = "all" | "spent" | "returned" | "granted" | "bought";

const kPage = 50;
const kPagesByItself = 10;

const kKinds: Record<Exclude<Filter, "all">, readonly Entry["kind"][]> = {
  spent: ["capture"], returned: ["regeneration"], granted: ["initial", "grant", "removal"],
  bought: ["purchase", "reversal"],
};

const kindOf = (filter: Filter) => (filter === "all" ? {} : { kind: kKinds[filter].join(",") });

export function useLedger(filter: Filter) {
  const query = { limit: kPage, ...kindOf(filter) };
  const pages = $api.useInfiniteQuery("get", "/api/tokens/history", { params: { query } }, {
    pageParamName: "cursor", initialPageParam: null, getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const { data } = pages;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  return { ...pages, entries };
}

// Whether anything was ever bought here.
export function useHasPurchases(): boolean {
  const { data } =
    $api.useQuery("get", "/api/tokens/history", { params: { query: { limit: 1, ...kindOf("bought") } } });
  return data !== undefined && data.entries.length > 0;
}

// By id, read on until each of these is known: they come in the order in which they were asked for, as entries
// nearly do.
export function useJobsOf(entries: Entry[]): ReadonlyMap<string, Job> {
  const wanted = useMemo(() => entries.flatMap(({ jobId }) => jobId ?? []), [entries]);
  const { data, hasNextPage, isFetching, fetchNextPage } = $api.useInfiniteQuery("get", "/api/account/jobs",
    { params: { query: { state: "ended", limit: 100 } } }, {
      pageParamName: "cursor", initialPageParam: null, getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      enabled: wanted.length > 0,
    });
  const jobs = useMemo(() => new Map(data?.pages.flatMap((page) => page.jobs.map((job) => [job.id, job]))), [data]);
  const isMissing = wanted.some((id) => !jobs.has(id)) && (data?.pages.length ?? kPagesByItself) < kPagesByItself;
  useEffect(() => {
    if (isMissing && hasNextPage && !isFetching) void fetchNextPage();
  }, [isMissing, hasNextPage, isFetching, fetchNextPage]);
  return jobs;
}
