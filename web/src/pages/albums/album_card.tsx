import { Ellipsis, Globe, Image, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { Menu } from "../../components/menu";
import { Picture } from "../../components/picture";
import { formatCount } from "../../format";
import type { Album } from "./album_data";
import { AlbumForm } from "./album_form";
import style from "./albums_page.module.css";
import { DeleteAlbum } from "./delete_album";

// The list names a cover without its size; it fills a box of this shape.
const kCover = { width: 1800, height: 1200 };

export function AlbumCard({ album, isEager }: { album: Album; isEager: boolean }) {
  const [shown, setShown] = useState<"edit" | "delete" | null>(null);
  const close = () => setShown(null);
  return (
    <li className={style.card}>
      <Link href={`/albums/${album.album_id}`} className={style.cover}>
        {album.cover_image_id
          ? <Picture id={album.cover_image_id} alt="" {...kCover} isFilling isEager={isEager}
              sizes="(max-width: 40rem) 50vw, 20rem" />
          : <span className={style.none}><Image aria-hidden="true" /></span>}
        <span className={style.title}>{album.title}</span>
        <span className={style.facts}>
          {formatCount(album.image_count, "picture")}
          {album.visibility === "public" &&
            <><Globe aria-hidden="true" /> <span className={style.word}>public</span></>}
        </span>
      </Link>
      <Menu label={`More for ${album.title}`} look="quiet" icon={<Ellipsis />} isLabelHidden items={[
        { label: "Edit", icon: <Pencil />, run: () => setShown("edit") },
        { label: "Delete", icon: <Trash2 />, isDanger: true, run: () => setShown("delete") },
      ]} />
      {shown === "edit" && <AlbumForm album={album} onClose={close} />}
      {shown === "delete" && <DeleteAlbum album={album} onClose={close} />}
    </li>
  );
}
