import { FolderPlus, Images } from "lucide-react";
import { useRef, useState } from "react";
import { useNewestAlbums } from "../../api/albums";
import { api, newIdempotencyKey } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatCount } from "../../format";
import style from "./album_dialog.module.css";
import { countPictures } from "./picture_list";

interface AlbumDialogProps {
  ids: string[];
  onAdd: (album: { id: string; title: string }, ids: string[]) => Promise<boolean>;
  onClose: () => void;
}

// Into an album there is, or into a new one.
export function AlbumDialog({ ids, onAdd, onClose }: AlbumDialogProps) {
  const { data, error, isPending } = useNewestAlbums();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useRef(newIdempotencyKey());
  const albums = data?.albums ?? [];
  const shown = albums.filter((album) => album.title.toLowerCase().includes(name.trim().toLowerCase()));

  const add = async (album: { id: string; title: string }) => {
    setBusy(true);
    const isDone = await onAdd(album, ids);
    setBusy(false);
    if (isDone) onClose();
  };
  const addToNew = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { data: made } = await api.POST("/v1/albums", {
        params: { header: { "Idempotency-Key": key.current } }, body: { title: name.trim(), visibility: "private" },
      });
      await add({ id: made!.album_id, title: made!.title });
    } catch (caught) {
      setProblem(caught);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Add ${countPictures(ids.length)} to an album`} onClose={onClose}>
      <form className={style.make} onSubmit={(event) => { event.preventDefault(); void addToNew(); }}>
        <TextField label="Find an album, or name a new one" value={name} maxLength={200} autoComplete="off" autoFocus
          onChange={(event) => { setName(event.currentTarget.value); key.current = newIdempotencyKey(); }} />
        <Button look="main" type="submit" icon={<FolderPlus />} disabled={name.trim() === ""} isBusy={isBusy}>
          New album
        </Button>
      </form>
      <ProblemNote error={problem ?? error} />
      {isPending && <Skeleton />}
      <ul className={style.albums}>
        {shown.map((album) => (
          <li key={album.album_id}>
            <button type="button" className={style.album} disabled={isBusy}
              onClick={() => void add({ id: album.album_id, title: album.title })}>
              <Images aria-hidden="true" />
              <span>{album.title}</span>
              <span className={style.count}>{formatCount(album.image_count, "picture")}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
