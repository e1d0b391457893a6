import { Check, Globe } from "lucide-react";
import { memo, useState } from "react";
import { type Detail, Picture } from "../../components/picture";
import type { GridPicture, LibraryImage } from "./picture_source";
import style from "./picture_grid.module.css";

interface CellProps {
  picture: GridPicture;
  image: LibraryImage | null; // null until it is known
  index: number;
  column: number;
  left: number;
  width: number;
  height: number;
  isChosen: boolean;
  canChoose: boolean;
  isStop: boolean; // where Tab comes in
  detail: Detail;
  note?: string;
}

const kDetails: readonly Detail[] = ["hash", "thumb", "full"];

// One picture of the grid. The grid hears what is done with it; the cell only shows it.
export const PictureCell = memo(function PictureCell(props: CellProps) {
  const { picture, image, index, column, left, width, height, isChosen, canChoose, isStop, note } = props;
  // What has been shown finely does not become coarse again.
  const [detail, setDetail] = useState<Detail>(props.detail);
  if (kDetails.indexOf(props.detail) > kDetails.indexOf(detail)) setDetail(props.detail);
  const name = image ? image.title ?? image.filename ?? "Untitled picture" : "Picture";
  return (
    <div role="gridcell" aria-selected={isChosen} aria-colindex={column} className={style.cell} style={{ left, width }}
      data-index={index}>
      <a className={style.open} href={`/pictures/${picture.id}`} style={{ height }} tabIndex={isStop ? 0 : -1}
        draggable={canChoose}>
        <Picture id={picture.id} alt={name} width={picture.width} height={picture.height} isFilling isEager
          thumbHash={image?.thumb_hash} sizes={`${width}px`} detail={detail} />
      </a>
      {image?.visibility === "public" && <Globe className={style.public} role="img" aria-label="Public" />}
      {canChoose && (
        <button type="button" className={style.check} tabIndex={-1} aria-pressed={isChosen}
          aria-label={`Select ${name}`}>
          <Check aria-hidden="true" />
        </button>
      )}
      {note && <p className={style.note}>{note}</p>}
    </div>
  );
});
