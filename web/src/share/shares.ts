// The links to a picture or an album: listed, made and revoked alike.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useActKey } from "../api/act_key";
import { api } from "../api/client";
import type { components } from "../api/schema/hosting";

export type SharedKind = "images" | "albums";
export type Share = components["schemas"]["Share"];
export type CreatedShare = components["schemas"]["CreatedShare"];
export type NewShare = components["schemas"]["NewShare"];

const keyOf = (kind: SharedKind, id: string) => ["shares", kind, id];
const kListed = 100; // as many as one picture or album can have

async function listShares(kind: SharedKind, id: string): Promise<Share[]> {
  const params = { path: { id }, query: { limit: kListed } };
  const { data } = kind === "images"
    ? await api.GET("/v1/images/{id}/shares", { params })
    : await api.GET("/v1/albums/{id}/shares", { params });
  return data!.shares;
}

async function createShare(kind: SharedKind, id: string, body: NewShare, key: string): Promise<CreatedShare> {
  const params = { path: { id }, header: { "Idempotency-Key": key } };
  const { data } = kind === "images"
    ? await api.POST("/v1/images/{id}/shares", { params, body })
    : await api.POST("/v1/albums/{id}/shares", { params, body });
  return data!;
}

async function revokeShare(kind: SharedKind, id: string, share_id: string): Promise<void> {
  const params = { path: { id, share_id } };
  if (kind === "images") await api.DELETE("/v1/images/{id}/shares/{share_id}", { params });
  else await api.DELETE("/v1/albums/{id}/shares/{share_id}", { params });
}

export const useShares = (kind: SharedKind, id: string) =>
  useQuery({ queryKey: keyOf(kind, id), queryFn: () => listShares(kind, id) });

export function useCreateShare(kind: SharedKind, id: string) {
  const client = useQueryClient();
  const key = useActKey();
  return useMutation({
    mutationFn: (body: NewShare) => createShare(kind, id, body, key.of(body)),
    onSuccess: key.done,
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(kind, id) }),
  });
}

export function useRevokeShare(kind: SharedKind, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (shareId: string) => revokeShare(kind, id, shareId),
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(kind, id) }),
  });
}
