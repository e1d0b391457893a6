// The pictures of a search, page behind page by cursor, held for as long as they are looked through.
//
// One's own library is laid out whole: behind the newest page come outlines, thousands to a page, and what else is
// shown of a picture is asked for where one looks (whole_images.ts). Searches and the trash come image by image.
//
// A list of 100,000 pictures is not asked for again because one picture came. So nothing makes the list stale. The
// newest page is watched in its place: when it is asked for again, after an upload, a job or a change elsewhere, it and
// what is in sight are laid into the list anew.
import { type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { $api, api } from "../../api/client";
import { formatCount } from "../../format";
import type { components } from "../../api/schema/hosting";
import { mergePage, type PicturePage, type PicturePages } from "./merge_page";
import { editWholeImages, useWholeImages } from "./whole_images";

type ImageItem = components["schemas"]["ImageItem"];
type ImagePage = { images: LibraryImage[]; next_cursor: string | null };
export type LibraryImage = Omit<ImageItem, "filename"> & { filename?: string; owner_id?: string };

// A picture as the grid places it.
export interface GridPicture {
  id: string;
  width: number;
  height: number;
  createdAt: number;
  image: LibraryImage | null; // null of one that has only been outlined
}

export const countPictures = (count: number) => formatCount(count, "picture");

export type PictureSource = { kind: "own" } | { kind: "search"; query: string } | { kind: "deleted" };

const kPage = 100;
const kOutlines = 10_000;
const kLists = ["pictures"];

async function readOutlines(cursor: string, signal: AbortSignal): Promise<PicturePage> {
  const { data } = await api.GET("/v1/images:outline", { params: { query: { limit: kOutlines, cursor } }, signal });
  const { image_ids, widths, heights, created_at_ms, next_cursor } = data!;
  const pictures = image_ids.map((id, at) => ({
    id, width: widths[at] || 1, height: heights[at] || 1, createdAt: created_at_ms[at]!, image: null,
  }));
  return { pictures, next_cursor };
}

async function readPage(source: PictureSource, cursor: string | null, signal: AbortSignal): Promise<ImagePage> {
  const query = { limit: kPage, ...(cursor ? { cursor } : {}) };
  if (source.kind === "own") return (await api.GET("/v1/images", { params: { query }, signal })).data!;
  if (source.kind === "deleted") return (await api.GET("/v1/images:deleted", { params: { query }, signal })).data!;
  return (await api.GET("/v1/search/images", { params: { query: { ...query, q: source.query } }, signal })).data!;
}

const newestOptions = () =>
  $api.queryOptions("get", "/v1/images", { params: { query: { limit: kPage } } });

function shown(image: LibraryImage): GridPicture {
  const { width, height } = image.original;
  return { id: image.image_id, width: width ?? 1, height: height ?? 1, createdAt: image.created_at_ms, image };
}

const shownPages = new WeakMap<ImagePage, PicturePage>();
function shownPage(page: ImagePage): PicturePage {
  const known = shownPages.get(page);
  if (known) return known;
  const made = { pictures: page.images.map(shown), next_cursor: page.next_cursor };
  shownPages.set(page, made);
  return made;
}

export function usePictureList(source: PictureSource) {
  const client = useQueryClient();
  const queryKey = useMemo(() => [...kLists, source.kind, source.kind === "search" ? source.query : ""], [source]);
  const isOwn = source.kind === "own";
  const list = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<PicturePage> => {
      if (!isOwn) return shownPage(await readPage(source, pageParam, signal));
      return pageParam ? readOutlines(pageParam, signal)
        : shownPage(await client.fetchQuery({ ...newestOptions(), staleTime: 5_000 }));
    },
    getNextPageParam: (page) => page.next_cursor,
    structuralSharing: false,
    staleTime: "static",
  });
  const inSight = useRef<[number, number]>([0, 0]);
  const { dataUpdatedAt } = $api.useQuery("get", "/v1/images", { params: { query: { limit: kPage } } });

  const pages = list.data?.pages;
  const pictures = useMemo(() => pages?.flatMap((page) => page.pictures) ?? [], [pages]);
  const onGone = useCallback((ids: string[]) => void editLists(client, ids, null), [client]);
  const whole = useWholeImages(pictures, onGone);

  const refresh = useCallback(async () => {
    const before = client.getQueryData<PicturePages>(queryKey);
    if (!before) return;
    for (const at of isOwn ? [0] : pagesToAsk(before, inSight.current)) {
      const cursor = before.pageParams[at] ?? null;
      const fresh = isOwn ? await client.ensureQueryData(newestOptions())
        : await readPage(source, cursor, new AbortController().signal);
      client.setQueryData<PicturePages>(queryKey, (now) =>
        (now && now.pageParams[at] === before.pageParams[at] ? mergePage(now, at, shownPage(fresh)) : now));
    }
    await whole.refresh();
  }, [client, isOwn, queryKey, source, whole.refresh]);

  const heard = useRef({ source, at: 0 });
  useEffect(() => {
    if (heard.current.source !== source) heard.current = { source, at: 0 };
    if (dataUpdatedAt === 0 || dataUpdatedAt === heard.current.at) return;
    const isFirst = heard.current.at === 0;
    heard.current.at = dataUpdatedAt;
    if (isFirst && !isOwn) return;
    refresh().catch(() => undefined); // What is shown stays; the next change asks again.
  }, [dataUpdatedAt, isOwn, refresh, source]);

  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  const { look } = whole;
  // Called with what is in sight: two pages behind it are there before they are scrolled to, and outlines all.
  const onSeen = useCallback((first: number, last: number) => {
    inSight.current = [first, last];
    look(first, last);
    const canAsk = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
    if (canAsk && (isOwn || last > pictures.length - 2 * kPage)) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError, isOwn, look, pictures.length]);
  // Known when the last page is there.
  const count = pages && !hasNextPage && pictures.length > 0 ? countPictures(pictures.length) : undefined;
  return { ...list, pictures, imageOf: whole.imageOf, count, onSeen };
}

function pagesToAsk(list: PicturePages, [first, last]: [number, number]): number[] {
  let end = 0;
  const ends = list.pages.map((page) => (end += page.pictures.length));
  const pageOf = (index: number) => Math.max(0, ends.findIndex((one) => index < one));
  return [...new Set([0, pageOf(first), pageOf(last)])];
}

// What is known already is shown at once, in every list: pictures that are changed, or gone where `changes` is null.
// Answers what undoes it.
export function editLists(client: QueryClient, ids: readonly string[], changes: Partial<LibraryImage> | null) {
  const touched = new Set(ids);
  const before = client.getQueriesData<PicturePages>({ queryKey: kLists });
  const changed = (picture: GridPicture): GridPicture =>
    (picture.image && touched.has(picture.id) ? { ...picture, image: { ...picture.image, ...changes } } : picture);
  const edit = (page: PicturePage): PicturePage => {
    if (!page.pictures.some(({ id }) => touched.has(id))) return page;
    const pictures = changes ? page.pictures.map(changed) : page.pictures.filter(({ id }) => !touched.has(id));
    return { ...page, pictures };
  };
  client.setQueriesData<PicturePages>({ queryKey: kLists }, (list) => list && { ...list, pages: list.pages.map(edit) });
  if (changes) editWholeImages(client, touched, changes);
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
