// Albums and their pictures as the server has them, and what may be done to them.
import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema/hosting";
import { useProblemToast } from "../../components/toast";

export type Album = components["schemas"]["Album"];
export type AlbumImage = components["schemas"]["AlbumImage"];
type Page = components["schemas"]["AlbumImagePage"];

const kPages = { pageParamName: "cursor", initialPageParam: null } as const;
const kPageSize = 100;
const kAdditionsMax = 100; // of one call

const imagesOptions = (id: string) => ({ params: { path: { id }, query: { limit: kPageSize } } });
const imagesKey = (id: string) => ["get", "/v1/albums/{id}/images", imagesOptions(id)];

export const useAlbum = (id: string) => $api.useQuery("get", "/v1/albums/{id}", { params: { path: { id } } });

export function useAlbumImages(id: string) {
  return $api.useInfiniteQuery("get", "/v1/albums/{id}/images", imagesOptions(id),
    { ...kPages, getNextPageParam: (last) => last.next_cursor });
}

// Whatever of albums is on screen is asked for again.
export function useAlbumsChanged() {
  const client = useQueryClient();
  return (imagesToo = true) => client.invalidateQueries({
    predicate: ({ queryKey }) => {
      const path = String(queryKey[1]);
      return path.startsWith("/v1/albums") && (imagesToo || !path.endsWith("/images"));
    },
  });
}

// Adds in pieces, in this order; answers how many came in anew.
export async function addToAlbum(id: string, imageIds: string[]): Promise<number> {
  let added = 0;
  for (let at = 0; at < imageIds.length; at += kAdditionsMax) {
    const { data } = await api.POST("/v1/albums/{id}/images",
      { params: { path: { id } }, body: { image_ids: imageIds.slice(at, at + kAdditionsMax) } });
    added += data!.added;
  }
  return added;
}

// Where an image goes: the one that it stands before, or behind.
export type Place = { before: string } | { after: string };

export function placeOf(images: AlbumImage[], from: number, to: number): Place {
  return to < from ? { before: images[to]!.image_id } : { after: images[to]!.image_id };
}

export const moveTo = (id: string, imageId: string, place: Place) =>
  api.POST("/v1/albums/{id}/images:move", { params: { path: { id } }, body: { image_ids: [imageId], ...place } });

// Shows the new order at once; where the server refuses it, what it has is shown again.
export function useMove(id: string) {
  const client = useQueryClient();
  const changed = useAlbumsChanged();
  const tell = useProblemToast();
  return async (images: AlbumImage[], from: number, to: number) => {
    if (from === to) return;
    const order = [...images];
    order.splice(to, 0, ...order.splice(from, 1));
    client.setQueryData<InfiniteData<Page>>(imagesKey(id), (old) => old && withOrder(old, order));
    try {
      await moveTo(id, images[from]!.image_id, placeOf(images, from, to));
      await changed(false);
    } catch (error) {
      tell(error);
      await changed();
    }
  };
}

function withOrder(data: InfiniteData<Page>, order: AlbumImage[]): InfiniteData<Page> {
  let at = 0;
  return { ...data, pages: data.pages.map((page) => ({ ...page, images: order.slice(at, at += page.images.length) })) };
}
