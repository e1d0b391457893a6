// The pictures of a list, held for as long as they are looked through.
//
// It is laid out whole: behind the newest page come outlines, thousands to a page, and what else is shown of a picture
// is asked for where one looks (whole_images.ts).
//
// A list of 100,000 pictures is not asked for again because one picture came. So nothing makes the list stale. The
// newest page is watched in its place: when it is asked for again, after an upload, a job or a change elsewhere, it and
// what is in sight are laid into the list anew.
import { type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { $api } from "../../api/client";
import { formatCount } from "../../format";
import { mergePage, type PicturePage, type PicturePages } from "./merge_page";
import {
  type GridPicture, type ImagePage, type LibraryImage, type PictureSource, readImages, readOutlines,
} from "./picture_source";
import { editWholeImages, useWholeImages } from "./whole_images";

export const countPictures = (count: number) => formatCount(count, "picture");

const kPage = 100;
const kLists = ["pictures"];

// Whoever asks for it by this tries again himself.
const newestOptions = () =>
  $api.queryOptions("get", "/v1/images", { params: { query: { limit: kPage } } }, { retry: false });

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
      if (pageParam) return readOutlines(source, pageParam, signal);
      return shownPage(isOwn ? await client.fetchQuery({ ...newestOptions(), staleTime: 5_000 })
        : await readImages(source, { limit: kPage }, signal));
    },
    getNextPageParam: (page) => page.next_cursor,
    structuralSharing: false,
    staleTime: "static",
  });
  const { dataUpdatedAt } = $api.useQuery("get", "/v1/images", { params: { query: { limit: kPage } } });

  const pages = list.data?.pages;
  const pictures = useMemo(() => pages?.flatMap((page) => page.pictures) ?? [], [pages]);
  const onGone = useCallback((ids: string[]) => void editLists(client, ids, null, queryKey), [client, queryKey]);
  const whole = useWholeImages(source, pictures, onGone);

  const refresh = useCallback(async () => {
    if (!client.getQueryData(queryKey)) return;
    const fresh = isOwn ? await client.ensureQueryData(newestOptions()) : await readImages(source, { limit: kPage });
    client.setQueryData<PicturePages>(queryKey, (now) => now && mergePage(now, shownPage(fresh)));
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
  // Called with what is in sight.
  const onSeen = useCallback((first: number, last: number) => {
    look(first, last);
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError, look]);
  // Known when the last page is there.
  const count = pages && !hasNextPage && pictures.length > 0 ? countPictures(pictures.length) : undefined;
  return { ...list, pictures, imageOf: whole.imageOf, count, onSeen };
}

// What is known already is shown at once, in every list: pictures that are changed, or gone where `changes` is null.
// Answers what undoes it.
export function editLists(client: QueryClient, ids: readonly string[], changes: Partial<LibraryImage> | null,
  lists: readonly string[] = kLists) {
  const touched = new Set(ids);
  const before = client.getQueriesData<PicturePages>({ queryKey: lists });
  const changed = (picture: GridPicture): GridPicture =>
    (picture.image && touched.has(picture.id) ? { ...picture, image: { ...picture.image, ...changes } } : picture);
  const edit = (page: PicturePage): PicturePage => {
    if (!page.pictures.some(({ id }) => touched.has(id))) return page;
    const pictures = changes ? page.pictures.map(changed) : page.pictures.filter(({ id }) => !touched.has(id));
    return { ...page, pictures };
  };
  client.setQueriesData<PicturePages>({ queryKey: lists }, (list) => list && { ...list, pages: list.pages.map(edit) });
  if (changes) editWholeImages(client, touched, changes);
  return () => {
    for (const [key, list] of before) client.setQueryData(key, list);
  };
}

// Where pictures have come back, they may stand anywhere in what was laid out before.
export const forgetLists = (client: QueryClient): void =>
  client.removeQueries({ queryKey: kLists, type: "inactive" });

// After changes of pictures: what shows them is asked for again, and searches that are not on screen when they are
// opened next.
export async function refreshPictures(client: QueryClient): Promise<void> {
  client.removeQueries({ queryKey: kLists, type: "inactive", predicate: ({ queryKey }) => queryKey[1] !== "own" });
  await Promise.all([["get", "/v1/images"], ["get", "/v1/images/{id}"], ["get", "/v1/usage"]].map((queryKey) =>
    client.invalidateQueries({ queryKey })));
}
