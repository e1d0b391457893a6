// The pictures of a search, page behind page by cursor, held for as long as they are looked through.
//
// A list of 100,000 pictures has a thousand pages, and asking for all of them again because one picture came would be
// a thousand calls. So nothing makes the list stale. The newest page is watched in its place: when it is asked for
// again, after an upload, a job or a change elsewhere, it and the pages in sight are laid into the list anew.
import { type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { $api, api } from "../../api/client";
import { formatCount } from "../../format";
import type { components } from "../../api/schema/hosting";
import { mergePage, type PicturePage, type PicturePages } from "./merge_page";

type ImageItem = components["schemas"]["ImageItem"];
export type LibraryImage = Omit<ImageItem, "filename"> & { filename?: string; owner_id?: string };

// A picture as the grid shows it.
export interface GridPicture {
  id: string;
  name: string; // its title, else its file's name
  width: number;
  height: number;
  createdAt: number;
  image: LibraryImage;
}

export const countPictures = (count: number) => formatCount(count, "picture");

export type PictureSource = { kind: "own" } | { kind: "search"; query: string } | { kind: "deleted" };

const kPage = 100;
const kLists = ["pictures"];

async function readPage(source: PictureSource, cursor: string | null, signal: AbortSignal): Promise<PicturePage> {
  const query = { limit: kPage, ...(cursor ? { cursor } : {}) };
  if (source.kind === "own") return (await api.GET("/v1/images", { params: { query }, signal })).data!;
  if (source.kind === "deleted") return (await api.GET("/v1/images:deleted", { params: { query }, signal })).data!;
  return (await api.GET("/v1/search/images", { params: { query: { ...query, q: source.query } }, signal })).data!;
}

// Whoever asks for it by this tries again himself.
const newestOptions = () =>
  $api.queryOptions("get", "/v1/images", { params: { query: { limit: kPage } } }, { retry: false });

function shown(image: LibraryImage): GridPicture {
  const { width, height } = image.original;
  const name = image.title ?? image.filename ?? "Untitled picture";
  return { id: image.image_id, name, width: width ?? 1, height: height ?? 1, createdAt: image.created_at_ms, image };
}

const shownPages = new WeakMap<PicturePage, GridPicture[]>();
function shownPage(page: PicturePage): GridPicture[] {
  const known = shownPages.get(page);
  if (known) return known;
  const pictures = page.images.map(shown);
  shownPages.set(page, pictures);
  return pictures;
}

export function usePictureList(source: PictureSource) {
  const client = useQueryClient();
  const queryKey = useMemo(() => [...kLists, source.kind, source.kind === "search" ? source.query : ""], [source]);
  const list = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }): Promise<PicturePage> =>
      source.kind === "own" && !pageParam ? client.fetchQuery({ ...newestOptions(), staleTime: 5_000 })
        : readPage(source, pageParam, signal),
    getNextPageParam: (page) => page.next_cursor,
    structuralSharing: false,
    staleTime: "static",
  });
  const inSight = useRef<[number, number]>([0, 0]);
  const { dataUpdatedAt } = $api.useQuery("get", "/v1/images", { params: { query: { limit: kPage } } });

  const refresh = useCallback(async () => {
    const before = client.getQueryData<PicturePages>(queryKey);
    if (!before) return;
    for (const at of pagesToAsk(before, inSight.current)) {
      const cursor = before.pageParams[at] ?? null;
      const fresh = source.kind === "own" && at === 0 ? await client.ensureQueryData(newestOptions())
        : await readPage(source, cursor, new AbortController().signal);
      client.setQueryData<PicturePages>(queryKey, (now) =>
        (now && now.pageParams[at] === before.pageParams[at] ? mergePage(now, at, fresh) : now));
    }
  }, [client, queryKey, source]);

  const heard = useRef({ source, at: 0 });
  useEffect(() => {
    if (heard.current.source !== source) heard.current = { source, at: 0 };
    if (dataUpdatedAt === 0 || dataUpdatedAt === heard.current.at) return;
    const isFirst = heard.current.at === 0;
    heard.current.at = dataUpdatedAt;
    if (isFirst && source.kind !== "own") return;
    refresh().catch(() => undefined); // What is shown stays; the next change asks again.
  }, [dataUpdatedAt, refresh, source]);

  const pages = list.data?.pages;
  const pictures = useMemo(() => pages?.flatMap(shownPage) ?? [], [pages]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  // Called with what is in sight: two pages behind it are there before they are scrolled to.
  const onSeen = useCallback((first: number, last: number) => {
    inSight.current = [first, last];
    const canAsk = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
    if (canAsk && last > pictures.length - 2 * kPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError, pictures.length]);
  // Known when the last page is there.
  const count = pages && !hasNextPage && pictures.length > 0 ? countPictures(pictures.length) : undefined;
  return { ...list, pictures, count, onSeen };
}

function pagesToAsk(list: PicturePages, [first, last]: [number, number]): number[] {
  let end = 0;
  const ends = list.pages.map((page) => (end += page.images.length));
  const pageOf = (index: number) => Math.max(0, ends.findIndex((one) => index < one));
  return [...new Set([0, pageOf(first), pageOf(last)])];
}

// What is known already is shown at once, in every list: pictures that are changed, or gone where `changes` is null.
// Answers what undoes it.
export function editLists(client: QueryClient, ids: readonly string[], changes: Partial<LibraryImage> | null) {
  const touched = new Set(ids);
  const before = client.getQueriesData<PicturePages>({ queryKey: kLists });
  const edit = (page: PicturePage): PicturePage => {
    if (!page.images.some((image) => touched.has(image.image_id))) return page;
    const images = changes
      ? page.images.map((image) => (touched.has(image.image_id) ? { ...image, ...changes } : image))
      : page.images.filter((image) => !touched.has(image.image_id));
    return { ...page, images };
  };
  client.setQueriesData<PicturePages>({ queryKey: kLists }, (list) => list && { ...list, pages: list.pages.map(edit) });
  return () => {
    for (const [key, list] of before) client.setQueryData(key, list);
  };
}

// After changes of pictures: what shows them is asked for again, and searches that are not on screen when they are
// opened next.
export async function refreshPictures(client: QueryClient): Promise<void> {
  client.removeQueries({ queryKey: kLists, type: "inactive", predicate: ({ queryKey }) => queryKey[1] !== "own" });
  await Promise.all([["get", "/v1/images"], ["get", "/v1/images/{id}"], ["get", "/v1/usage"]].map((queryKey) =>
    client.invalidateQueries({ queryKey })));
}
