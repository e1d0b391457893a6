import type { AlbumImage } from "./album_data";

// Pictures that have not been read yet have no size.
export const shapeOf = ({ original }: Pick<AlbumImage, "original">) =>
  ({ width: original.width ?? 1, height: original.height ?? 1 });

export const titleOf = ({ title, filename }: { title: string | null; filename?: string | undefined }) =>
  title || filename || "Untitled picture";
