// What is done in the grid by mouse, keyboard, touch and dragging.
import type { Virtualizer } from "@tanstack/react-virtual";
import {
  type DragEvent, type KeyboardEvent, type MouseEvent, type PointerEvent, type SyntheticEvent, useEffect,
  useLayoutEffect, useRef,
} from "react";
import { useLocation } from "wouter";
import { variantUrl } from "../../api/picture_url";
import { indexAcross, type Row, rowOf } from "./justified";
import type { GridPicture } from "./picture_source";
import style from "./picture_grid.module.css";
import type { Selection } from "./selection";
import type { FocusStop } from "./use_grid_place";

interface Grid {
  pictures: readonly GridPicture[];
  rows: readonly Row[];
  width: number;
  selection: Selection;
  stop: FocusStop;
  virtualizer: Virtualizer<Window, Element>;
  onDelete: (ids: string[]) => void;
  onOpen?: (picture: GridPicture) => void;
  onDragging?: (ids: string[] | null) => void;
}

export const kDragType = "application/x-tintype-images";
const kHoldMs = 450;
const kHoldSlack = 10; // pixels that a resting finger may move

const indexIn = (target: EventTarget): number | null => {
  const cell = (target as Element).closest<HTMLElement>("[data-index]");
  return cell ? Number(cell.dataset.index) : null;
};

export function useGridActions(grid: Grid) {
  const { pictures, selection, stop } = grid;
  const [, navigate] = useLocation();
  const hold = useHold((index) => selection.toggle(index));
  const focus = useFocusMove(grid);

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const index = indexIn(event.target);
    const picture = index === null ? undefined : pictures[index];
    if (index === null || !picture) return;
    const isCheck = (event.target as Element).closest("button") !== null;
    const isChoosing = isCheck || event.ctrlKey || event.metaKey || (selection.ids.size > 0 && event.detail > 0);
    event.preventDefault();
    if (hold.wasHeld()) return;
    if (event.shiftKey && event.detail > 0) selection.extendTo(index, stop.index);
    else if (isChoosing) selection.toggle(index);
    else if (grid.onOpen) grid.onOpen(picture);
    else navigate(`/pictures/${picture.id}${window.location.search}`); // the arrows there stay in this search
    stop.moveTo(index);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = indexIn(event.target);
    if (from === null || event.altKey) return;
    const isControl = event.ctrlKey || event.metaKey;
    const to = keyTarget(grid, event.key, from, isControl);
    if (to !== null) {
      focus.moveTo(to);
      if (event.shiftKey) selection.extendTo(to, from);
    } else if (event.key === " ") selection.toggle(from);
    else if (event.key === "a" && isControl) selection.addAll();
    else if (event.key === "Delete") grid.onDelete(selection.ids.size > 0 ? [...selection.ids] : [pictures[from]!.id]);
    else return;
    event.preventDefault();
  };

  const onFocus = (event: SyntheticEvent<HTMLElement>) => {
    const index = indexIn(event.target);
    if (index !== null && index !== stop.index) stop.moveTo(index);
  };

  const onDragStart = (event: DragEvent<HTMLElement>) => {
    const index = indexIn(event.target);
    const picture = index === null ? undefined : pictures[index];
    if (!picture || !grid.onDragging) return event.preventDefault();
    const ids = selection.ids.has(picture.id) ? [...selection.ids] : [picture.id];
    event.dataTransfer.effectAllowed = "copy";
    event.dataTransfer.setData(kDragType, JSON.stringify(ids));
    showGhost(event.dataTransfer, picture.id, ids.length);
    // A change of the page within this event would end the drag.
    requestAnimationFrame(() => grid.onDragging?.(ids));
  };
  const onDragEnd = () => grid.onDragging?.(null);
  return { onClick, onKeyDown, onFocus, onDragStart, onDragEnd, ...hold.handlers };
}

// Where a key leads from a picture; null: nowhere.
function keyTarget(grid: Grid, key: string, from: number, isControl: boolean): number | null {
  const { rows, pictures, width, virtualizer } = grid;
  const across = (steps: number) => indexAcross(rows, pictures, width, from, steps);
  const page = Math.max(1, (virtualizer.range ? virtualizer.range.endIndex - virtualizer.range.startIndex : 4) - 1);
  const row = rows[rowOf(rows, from)];
  switch (key) {
    case "ArrowLeft": return Math.max(0, from - 1);
    case "ArrowRight": return Math.min(pictures.length - 1, from + 1);
    case "ArrowUp": return across(-1);
    case "ArrowDown": return across(1);
    case "PageUp": return across(-page);
    case "PageDown": return across(page);
    case "Home": return isControl || !row ? 0 : row.first;
    case "End": return isControl || !row ? pictures.length - 1 : row.first + row.count - 1;
    default: return null;
  }
}

// Scrolls to a picture and gives it the focus as soon as it is in the document. When the picture that has it is gone,
// the one in its place takes it; one that other rows have moved has it still.
function useFocusMove({ pictures, rows, stop, virtualizer }: Grid) {
  const wanted = useRef<number | null>(null);
  const isInGrid = useRef(false);
  useEffect(() => {
    const hear = ({ target }: FocusEvent) => {
      isInGrid.current = (target as Element).closest("[role=gridcell]") !== null;
    };
    document.addEventListener("focusin", hear);
    return () => document.removeEventListener("focusin", hear);
  }, []);
  useLayoutEffect(() => {
    const isLost = isInGrid.current && document.activeElement === document.body;
    if (isLost && pictures.length > 0) wanted.current = stop.index;
  }, [pictures, rows, stop.index]);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const link = document.querySelector<HTMLElement>(`[role=gridcell][data-index="${wanted.current}"] a`);
    if (!link) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  const moveTo = (index: number) => {
    wanted.current = index;
    stop.moveTo(index);
    virtualizer.scrollToIndex(rowOf(rows, index), { align: "auto" });
  };
  return { moveTo };
}

// A finger that rests on a picture chooses it.
function useHold(onHold: (index: number) => void) {
  const state = useRef({ timer: 0, x: 0, y: 0, wasHeld: false });
  const { current } = state;
  const end = () => clearTimeout(current.timer);
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const index = indexIn(event.target);
      Object.assign(current, { x: event.clientX, y: event.clientY, wasHeld: false });
      if (event.pointerType === "mouse" || index === null) return;
      current.timer = window.setTimeout(() => {
        current.wasHeld = true;
        onHold(index);
      }, kHoldMs);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (Math.hypot(event.clientX - current.x, event.clientY - current.y) > kHoldSlack) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu: (event: MouseEvent<HTMLElement>) => {
      const { pointerType } = event.nativeEvent as globalThis.PointerEvent;
      if (current.wasHeld || pointerType === "touch") event.preventDefault();
    },
  };
  const wasHeld = () => {
    const was = current.wasHeld;
    current.wasHeld = false;
    return was;
  };
  return { handlers, wasHeld };
}

// What hangs at the pointer: the picture, small, and how many come along.
function showGhost(transfer: DataTransfer, id: string, count: number): void {
  const ghost = document.createElement("div");
  ghost.className = style.ghost ?? "";
  const shown = `a[href="/pictures/${id}"] [data-state=shown] img:last-child`;
  const picture = document.querySelector<HTMLImageElement>(shown);
  const small = document.createElement("img");
  small.src = picture?.currentSrc ?? variantUrl(id, "thumb");
  small.alt = "";
  ghost.append(small, String(count));
  document.body.append(ghost);
  transfer.setDragImage(ghost, 24, 24);
  setTimeout(() => ghost.remove());
}
