// What was made of a picture, by an enhancement or in the studio, and can be held against it.
import type { components } from "../../api/schema/account";
import { tierOf } from "../../tiers";
import type { ImageFacts } from "./use_image";
import type { Job } from "./use_jobs";

export interface Result {
  id: string;
  name: string;
  url: string;
  width: number;
  height: number;
}

export type StudioJob = components["schemas"]["Job"];

export function resultOf(job: Job): Result | null {
  const { enhancedUrl: url, enhancedWidth: width, enhancedHeight: height } = job;
  if (!url || !width || !height) return null;
  return { id: job.id, name: `Enhanced, ${tierOf(job.tier).label}`, url, width, height };
}

export const operationName = (operation: string) => {
  const words = operation.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function resultOfStudio({ id, operation, result }: StudioJob): Result | null {
  if (!result || operation === "video-replicate") return null;
  const { url, width, height } = result;
  return { id, name: operationName(operation), url, width, height };
}

// Only what has the original's shape lies over it: what was cut, turned or extended does not.
export function isComparable(image: ImageFacts, result: Result): boolean {
  const shape = (result.width / result.height) / (image.width / image.height);
  return Math.abs(shape - 1) < 0.02;
}
