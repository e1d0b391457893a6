import { useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Badge } from "../../components/badge";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { formatCount } from "../../format";
import { ShareDialog } from "../../share/share_dialog";
import { AddPictures } from "./add_pictures";
import { AlbumActions, type AlbumDialog } from "./album_actions";
import { useAlbum } from "./album_data";
import { AlbumForm } from "./album_form";
import style from "./album_page.module.css";
import { AlbumPictures } from "./album_pictures";
import { BatchBoard } from "./batch_board";
import { DeleteAlbum } from "./delete_album";
import { EnhanceAlbum } from "./enhance_album";
import { OpenBatch } from "./open_batch";

// The batch that is watched stands in the address, so that a reload finds it again.
export default function AlbumPage({ id }: { id: string }) {
  const { data: album, error, refetch } = useAlbum(id);
  const [dialog, setDialog] = useState<AlbumDialog | null>(null);
  const [query, setQuery] = useSearchParams();
  const [, go] = useLocation();
  const close = () => setDialog(null);
  const batch = query.get("batch");
  const watch = (batchId: string | null) => setQuery(batchId ? { batch: batchId } : {}, { replace: true });

  if (!album) {
    return (
      <Page key="loading" title="Album" isTitleHidden>
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton />}
      </Page>
    );
  }
  const lead =
    <>{formatCount(album.image_count, "picture")} {album.visibility === "public" && <Badge>public</Badge>}</>;
  return (
    <Page title={album.title} lead={lead} actions={<AlbumActions album={album} onOpen={setDialog} />}>
      {album.description && <p className={style.description}>{album.description}</p>}
      {batch ? <BatchBoard key={batch} id={batch} onClose={() => watch(null)} />
        : <OpenBatch album={album} onWatch={watch} />}
      <AlbumPictures album={album} onAdd={() => setDialog("add")} />
      {dialog === "edit" && <AlbumForm album={album} onClose={close} />}
      {dialog === "delete" && <DeleteAlbum album={album} onClose={close} onDeleted={() => go("/albums")} />}
      {dialog === "add" && <AddPictures album={album} onClose={close} />}
      {dialog === "share" && <ShareDialog kind="albums" id={id} onClose={close} />}
      {dialog === "enhance" && <EnhanceAlbum album={album} onClose={close} onStarted={watch} />}
    </Page>
  );
}
