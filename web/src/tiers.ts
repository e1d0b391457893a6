// What can be asked of an enhancement: the longest side of the result, and what a picture costs.
import { $api } from "./api/client";
import type { components } from "./api/schema/enhancement";

export type TierName = components["schemas"]["Tier"];

export interface TierOffer {
  name: TierName;
  label: string;
  side: number; // pixels
}

export const kTiers: readonly TierOffer[] = [
  { name: "TIER_1K", label: "1K", side: 1024 },
  { name: "TIER_2K", label: "2K", side: 2048 },
  { name: "TIER_4K", label: "4K", side: 4096 },
];

export const tierOf = (name: TierName): TierOffer => kTiers.find((one) => one.name === name)!;

// In tokens, as whoever runs this server has set them; undefined until it has told.
export function usePrices(): (tier: TierName) => number | undefined {
  const { data } = $api.useQuery("get", "/api/tokens/prices", {}, { staleTime: Infinity });
  return (tier) => data?.tiers.find((one) => one.tier === tier)?.tokens;
}
