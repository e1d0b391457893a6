// A picture: looked at up to its pixels, enhanced, held against its results, described, shared. Its address says where
// one came from: an album (?album=), a search of the library (?q=) or the library itself.
import { useEffect, useRef } from "react";
import { useSearch } from "wouter";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { useMe } from "../../session/session";
import { NotArrived } from "./not_arrived";
import { PictureView } from "./picture_view";
import { factsOf, useImage } from "./use_image";
import { type Place, useNeighbours } from "./use_neighbours";
import { type Order, useAlbumOrder, useLibraryOrder } from "./use_order";

export default function PicturePage({ id }: { id: string }) {
  const search = new URLSearchParams(useSearch());
  const album = search.get("album");
  const q = search.get("q")?.trim() ?? "";
  return album ? <InAlbum key={album} id={id} album={album} /> : <InLibrary id={id} q={q} />;
}

function InAlbum({ id, album }: { id: string; album: string }) {
  return <Shown id={id} order={useAlbumOrder(album)} back={{ href: `/albums/${album}`, label: "Back to the album" }} />;
}

function InLibrary({ id, q }: { id: string; q: string }) {
  const href = q ? `/library?${new URLSearchParams({ q })}` : "/library";
  return <Shown id={id} order={useLibraryOrder(q)} back={{ href, label: "Back to the library" }} />;
}

function Shown({ id, order, back }: { id: string; order: Order; back: Place }) {
  const me = useMe();
  const { data, error, refetch } = useImage(id);
  const neighbours = useNeighbours(id, order, back);
  // While the next one is asked for, the one before stands in: the frame of the page stays.
  const before = useRef(data);
  useEffect(() => {
    if (data) before.current = data;
  }, [data]);
  const image = data ?? (error ? undefined : before.current);
  if (error && !data) {
    return <Page title="Picture" isTitleHidden><ProblemState error={error} onRetry={() => void refetch()} /></Page>;
  }
  if (!image) return <NotArrived id={id} isLoading back={back} />;
  const facts = factsOf(image);
  if (!facts) return <NotArrived id={id} fault={image.fault?.detail} back={back} />;
  return <PictureView image={image} facts={facts} isMine={image.owner_id === me.id} neighbours={neighbours} />;
}
