// A batch of enhancements, followed by the events of the job that runs. Its jobs run one after another.
import { useQueryClient } from "@tanstack/react-query";
import { $api } from "../../api/client";
import { useEvents } from "../../api/events";
import type { components } from "../../api/schema/enhancement";

export type BatchJob = components["schemas"]["JobDetail"];
type State = BatchJob["status"];

const kLookAgainMs = 15_000; // should an event be lost
const isOpen = (state: State) => state === "PENDING" || state === "PROCESSING";

export function useBatch(id: string) {
  const client = useQueryClient();
  const init = { params: { path: { id } } };
  const query = $api.useQuery("get", "/api/batches/{id}", init,
    { refetchInterval: ({ state }) => (state.data?.batch.status === "PROCESSING" ? kLookAgainMs : false) });
  const jobs = query.data?.batch.jobs ?? [];
  const followed = jobs.find((job) => job.status === "PROCESSING") ?? jobs.find((job) => job.status === "PENDING");
  const key = ["get", "/api/batches/{id}", init];
  useEvents<BatchJob>(followed ? `/api/jobs/${followed.id}/events` : null, (name, job) => {
    const hasEnded = name === "deleted" || !isOpen(job.status);
    if (hasEnded) {
      void client.invalidateQueries({ queryKey: key });
      void client.invalidateQueries({ queryKey: ["get", "/api/tokens/balance"] });
    } else {
      client.setQueryData<typeof query.data>(key, (old) => old &&
        { ...old, batch: { ...old.batch, jobs: old.batch.jobs.map((one) => (one.id === job.id ? job : one)) } });
    }
    return hasEnded;
  });
  return { ...query, batch: query.data?.batch };
}
