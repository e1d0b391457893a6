// A justified grid of any number of pictures: only the rows in sight are in the document.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { kGap, justify, type Row, rowOf, widthsOf } from "./justified";
import { PictureCell } from "./picture_cell";
import type { GridPicture, LibraryImage } from "./picture_source";
import style from "./picture_grid.module.css";
import type { Selection } from "./selection";
import { useGridActions } from "./use_grid_actions";
import { useAnchoredRows, useFocusStop, useGridPlace, usePace } from "./use_grid_place";

interface GridProps {
  label: string;
  pictures: readonly GridPicture[];
  imageOf: (picture: GridPicture) => LibraryImage | null;
  selection: Selection;
  canChoose: (picture: GridPicture) => boolean;
  hasHeadings?: boolean;
  noteOf?: (image: LibraryImage | null) => string; // a line below each
  onSeen: (first: number, last: number) => void;
  onDelete: (ids: string[]) => void; // by the key, of what is chosen or else of the one that has the focus
  onOpen?: (picture: GridPicture) => void; // instead of its page
  onDragging?: (ids: string[] | null) => void; // pictures are being dragged; null when they were let go
  end?: ReactNode; // behind the last row
}

const kHeadingHeight = 44;
const kNoteHeight = 32;
const kEdge = 96; // what bars cover at the top and bottom

export function PictureGrid(props: GridProps) {
  const { label, pictures, imageOf, selection, canChoose, hasHeadings = false, noteOf, onSeen } = props;
  const frame = useRef<HTMLDivElement>(null);
  const { width, top } = useGridPlace(frame);
  const target = width < 600 ? 120 : 184;
  const rows = useMemo(() => (width > 0 ? justify(pictures, width, target, hasHeadings) : []),
    [pictures, width, target, hasHeadings]);
  const stop = useFocusStop(pictures);
  const stopRow = rows.length > 0 ? rowOf(rows, stop.index) : -1;
  const sizeOf = (row: Row) => (row.count === 0 ? kHeadingHeight : row.height + kGap + (noteOf ? kNoteHeight : 0));
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (at) => sizeOf(rows[at]!),
    overscan: 4,
    scrollMargin: top,
    scrollPaddingStart: kEdge,
    scrollPaddingEnd: kEdge,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const inSight = Array.from({ length: to - from + 1 }, (_, at) => from + at);
      return stopRow < 0 || (stopRow >= from && stopRow <= to) ? inSight : [...inSight, stopRow].sort((a, b) => a - b);
    },
  });
  useAnchoredRows(virtualizer, rows, pictures);
  const detail = usePace(virtualizer);
  const range = virtualizer.range;
  const first = range ? (rows[range.startIndex]?.first ?? 0) : 0;
  const lastRow = range ? rows[range.endIndex] : undefined;
  const last = lastRow ? lastRow.first + lastRow.count - 1 : 0;
  useEffect(() => onSeen(first, last), [onSeen, first, last, pictures.length]);
  const actions = useGridActions({ ...props, rows, width, stop, virtualizer });

  return (
    <>
      <div ref={frame} role="grid" aria-label={label} aria-multiselectable="true" aria-rowcount={rows.length}
        className={selection.ids.size > 0 ? `${style.grid} ${style.choosing}` : style.grid}
        style={{ height: virtualizer.getTotalSize() }} {...actions}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const place = { height: item.size, transform: `translateY(${item.start - top}px)` };
          if (row.count === 0) return <Heading key={item.key} row={row} at={item.index} place={place} />;
          const widths = widthsOf(row, pictures, width);
          let left = 0;
          return (
            <div key={item.key} role="row" aria-rowindex={item.index + 1} className={style.row} style={place}>
              {pictures.slice(row.first, row.first + row.count).map((picture, column) => {
                const at = left;
                left += widths[column]! + kGap;
                const image = imageOf(picture);
                return (
                  <PictureCell key={picture.id} picture={picture} image={image} index={row.first + column}
                    column={column + 1} left={at} width={widths[column]!} height={row.height}
                    isChosen={selection.ids.has(picture.id)}
                    canChoose={canChoose(picture)} isStop={row.first + column === stop.index} detail={detail}
                    note={noteOf?.(image)} />
                );
              })}
            </div>
          );
        })}
      </div>
      {props.end}
    </>
  );
}

function Heading({ row, at, place }: { row: Row; at: number; place: { height: number; transform: string } }) {
  return (
    <div role="row" aria-rowindex={at + 1} className={style.row} style={place}>
      <div role="rowheader" className={style.heading} style={{ height: place.height }}><h2>{row.label}</h2></div>
    </div>
  );
}

// Holds the grid's place before the first page is there.
export function GridSkeleton() {
  return (
    <div className={style.waiting} role="status" aria-label="Loading">
      {Array.from({ length: 18 }, (_, at) => <span key={at} />)}
    </div>
  );
}
