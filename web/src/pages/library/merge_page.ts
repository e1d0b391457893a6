import type { InfiniteData } from "@tanstack/react-query";
import type { GridPicture } from "./picture_list";

export interface PicturePage {
  pictures: GridPicture[];
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
  const ofBehind = new Set(behind.pictures.map(({ id }) => id));
  const pictures = fresh.pictures.filter(({ id }) => !ofBehind.has(id));
  const last = pictures.at(-1)?.id;
  const lastAt = old.pictures.findIndex(({ id }) => id === last);
  const reachesBehind = pictures.length < fresh.pictures.length;
  if (lastAt < 0 && !reachesBehind && at === 0) return { ...list, pages: [fresh], pageParams: [null] };
  const rest = reachesBehind || lastAt < 0 ? [] : old.pictures.slice(lastAt + 1);
  const page = { pictures: [...pictures, ...rest], next_cursor: old.next_cursor };
  return { ...list, pages: list.pages.map((one, index) => (index === at ? page : one)) };
}
