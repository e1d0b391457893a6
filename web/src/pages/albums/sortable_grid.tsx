// The pictures of an album in its order, as many as the window shows. They are put elsewhere by the mouse, by a finger
// that rests on one, or by the keyboard: Space takes one up, arrows carry it, Space lays it down.
import {
  closestCenter, DndContext, type DragEndEvent, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useSensor,
  useSensors,
} from "@dnd-kit/core";
import { rectSortingStrategy, SortableContext, sortableKeyboardCoordinates } from "@dnd-kit/sortable";
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Picture } from "../../components/picture";
import type { Album, AlbumImage } from "./album_data";
import { shapeOf, titleOf } from "./album_image";
import { AlbumTile } from "./album_tile";
import { announcements, kInstructions } from "./sorting_words";
import style from "./album_page.module.css";

interface SortableGridProps {
  album: Album;
  images: AlbumImage[];
  onMove: (from: number, to: number) => void;
  onEnd: () => void; // the last of them is near
}

const kGap = 8;
const kTileMin = 150;
const kTileWanted = 220;

// How many columns, and how wide each.
function layout(width: number) {
  const columns = Math.max(2, Math.floor((width + kGap) / ((width < 600 ? kTileMin : kTileWanted) + kGap)));
  return { columns, side: (width - kGap * (columns - 1)) / columns };
}

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ width: 0, top: 0 });
  useLayoutEffect(() => {
    const node = ref.current!;
    const measure = () => setBox({ width: node.clientWidth, top: node.offsetTop });
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    observer.observe(document.body); // what stands above may grow
    measure();
    return () => observer.disconnect();
  }, []);
  return { ref, ...box };
}

export function SortableGrid({ album, images, onMove, onEnd }: SortableGridProps) {
  const { ref, width, top } = useWidth();
  const { columns, side } = layout(width);
  const [activeId, setActiveId] = useState<string | null>(null);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 300, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const ids = images.map((image) => image.image_id);
  const activeRow = activeId === null ? null : Math.floor(ids.indexOf(activeId) / columns);
  const rows = useWindowVirtualizer({
    count: Math.ceil(images.length / columns),
    estimateSize: () => side + kGap,
    overscan: 3,
    scrollMargin: top,
    // What is carried stays, however far one scrolls.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return activeRow === null || shown.includes(activeRow) ? shown
        : [...shown, activeRow].sort((one, other) => one - other);
    },
  });
  useEffect(() => rows.measure(), [rows, side]);
  const shown = rows.getVirtualItems();
  const lastRow = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if ((lastRow + 3) * columns >= images.length) onEnd();
  }, [lastRow, columns, images.length, onEnd]);

  const drop = ({ active, over }: DragEndEvent) => {
    setActiveId(null);
    if (over) onMove(ids.indexOf(String(active.id)), ids.indexOf(String(over.id)));
  };
  const active = images.find((image) => image.image_id === activeId);
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter}
      onDragStart={({ active: taken }) => setActiveId(String(taken.id))}
      onDragEnd={drop} onDragCancel={() => setActiveId(null)}
      accessibility={{ announcements: announcements(images), screenReaderInstructions: { draggable: kInstructions } }}>
      <SortableContext items={ids} strategy={rectSortingStrategy}>
        <div ref={ref} className={style.grid} style={{ height: rows.getTotalSize() }} role="list"
          aria-label="Pictures of the album">
          {width > 0 &&
            shown.flatMap((row) => images.slice(row.index * columns, (row.index + 1) * columns).map((image, column) => (
            <AlbumTile key={image.image_id} album={album} image={image} images={images}
              at={row.index * columns + column} onMove={onMove}
              box={{ top: row.start - top, left: column * (side + kGap), width: side, height: side }} />
          )))}
        </div>
      </SortableContext>
      <DragOverlay dropAnimation={null}>
        {active && <div className={style.carried}>
          <Picture id={active.image_id} alt={titleOf(active)} {...shapeOf(active)} thumbHash={active.thumb_hash}
            isFilling isEager
            sizes={`${Math.ceil(side)}px`} />
        </div>}
      </DragOverlay>
    </DndContext>
  );
}
