// What is said to those who listen while a picture is carried elsewhere.
import type { Announcements, UniqueIdentifier } from "@dnd-kit/core";
import type { AlbumImage } from "./album_data";
import { titleOf } from "./album_image";

export const kInstructions =
  "Press Space to take the picture up, the arrow keys to carry it, Space again to lay it down, Escape to leave it " +
  "where it was.";

export function announcements(images: AlbumImage[]): Announcements {
  const at = (id: UniqueIdentifier) => images.findIndex((image) => image.image_id === id);
  const name = (id: UniqueIdentifier) => {
    const image = images[at(id)];
    return image ? titleOf(image) : "The picture";
  };
  const place = (id: UniqueIdentifier) => `place ${at(id) + 1} of ${images.length}`;
  return {
    onDragStart: ({ active }) => `${name(active.id)} was taken up from ${place(active.id)}.`,
    onDragOver: ({ active, over }) => over ? `${name(active.id)} is over ${place(over.id)}.` : undefined,
    onDragEnd: ({ active, over }) => over ? `${name(active.id)} was laid down at ${place(over.id)}.` : undefined,
    onDragCancel: ({ active }) => `${name(active.id)} stays where it was.`,
  };
}
