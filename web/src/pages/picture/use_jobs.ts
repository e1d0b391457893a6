// The enhancements of a picture: asked for once, then kept up to date by their events and by what is done here.
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useActKey } from "../../api/act_key";
import { $api, api } from "../../api/client";
import { useEvents } from "../../api/events";
import { asProblem } from "../../api/problem";
import { askAnew } from "../../api/query_client";
import type { components } from "../../api/schema/enhancement";

export type Job = components["schemas"]["Job"] & { progress?: number };
type JobDetail = components["schemas"]["JobDetail"];
export type Tier = components["schemas"]["Tier"];

const keyOf = (imageId: string) => ["picture-jobs", imageId];
const kDwellMs = 600;
const kLinkLivesMs = 30 * 60_000; // those to results live an hour at least

export const isOpen = ({ status }: Job) => status === "PENDING" || status === "PROCESSING";

// The history may be asked for 100 times in a quarter of an hour: not for pictures that are only leafed through.
function useDwelt(imageId: string): boolean {
  const [dwelt, setDwelt] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setDwelt(imageId), kDwellMs);
    return () => clearTimeout(timer);
  }, [imageId]);
  return dwelt === imageId;
}

export function useJobs(imageId: string, isMine: boolean) {
  const dwelt = useDwelt(imageId);
  return useQuery({
    queryKey: keyOf(imageId),
    queryFn: async (): Promise<Job[]> => {
      const { data } = await api.GET("/api/images/{id}", { params: { path: { id: imageId } } });
      return data!.image.jobs;
    },
    enabled: dwelt && isMine,
    staleTime: kLinkLivesMs,
  });
}

export function useStudioJobs(imageId: string, isMine: boolean) {
  const dwelt = useDwelt(imageId);
  const { data } = $api.useQuery("get", "/api/account/jobs", { params: { query: { image_id: imageId, limit: 100 } } },
    { enabled: dwelt && isMine, staleTime: 60_000 });
  return data?.jobs.filter((job) => job.surface === "studio") ?? [];
}

export const useBalance = () => $api.useQuery("get", "/api/tokens/balance", {});

const forgetBalance = (client: QueryClient) => client.invalidateQueries({ queryKey: ["get", "/api/tokens/balance"] });

function put(client: QueryClient, imageId: string, job: Job) {
  client.setQueryData<Job[]>(keyOf(imageId), (jobs = []) => {
    const isKnown = jobs.some(({ id }) => id === job.id);
    return isKnown ? jobs.map((one) => (one.id === job.id ? { ...one, ...job } : one)) : [job, ...jobs];
  });
}

export function useEnhance(imageId: string) {
  const client = useQueryClient();
  const key = useActKey();
  return useMutation({
    mutationFn: async (tier: Tier) => {
      const body = { imageId, tier };
      const header = { "Idempotency-Key": key.of(body) };
      return (await api.POST("/api/images/enhance", { params: { header }, body })).data!;
    },
    onSuccess: ({ jobId, tokenCost }, tier) => {
      key.done();
      put(client, imageId, {
        id: jobId, tier, status: "PENDING", tokensCost: tokenCost, progress: 0, createdAt: new Date().toISOString(),
        enhancedUrl: null, enhancedWidth: null, enhancedHeight: null, enhancedSizeBytes: null, errorMessage: null,
        processingStartedAt: null, processingCompletedAt: null,
      });
      askAnew(keyOf(imageId));
    },
    // What was too dear or too much says so by figures that are new here too.
    onSettled: (_data, error) => {
      if (!error || asProblem(error).kind === "funds") void forgetBalance(client);
    },
  });
}

export function useCancelJob(imageId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => (await api.POST("/api/jobs/{id}/cancel", { params: { path: { id } } })).data!,
    onSuccess: ({ job }) => put(client, imageId, job),
    onSettled: () => forgetBalance(client),
  });
}

// `onResult` when it has come to its end with a picture.
export function useJobEvents(imageId: string, job: Job, onResult: (job: Job) => void) {
  const client = useQueryClient();
  useEvents<JobDetail>(isOpen(job) ? `/api/jobs/${job.id}/events` : null, (name, data) => {
    if (name === "deleted") return true;
    put(client, imageId, data);
    if (isOpen(data)) return false;
    void forgetBalance(client);
    if (data.status === "COMPLETED") onResult(data);
    return true;
  });
}


