// One's own pictures that the words fit, the newest first: for choosing some of them.
import { useSettled } from "../settled";
import { $api } from "./client";
import type { components } from "./schema/hosting";

export type FoundImage = components["schemas"]["FoundImage"];

const kPageSize = 60;
const kPauseMs = 250; // after the last key, before it is searched

// `images` are undefined until the first answer. Those that have not arrived are left out.
export function useOwnPictures(words: string) {
  const settled = useSettled(words.trim(), kPauseMs);
  const query = $api.useInfiniteQuery("get", "/v1/search/images",
    { params: { query: { q: `owner:me ${settled}`.trim(), limit: kPageSize } } },
    { pageParamName: "cursor", initialPageParam: null, getNextPageParam: (last) => last.next_cursor,
      placeholderData: (before) => before });
  const images =
    query.data?.pages.flatMap((page) => page.images.filter(({ original: { width, height } }) => width && height));
  return { ...query, images };
}
