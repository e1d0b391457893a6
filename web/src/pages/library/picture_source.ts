// Where the pictures of a list come from, newest first: one's own, what a search finds, what was deleted. Each can be
// laid out whole, and read image by image, from its beginning or by ids.
import { api } from "../../api/client";
import type { components } from "../../api/schema/hosting";

type ImageItem = components["schemas"]["ImageItem"];

export type LibraryImage = Omit<ImageItem, "filename"> & { filename?: string; owner_id?: string };
export type ImagePage = { images: LibraryImage[]; next_cursor: string | null };

// A picture as the grid places it.
export interface GridPicture {
  id: string;
  width: number;
  height: number;
  createdAt: number;
  image: LibraryImage | null; // null of one that has only been outlined
}

export type PictureSource = { kind: "own" } | { kind: "search"; query: string } | { kind: "deleted" };

const kOutlines = 10_000;

export async function readImages(source: PictureSource, query: { limit: number } | { image_ids: string },
  signal?: AbortSignal): Promise<ImagePage> {
  switch (source.kind) {
    case "own":
      return (await api.GET("/v1/images", { params: { query }, signal })).data!;
    case "deleted":
      return (await api.GET("/v1/images:deleted", { params: { query }, signal })).data!;
    case "search": {
      const search = "image_ids" in query ? query : { ...query, q: source.query };
      return (await api.GET("/v1/search/images", { params: { query: search }, signal })).data!;
    }
  }
}

const outlineOf = (source: PictureSource) =>
  (source.kind === "search" ? { q: source.query } : source.kind === "deleted" ? { deleted: true } : {});

export async function readOutlines(source: PictureSource, cursor: string, signal: AbortSignal) {
  const query = { ...outlineOf(source), limit: kOutlines, cursor };
  const { data } = await api.GET("/v1/images:outline", { params: { query }, signal });
  const { image_ids, widths, heights, created_at_ms, next_cursor } = data!;
  const pictures = image_ids.map((id, at): GridPicture => ({
    id, width: widths[at] || 1, height: heights[at] || 1, createdAt: created_at_ms[at]!, image: null,
  }));
  return { pictures, next_cursor };
}
