import type { InfiniteData } from "@tanstack/react-query";
import type { LibraryImage } from "./picture_list";

export interface PicturePage {
  images: LibraryImage[];
  next_cursor: string | null;
}

// Lays a page that was asked for again over the one it was, without a gap to the one behind. Where both have nothing in
// common, so much has come that the list begins anew.
export type PicturePages = InfiniteData<PicturePage, string | null>;

export function mergePage(list: PicturePages, at: number, fresh: PicturePage): PicturePages {
  const old = list.pages[at];
  const behind = list.pages[at + 1];
  if (!old || old === fresh) return list;
  if (!behind) return { ...list, pages: [...list.pages.slice(0, at), fresh] };
  const ofBehind = new Set(behind.images.map((image) => image.image_id));
  const images = fresh.images.filter((image) => !ofBehind.has(image.image_id));
  const last = images.at(-1)?.image_id;
  const lastAt = old.images.findIndex((image) => image.image_id === last);
  const reachesBehind = images.length < fresh.images.length;
  if (lastAt < 0 && !reachesBehind && at === 0) return { ...list, pages: [fresh], pageParams: [null] };
  const rest = reachesBehind || lastAt < 0 ? [] : old.images.slice(lastAt + 1);
  const page = { images: [...images, ...rest], next_cursor: old.next_cursor };
  return { ...list, pages: list.pages.map((one, index) => (index === at ? page : one)) };
}
