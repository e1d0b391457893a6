// One's albums, the newest first: one list for every page, so that what one page has read the others show at once.
import { $api } from "./client";

export function useAlbums(isWanted = true) {
  return $api.useInfiniteQuery("get", "/v1/albums", { params: { query: { limit: 100 } } },
    { pageParamName: "cursor", initialPageParam: null, getNextPageParam: (last) => last.next_cursor,
      enabled: isWanted });
}

// The first hundred: who has more finds the others on their page.
export function useNewestAlbums(isWanted = true) {
  const { data, error, isPending } = useAlbums(isWanted);
  return { data: data?.pages[0], error, isPending };
}
