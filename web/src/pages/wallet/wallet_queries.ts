// What the wallet asks for in more than one place.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/account";

export type Job = components["schemas"]["Job"];

const kLookAgainMs = 3_000;

export const useBalance = () => $api.useQuery("get", "/api/tokens/balance");

// Jobs that hold tokens, looked at again and again while there are any.
export function useOpenJobs() {
  const jobs = $api.useQuery("get", "/api/account/jobs", { params: { query: { state: "open", limit: 100 } } }, {
    refetchInterval: ({ state }) => (state.data?.jobs.length ? kLookAgainMs : false),
  });
  const refresh = useRefreshWallet();
  const count = jobs.data?.jobs.length ?? 0;
  const before = useRef(count);
  useEffect(() => {
    if (count < before.current) refresh();
    before.current = count;
  }, [count, refresh]);
  return jobs;
}

// After tokens have moved.
export function useRefreshWallet() {
  const client = useQueryClient();
  return useCallback(() => {
    for (const path of ["/api/tokens/balance", "/api/tokens/history", "/api/account/usage", "/api/account/jobs"]) {
      void client.invalidateQueries({ queryKey: ["get", path] });
    }
  }, [client]);
}
