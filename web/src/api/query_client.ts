import { type Query, QueryClient, type QueryKey } from "@tanstack/react-query";
import { asProblem } from "./problem";

// What may go by itself is tried again: a broken connection and a server that is overloaded. A refusal stands.
export const isPassing = (error: unknown) => ["offline", "broken"].includes(asProblem(error).kind);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      retry: (count, error) => count < 2 && isPassing(error),
      retryDelay: (count) => Math.min(500 * 2 ** count, 4_000),
    },
    // What is pressed without a connection is refused at once: it is not done, and charged, some time later.
    mutations: { networkMode: "always" },
  },
});

// What becomes stale while it is asked for the first time is asked for again: the answer may be from before, and would
// pass for new.
const outdated = new WeakSet<Query>();
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== "updated") return;
  const { action, query } = event;
  const { queryKey, state } = query;
  if (action.type === "invalidate" && state.data === undefined && state.fetchStatus === "fetching") outdated.add(query);
  if (action.type === "success" && outdated.delete(query)) {
    void queryClient.invalidateQueries({ queryKey, exact: true });
  }
});

// For what was told in another way than by asking: an answer that is under way may be older, and would take its place.
export function askAnew(queryKey: QueryKey): void {
  const filters = { queryKey, exact: true };
  if (queryClient.isFetching(filters) > 0) void queryClient.invalidateQueries(filters);
}
