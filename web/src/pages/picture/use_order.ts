// The order of the pictures where one came from, read on from the lists that the album and the library hold.
import { useMemo } from "react";
import { useAlbumImages } from "../albums/album_data";
import { usePictureList } from "../library/picture_list";
import type { PictureSource } from "../library/picture_source";
import { amongOwn } from "../library/search_query";

export interface Order {
  ids: string[];
  canGoOn: boolean; // there is more, and nothing stands in the way of asking for it
  isWhole: boolean; // there is no more
  goOn: () => unknown;
}

export function useAlbumOrder(album: string): Order {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = useAlbumImages(album);
  const ids = useMemo(() => data?.pages.flatMap(({ images }) => images.map(({ image_id }) => image_id)) ?? [], [data]);
  return { ids, canGoOn: hasNextPage && !isFetching && !isError, isWhole: !hasNextPage, goOn: fetchNextPage };
}

export function useLibraryOrder(q: string): Order {
  const source = useMemo<PictureSource>(() => (q ? { kind: "search", query: amongOwn(q) } : { kind: "own" }), [q]);
  const { pictures, hasNextPage, isFetching, isError, fetchNextPage } = usePictureList(source);
  const ids = useMemo(() => pictures.map(({ id }) => id), [pictures]);
  return { ids, canGoOn: hasNextPage && !isFetching && !isError, isWhole: !hasNextPage, goOn: fetchNextPage };
}
