// While pictures are dragged, the albums they can be let go over. By keyboard and touch, "Add to album" does the same.
import { FolderPlus, Images } from "lucide-react";
import { type DragEvent, type ReactNode, useState } from "react";
import { ProblemNote } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import style from "./album_dialog.module.css";
import { useNewestAlbums } from "../../api/albums";
import { kDragType } from "./use_grid_actions";

interface AlbumDropProps {
  onDrop: (album: { id: string; title: string }, ids: string[]) => void;
  onDropNew: (ids: string[]) => void;
}

export function AlbumDrop({ onDrop, onDropNew }: AlbumDropProps) {
  const { data, error, isPending } = useNewestAlbums();
  return (
    <section className={style.panel} aria-label="Drop into an album">
      <h2>Drop into an album</h2>
      <div className={style.targets}>
        <Target icon={<FolderPlus />} label="New album" onDrop={onDropNew} />
        {isPending && <Skeleton />}
        <ProblemNote error={error} />
        {data?.albums.map((album) => (
          <Target key={album.album_id} icon={<Images />} label={album.title}
            onDrop={(ids) => onDrop({ id: album.album_id, title: album.title }, ids)} />
        ))}
      </div>
    </section>
  );
}

function Target({ icon, label, onDrop }: { icon: ReactNode; label: string; onDrop: (ids: string[]) => void }) {
  const [isOver, setOver] = useState(false);
  const hover = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(kDragType)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onDrop(JSON.parse(event.dataTransfer.getData(kDragType)) as string[]);
  };
  return (
    <div className={style.target} data-over={isOver} onDragEnter={hover} onDragOver={hover}
      onDragLeave={() => setOver(false)} onDrop={drop}>
      {icon}<span>{label}</span>
    </div>
  );
}
