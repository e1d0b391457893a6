import { useEffect } from "react";
import { navigate } from "wouter/use-browser-location";
import { variantUrl } from "../../api/picture_url";
import { usePreloadedImages } from "./use_image";
import type { Order } from "./use_order";

export interface Place {
  href: string;
  label: string;
}

export interface Neighbours {
  before: string | null;
  after: string | null;
  position: number | null; // from 1
  count: number | null; // null while there is more than is known
  back: Place; // where one came from
  go: (id: string, isReplacing?: boolean) => void;
}

const kLookedThrough = 2_000; // pictures, for where one is; one opened further down by its address has no neighbours

// The pictures before and after this one, loaded beforehand so that leafing through waits for nothing.
export function useNeighbours(id: string, { ids, canGoOn, isWhole, goOn }: Order, back: Place): Neighbours {
  const at = ids.indexOf(id);
  const wantsMore = at < 0 ? ids.length < kLookedThrough : at >= ids.length - 2;
  useEffect(() => {
    if (wantsMore && canGoOn) void goOn();
  }, [wantsMore, canGoOn, goOn]);

  const before = at > 0 ? ids[at - 1]! : null;
  const after = at >= 0 && at < ids.length - 1 ? ids[at + 1]! : null;
  usePreloadedImages(before, after);
  useEffect(() => {
    for (const near of [after, before]) if (near) new Image().src = variantUrl(near, "medium");
  }, [after, before]);

  // The way back leads to where one came from, not through all that were leafed through.
  const go = (to: string, isReplacing = true) =>
    navigate(`/pictures/${to}${window.location.search}`, { replace: isReplacing });
  return { before, after, position: at < 0 ? null : at + 1, count: isWhole ? ids.length : null, back, go };
}
