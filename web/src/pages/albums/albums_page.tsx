import { Layers, Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/button";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { formatCount, formatNumber } from "../../format";
import { AlbumCard } from "./album_card";
import { useAlbums } from "../../api/albums";
import { AlbumForm } from "./album_form";
import style from "./albums_page.module.css";

const kPlacesKept = 8;

export default function AlbumsPage() {
  const [isMaking, setMaking] = useState(false);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useAlbums();
  const albums = data?.pages.flatMap((page) => page.albums);
  const make = <Button look="main" icon={<Plus />} onClick={() => setMaking(true)}>New album</Button>;
  return (
    <Page title="Albums" lead={albums && albums.length > 0 &&
      (hasNextPage ? `${formatNumber(albums.length)}+ albums` : formatCount(albums.length, "album"))}
      actions={albums && albums.length > 0 && make}>
      {!albums && error && <ProblemState error={error} onRetry={() => void refetch()} />}
      {!albums && !error && <Places />}
      {albums?.length === 0 && (
        <Empty icon={<Layers />} title="No album yet" action={make}>
          Put pictures together in an order of your own, share them by a link, and have all of them enhanced at once.
        </Empty>
      )}
      {albums && albums.length > 0 && (
        <ul className={style.grid}>
          {albums.map((album, at) => <AlbumCard key={album.album_id} album={album} isEager={at < kPlacesKept} />)}
        </ul>
      )}
      {hasNextPage && <p className={style.more}>
        <Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>More albums</Button>
      </p>}
      {isMaking && <AlbumForm album={null} onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Places() {
  return (
    <div className={style.grid} role="status" aria-label="Loading">
      {Array.from({ length: kPlacesKept }, (_, at) => <span key={at} className={style.place} />)}
    </div>
  );
}
