import { api } from "../../api/client";
import { useProblemToast, useToast } from "../../components/toast";
import { addToAlbum, type Album, type AlbumImage, moveTo, useAlbumsChanged } from "./album_data";
import { titleOf } from "./album_image";

// What may be done to one picture of an album.
export function useAlbumImageActions(album: Album) {
  const id = album.album_id;
  const changed = useAlbumsChanged();
  const show = useToast();
  const tell = useProblemToast();

  const setCover = async (image: AlbumImage) => {
    try {
      await api.PATCH("/v1/albums/{id}", { params: { path: { id } }, body: { cover_image_id: image.image_id } });
      show(`${titleOf(image)} is the cover now`);
      await changed(false);
    } catch (error) {
      tell(error);
    }
  };

  // Back to where it stood, and the cover again where it was that.
  const putBack = async (image: AlbumImage, before: AlbumImage | undefined) => {
    try {
      await addToAlbum(id, [image.image_id]);
      if (before) await moveTo(id, image.image_id, { before: before.image_id });
      if (album.cover_image_id === image.image_id) await setCover(image);
    } catch (error) {
      tell(error);
    }
    await changed();
  };

  const remove = async (image: AlbumImage, images: AlbumImage[], at: number) => {
    try {
      await api.DELETE("/v1/albums/{id}/images/{image_id}", { params: { path: { id, image_id: image.image_id } } });
      show(`${titleOf(image)} was removed from the album`,
        { action: { label: "Undo", run: () => void putBack(image, images[at + 1]) } });
    } catch (error) {
      tell(error);
    }
    await changed();
  };
  return { setCover, remove };
}
