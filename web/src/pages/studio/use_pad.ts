// Two numbers at once: by dragging over a surface, or by the arrows while it has the focus.
import { type KeyboardEvent, type PointerEvent, useRef } from "react";

interface PadHandlers {
  onDrag: (at: { x: number; y: number }) => void; // -1 to 1 from the middle, y down
  onNudge: (by: { x: number; y: number }) => void; // steps, y up
  onReset: () => void; // Home
}

const kArrows: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: 1 }, ArrowDown: { x: 0, y: -1 },
};
const kLongStep = 5; // with Shift

export function usePad({ onDrag, onNudge, onReset }: PadHandlers) {
  const isHeld = useRef(false);
  const drag = (event: PointerEvent<HTMLElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    onDrag({ x: ((event.clientX - left) / width) * 2 - 1, y: ((event.clientY - top) / height) * 2 - 1 });
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      isHeld.current = true;
      event.currentTarget.setPointerCapture(event.pointerId);
      drag(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => { if (isHeld.current) drag(event); },
    onPointerUp: () => { isHeld.current = false; },
    onPointerCancel: () => { isHeld.current = false; },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const arrow = kArrows[event.key];
      if (!arrow && event.key !== "Home") return;
      event.preventDefault();
      const steps = event.shiftKey ? kLongStep : 1;
      if (arrow) onNudge({ x: arrow.x * steps, y: arrow.y * steps });
      else onReset();
    },
  };
}

export const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
