// What can be asked of an enhancement: the longest side of the result, and what a picture costs.
import type { components } from "./api/schema/enhancement";

export type TierName = components["schemas"]["Tier"];

export interface TierOffer {
  name: TierName;
  label: string;
  side: number; // pixels
  tokens: number;
}

export const kTiers: readonly TierOffer[] = [
  { name: "TIER_1K", label: "1K", side: 1024, tokens: 2 },
  { name: "TIER_2K", label: "2K", side: 2048, tokens: 5 },
  { name: "TIER_4K", label: "4K", side: 4096, tokens: 10 },
];

export const tierOf = (name: TierName): TierOffer => kTiers.find((one) => one.name === name)!;
