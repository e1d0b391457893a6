// Where the grid is, how fast it is passed, and what of it has the focus.
import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Detail } from "../../components/picture";
import { type Row, rowOf } from "./justified";
import type { GridPicture } from "./picture_source";

type GridVirtualizer = Virtualizer<Window, Element>;

// Its width, and how far below the page's top it begins.
export function useGridPlace(frame: RefObject<HTMLElement | null>) {
  const [place, setPlace] = useState({ width: 0, top: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const measure = () => {
      const { width, top } = element.getBoundingClientRect();
      const now = { width: Math.floor(width), top: Math.round(top + window.scrollY) };
      setPlace((before) => (before.width === now.width && before.top === now.top ? before : now));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // What stands above it grows and shrinks.
    for (const one of element.parentElement?.children ?? []) if (one !== element) observer.observe(one);
    return () => observer.disconnect();
  }, [frame]);
  return place;
}

const kFast = 4_000; // pixels in a second
const kFrameMs = 16;

// What is flown over needs no more than its ThumbHash; what is scrolled past its thumb.
export function usePace(virtualizer: GridVirtualizer): Detail {
  const last = useRef({ offset: 0, time: 0, isFast: false });
  const isStill = !virtualizer.isScrolling;
  const offset = virtualizer.scrollOffset ?? 0;
  const time = performance.now();
  const { current } = last;
  const passedMs = time - current.time;
  if (passedMs > kFrameMs / 2) {
    const speed = Math.abs(offset - current.offset) / passedMs * 1000;
    Object.assign(current, { offset, time, isFast: !isStill && speed > kFast });
  }
  return isStill ? "full" : current.isFast ? "hash" : "thumb";
}

// Where a picture is that was at `before`; -1 when it is gone.
const indexOf = (pictures: readonly GridPicture[], id: string, before: number) =>
  (pictures[before]?.id === id ? before : pictures.findIndex((one) => one.id === id));

interface Anchor {
  id: string; // of the first picture in sight
  index: number;
  offset: number; // below the window's top
}

// Pictures that come before those in sight, and a page that grows wider, do not move what is looked at.
export function useAnchoredRows(virtualizer: GridVirtualizer, rows: readonly Row[], pictures: readonly GridPicture[]) {
  const known = useRef<{ rows: readonly Row[]; anchor: Anchor | null }>({ rows, anchor: null });
  useLayoutEffect(() => {
    const { current } = known;
    if (current.rows !== rows) {
      current.rows = rows;
      virtualizer.measure();
      virtualizer.getTotalSize(); // places every row anew
      const { anchor } = current;
      if (!anchor || window.scrollY <= virtualizer.options.scrollMargin) return;
      const index = indexOf(pictures, anchor.id, anchor.index);
      const place = index < 0 ? undefined : virtualizer.measurementsCache[rowOf(rows, index)];
      const moved = place ? place.start - window.scrollY - anchor.offset : 0;
      if (Math.abs(moved) >= 1) window.scrollBy(0, moved);
      return;
    }
    const items = virtualizer.getVirtualItems();
    const item = items.find(({ start, index }) => start >= window.scrollY && rows[index]?.count);
    const index = item ? rows[item.index]!.first : 0;
    current.anchor = item ? { id: pictures[index]!.id, index, offset: item.start - window.scrollY } : null;
  });
}

export interface FocusStop {
  index: number; // of the picture that Tab leads to
  moveTo: (index: number) => void;
}

// The picture keeps it, wherever it moves to; when it is gone, its neighbour has it.
export function useFocusStop(pictures: readonly GridPicture[]): FocusStop {
  const [stop, setStop] = useState<{ id: string | null; index: number }>({ id: null, index: 0 });
  const index = useMemo(() => {
    const at = stop.id === null ? -1 : indexOf(pictures, stop.id, stop.index);
    return at >= 0 ? at : Math.min(stop.index, Math.max(0, pictures.length - 1));
  }, [pictures, stop]);
  const moveTo = useCallback((to: number) => setStop({ id: pictures[to]?.id ?? null, index: to }), [pictures]);
  return { index, moveTo };
}
