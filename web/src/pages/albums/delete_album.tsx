import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { Confirm } from "../../components/dialog";
import { useProblemToast, useToast } from "../../components/toast";
import { formatCount } from "../../format";
import { type Album, useAlbumsChanged } from "./album_data";

interface DeleteAlbumProps {
  album: Album;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteAlbum({ album, onClose, onDeleted }: DeleteAlbumProps) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAlbumsChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.DELETE("/v1/albums/{id}", { params: { path: { id: album.album_id } } }),
    onSuccess: () => {
      show(`“${album.title}” was deleted`);
      onClose();
      onDeleted?.();
      void changed(false);
    },
    onError: tell,
  });
  return (
    <Confirm title={`Delete “${album.title}”?`} action="Delete the album" isBusy={isPending} onConfirm={mutate}
      onClose={onClose}>
      <p>The album and its links go for good. {album.image_count > 0 &&
        <>{album.image_count === 1 ? "Its picture stays" : `Its ${formatCount(album.image_count, "picture")} stay`} in
          your library.</>}</p>
    </Confirm>
  );
}
