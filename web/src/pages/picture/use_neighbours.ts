// The pictures before and after this one, in the order of where one came from: an album (?album=), a search (?q=, ?sort=)
// or the library. A page that knows its order already hands it over as the history's state {pictures: [ids]}.
import { type InfiniteData, useInfiniteQuery, useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearch } from "wouter";
import { navigate, useHistoryState } from "wouter/use-browser-location";
import { $api, api } from "../../api/client";
import { variantUrl } from "../../api/picture_url";

interface Listed {
  ids: string[];
  next: string | null;
}

export interface Neighbours {
  before: string | null;
  after: string | null;
  position: number | null; // from 1
  back: { href: string; label: string };
  go: (id: string, isReplacing?: boolean) => void;
  leaveOut: (id: string) => void; // it is deleted
}

const keyOf = (text: string) => ["neighbours", text];
const kPage = 100;
const kPagesMost = 20; // looked through for where one is; further down only those who hand their order over have neighbours

async function readPage(search: URLSearchParams, cursor: string | undefined): Promise<Listed> {
  const query = { limit: kPage, ...(cursor ? { cursor } : {}) };
  const album = search.get("album");
  const q = search.get("q");
  const sort = search.get("sort") === "relevance" ? { sort: "relevance" as const } : {};
  const { data } = album
    ? await api.GET("/v1/albums/{id}/images", { params: { path: { id: album }, query } })
    : q
      ? await api.GET("/v1/search/images", { params: { query: { q, ...sort, ...query } } })
      : await api.GET("/v1/images", { params: { query } });
  return { ids: data!.images.map(({ image_id }) => image_id), next: data!.next_cursor };
}

function placeOf(search: URLSearchParams): Neighbours["back"] {
  const album = search.get("album");
  if (album) return { href: `/albums/${album}`, label: "Back to the album" };
  const text = search.toString();
  return { href: text ? `/library?${text}` : "/library", label: "Back to the library" };
}

const idsOf = (data: InfiniteData<Listed> | undefined) => data?.pages.flatMap(({ ids }) => ids) ?? [];

export function useNeighbours(id: string): Neighbours {
  const client = useQueryClient();
  const text = useSearch();
  const search = new URLSearchParams(text);
  const state = useHistoryState<{ pictures?: string[] } | null>();
  const handed = state?.pictures?.includes(id) ? state.pictures : null;
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = useInfiniteQuery({
    queryKey: keyOf(text),
    queryFn: ({ pageParam }) => readPage(search, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: !handed,
    staleTime: 5 * 60_000,
  });
  const ids = handed ?? idsOf(data);
  const at = ids.indexOf(id);
  const isNearEnd = at < 0 ? (data?.pages.length ?? 0) < kPagesMost : at >= ids.length - 2;
  useEffect(() => {
    if (!handed && isNearEnd && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [handed, isNearEnd, hasNextPage, isFetching, isError, fetchNextPage]);

  const before = at > 0 ? ids[at - 1]! : null;
  const after = at >= 0 && at < ids.length - 1 ? ids[at + 1]! : null;
  usePreload([after, before]);
  const addressOf = (to: string) => `/pictures/${to}${text ? `?${text}` : ""}`;
  const go = (to: string, isReplacing = true) => navigate(addressOf(to), { replace: isReplacing, state: window.history.state });
  const leaveOut = (gone: string) => {
    const others = (all: string[]) => all.filter((one) => one !== gone);
    client.setQueryData<InfiniteData<Listed>>(keyOf(text), (all) =>
      all && { ...all, pages: all.pages.map((page) => ({ ...page, ids: others(page.ids) })) });
    if (handed) window.history.replaceState({ ...state, pictures: others(handed) }, "");
  };
  return { before, after, position: at < 0 ? null : at + 1, back: placeOf(search), go, leaveOut };
}

// So that leafing through waits for nothing: what is told of them, and their pictures.
function usePreload(ids: (string | null)[]) {
  const known = ids.filter((id) => id !== null);
  useQueries({ queries: known.map((id) => $api.queryOptions("get", "/v1/images/{id}", { params: { path: { id } } })) });
  const key = known.join(" ");
  useEffect(() => {
    for (const id of key.split(" ").filter(Boolean)) new Image().src = variantUrl(id, "medium");
  }, [key]);
}
