// A job of the studio: asking for it, following it, stopping it, keeping what came of it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { $api, api, newIdempotencyKey } from "../../api/client";
import { useEvents } from "../../api/events";
import { asProblem } from "../../api/problem";
import type { OperationType, Status, Values } from "./operation";
import { useUpload } from "./use_source";

const isEnd = ({ status }: Status) => status !== "queued" && status !== "processing";

export function useRefreshWallet() {
  const client = useQueryClient();
  return () => client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[1] === "/api/tokens/balance" || queryKey[0] === "studio-jobs",
  });
}

const kNoAct = { body: "", key: "" };

interface Wish {
  operationType: string;
  data: Values;
  quote?: string; // the promise of the price that was shown
}

// The same wish keeps its key and quote, so that a second try after a broken line is no second job.
export function useSubmit(onSubmitted: (job: string) => void) {
  const refresh = useRefreshWallet();
  const act = useRef<{ body: string; key: string; quote?: string }>(kNoAct);
  return useMutation({
    mutationFn: async ({ operationType, data, quote }: Wish) => {
      const body = JSON.stringify({ operationType, data });
      if (act.current.body !== body) act.current = { body, key: newIdempotencyKey(), quote };
      const answer = await api.POST("/api/ai/submit", {
        params: { header: { "Idempotency-Key": act.current.key } },
        body: { operationType: operationType as OperationType, data, priority: "normal", quote: act.current.quote },
      });
      return answer.data!.jobId;
    },
    onSuccess: (job) => {
      act.current = kNoAct; // the next click means another one
      onSubmitted(job);
      void refresh();
    },
    onError: (error) => {
      if (asProblem(error).kind === "refused") act.current = kNoAct;
    },
  });
}

export function useJob(id: string) {
  const client = useQueryClient();
  const refresh = useRefreshWallet();
  const query = { params: { path: { id } } };
  const { data, error, refetch } = $api.useQuery("get", "/api/ai/status/{id}", query, { staleTime: Infinity });
  const { queryKey } = $api.queryOptions("get", "/api/ai/status/{id}", query);
  const hasEnded = data ? isEnd(data) : false;
  useEffect(() => {
    if (hasEnded) void refresh();
  }, [id, hasEnded]);
  useEvents<Status>(data && !hasEnded ? `/api/ai/jobs/${encodeURIComponent(id)}/events` : null, (name, status) => {
    if (name === "deleted") {
      void client.invalidateQueries({ queryKey });
      return true;
    }
    client.setQueryData(queryKey, status);
    return isEnd(status);
  });
  return { status: data ?? null, error, refetch };
}

export function useCancel(id: string) {
  const client = useQueryClient();
  const refresh = useRefreshWallet();
  return useMutation({
    mutationFn: async () => (await api.POST("/api/ai/cancel/{id}", { params: { path: { id } } })).data!,
    onSettled: async () => {
      const { queryKey } = $api.queryOptions("get", "/api/ai/status/{id}", { params: { path: { id } } });
      await client.invalidateQueries({ queryKey });
      await refresh();
    },
  });
}

const kEndings: Record<string, string> = { "image/jpeg": "jpg" };

// A result becomes an image of the library. That is also how it becomes the input of the next operation: the server
// takes pictures by their id, and a result that is worked on has a place of its own.
export function useSaveResult(job: string, name: string) {
  const client = useQueryClient();
  const { mutateAsync: upload } = useUpload();
  return useMutation({
    mutationFn: async (url: string) => {
      const blob = await (await fetch(url)).blob();
      const ending = kEndings[blob.type] ?? blob.type.split("/")[1] ?? "png";
      return upload(new File([blob], `${name}.${ending}`, { type: blob.type }));
    },
    onSuccess: (image) => client.setQueryData(["studio-saved", job], image),
  });
}
