// What operators see and change, as the server has it.
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { components } from "../../api/schema/admin";

export type CatalogueModel = components["schemas"]["PublishedModel"];
export type Installation = components["schemas"]["Installation"];
export type Model = components["schemas"]["Model"];
export type Tier = components["schemas"]["ModelTier"];
export type User = components["schemas"]["User"];
export type Job = components["schemas"]["Job"];
export type AuditEntry = components["schemas"]["AuditEntry"];
export type Change = components["schemas"]["ChangeUserRequest"];

const kTierTitles: Record<Tier["name"], string> = {
  TIER_1K: "Enhance to 1K", TIER_2K: "Enhance to 2K", TIER_4K: "Enhance to 4K", upscale: "Upscale", edit: "Edit",
  "remove-background": "Remove background", "magic-edit": "Magic edit", expand: "Expand",
  relight: "Relight", "camera-control": "Camera control", "video-replicate": "Video",
};
export const titleOfTier = (name: string): string => kTierTitles[name as Tier["name"]] ?? name;

// All of it is asked for again: what one page changes, others count.
export function useAdminChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/admin") });
}

export const changeUser = (id: string, change: Change, key: string) =>
  api.PATCH("/api/admin/users/{id}", { params: { path: { id }, header: { "Idempotency-Key": key } }, body: change });

export const kTypingPauseMs = 300; // after the last key, before it is searched

// "12 s", "5 min", "3.2 h", "1.5 d".
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 86_400 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}
