// Which result is held against the original, and how.
import { useState } from "react";
import type { Result } from "./results";
import type { Way } from "./stage";

export interface Compare {
  result: Result | null;
  way: Way;
  isHeld: boolean;
  choose: (id: string | null) => void;
  setWay: (way: Way) => void;
  turn: () => void; // to the next way, and at last to the original alone
  hold: (isHeld: boolean) => void;
}

const kWays: readonly Way[] = ["slider", "side", "result"];

// `isWide`: there is room for two beside each other.
export function useCompare(imageId: string, results: Result[], isWide: boolean): Compare {
  const [chosen, setChosen] = useState<{ of: string; id: string } | null>(null);
  const [wanted, setWay] = useState<Way>("slider");
  const way = wanted === "side" && !isWide ? "slider" : wanted;
  const [isHeld, hold] = useState(false);
  const result = (chosen?.of === imageId && results.find(({ id }) => id === chosen.id)) || null;
  const choose = (id: string | null) => setChosen(id === null ? null : { of: imageId, id });
  const turn = () => {
    const ways = kWays.filter((one) => isWide || one !== "side");
    const next = ways[ways.indexOf(way) + 1];
    if (!result) choose(results[0]?.id ?? null);
    else if (next) setWay(next);
    else choose(null);
    if (!next || !result) setWay("slider");
  };
  return { result, way, isHeld, choose, setWay, turn, hold };
}
