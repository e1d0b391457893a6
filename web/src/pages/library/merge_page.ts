import type { InfiniteData } from "@tanstack/react-query";
import type { GridPicture } from "./picture_source";

export interface PicturePage {
  pictures: GridPicture[];
  next_cursor: string | null;
}

export type PicturePages = InfiniteData<PicturePage, string | null>;

// Lays the newest page, asked for again, over the one it was, without a gap to the one behind. Where both have nothing
// in common, so much has come that the list begins anew.
export function mergePage(list: PicturePages, fresh: PicturePage): PicturePages {
  const [old, behind] = list.pages;
  if (!old || old === fresh) return list;
  if (!behind) return { ...list, pages: [fresh] };
  const ofBehind = new Set(behind.pictures.map(({ id }) => id));
  const pictures = fresh.pictures.filter(({ id }) => !ofBehind.has(id));
  const last = pictures.at(-1)?.id;
  const lastAt = old.pictures.findIndex(({ id }) => id === last);
  const reachesBehind = pictures.length < fresh.pictures.length;
  if (lastAt < 0 && !reachesBehind) return { ...list, pages: [fresh], pageParams: [null] };
  const rest = reachesBehind ? [] : old.pictures.slice(lastAt + 1);
  const page = { pictures: [...pictures, ...rest], next_cursor: old.next_cursor };
  return { ...list, pages: [page, ...list.pages.slice(1)] };
}
