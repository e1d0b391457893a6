import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ArrowLeftToLine, ArrowRightToLine, Ellipsis, FolderMinus, GripVertical, ImageUp } from "lucide-react";
import type { CSSProperties } from "react";
import { Link } from "wouter";
import { Badge } from "../../components/badge";
import { Menu } from "../../components/menu";
import { Picture } from "../../components/picture";
import type { Album, AlbumImage } from "./album_data";
import { shapeOf, titleOf } from "./album_image";
import style from "./album_page.module.css";
import { useAlbumImageActions } from "./album_image_actions";

interface AlbumTileProps {
  album: Album;
  image: AlbumImage;
  images: AlbumImage[];
  at: number;
  box: { top: number; left: number; width: number; height: number };
  onMove: (from: number, to: number) => void;
}

export function AlbumTile({ album, image, images, at, box, onMove }: AlbumTileProps) {
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    useSortable({ id: image.image_id });
  const { setCover, remove } = useAlbumImageActions(album);
  const name = titleOf(image);
  const place: CSSProperties = { ...box, transform: CSS.Translate.toString(transform), transition };
  const { onKeyDown, ...pointers } = listeners ?? {};
  return (
    <div ref={setNodeRef} role="listitem" className={style.tile} style={place} data-carried={isDragging || undefined}
      data-image={image.image_id}
      {...pointers}>
      <Link href={`/pictures/${image.image_id}?album=${album.album_id}`} className={style.picture} draggable={false}>
        <Picture id={image.image_id} alt={name} {...shapeOf(image)} thumbHash={image.thumb_hash} isFilling
          sizes={`${Math.ceil(box.width)}px`} />
      </Link>
      {image.image_id === album.cover_image_id && <span className={style.isCover}><Badge>Cover</Badge></span>}
      <div className={style.tools}>
        <button ref={setActivatorNodeRef} type="button" className={style.handle} {...attributes}
          onKeyDown={onKeyDown as never}
          aria-label={`Move ${name}, place ${at + 1} of ${images.length}`}>
          <GripVertical aria-hidden="true" />
        </button>
        <Menu label={`More for ${name}`} icon={<Ellipsis />} isLabelHidden items={[
          { label: "Use as cover", icon: <ImageUp />, isDisabled: image.image_id === album.cover_image_id,
            run: () => void setCover(image) },
          { label: "To the front", icon: <ArrowLeftToLine />, isDisabled: at === 0, run: () => onMove(at, 0) },
          { label: "To the end", icon: <ArrowRightToLine />, isDisabled: at === images.length - 1,
            run: () => onMove(at, images.length - 1) },
          { label: "Remove from the album", icon: <FolderMinus />, run: () => void remove(image, images, at) },
        ]} />
      </div>
    </div>
  );
}
