import { ImagePlus } from "lucide-react";
import { useMemo } from "react";
import { Button } from "../../components/button";
import { Empty } from "../../components/empty";
import { ProblemState } from "../../components/problem_state";
import { type Album, useAlbumImages, useMove } from "./album_data";
import { SortableGrid } from "./sortable_grid";
import style from "./album_page.module.css";

export function AlbumPictures({ album, onAdd }: { album: Album; onAdd: () => void }) {
  const id = album.album_id;
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useAlbumImages(id);
  const images = useMemo(() => data?.pages.flatMap((page) => page.images), [data]);
  const move = useMove(id);
  if (!images) {
    return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Places count={album.image_count} />;
  }
  if (images.length === 0) {
    return (
      <Empty icon={<ImagePlus />} title="There is no picture in this album yet"
        action={<Button look="main" onClick={onAdd}>Add pictures</Button>}>
        A picture may be in several albums; it stays in your library.
      </Empty>
    );
  }
  return (
    <SortableGrid album={album} images={images} onMove={(from, to) => void move(images, from, to)}
      onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />
  );
}

function Places({ count }: { count: number }) {
  return (
    <div className={style.places} role="status" aria-label="Loading">
      {Array.from({ length: Math.min(24, Math.max(1, count)) }, (_, at) => <span key={at} className={style.place} />)}
    </div>
  );
}
