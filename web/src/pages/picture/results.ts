// What was made of a picture, by an enhancement or in the studio, and can be held against it.
import type { components as Studio } from "../../api/schema/studio";
import type { ImageFacts } from "./use_image";
import type { Job } from "./use_jobs";

export interface Result {
  id: string;
  name: string;
  url: string;
  width: number;
  height: number;
}

export type StudioJob = Studio["schemas"]["Job"];
type Tier = Job["tier"];

// As the description of the enhancement surface has them: the longest side, and the price in tokens.
export const tiers: readonly { tier: Tier; name: string; side: number; tokens: number }[] = [
  { tier: "TIER_1K", name: "1K", side: 1024, tokens: 2 },
  { tier: "TIER_2K", name: "2K", side: 2048, tokens: 5 },
  { tier: "TIER_4K", name: "4K", side: 4096, tokens: 10 },
];

export const tierOf = (tier: Tier) => tiers.find((one) => one.tier === tier)!;


export function resultOf(job: Job): Result | null {
  const { enhancedUrl: url, enhancedWidth: width, enhancedHeight: height } = job;
  if (!url || !width || !height) return null;
  return { id: job.id, name: `Enhanced, ${tierOf(job.tier).name}`, url, width, height };
}

export const operationName = (operation: string) => {
  const words = operation.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function resultOfStudio(job: StudioJob): Result | null {
  const found = job.result;
  if (!found || !("imageUrl" in found) || !found.imageUrl || !found.width || !found.height) return null;
  const { imageUrl: url, width, height } = found;
  return { id: job.jobId, name: operationName(job.operationType), url, width, height };
}

// Only what has the original's shape lies over it: what was cut, turned or extended does not.
export function isComparable(image: ImageFacts, result: Result): boolean {
  const shape = (result.width / result.height) / (image.width / image.height);
  return Math.abs(shape - 1) < 0.02;
}
