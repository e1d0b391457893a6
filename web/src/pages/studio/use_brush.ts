// Drawing a mask: by pointer or by keyboard, with undo.
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import type { Mask, Stroke } from "./mask";
import { clamp } from "./use_pad";

export interface Brush { size: number; isErasing: boolean }
export const kSizeMin = 0.01;
export const kSizeMax = 0.4;

type Point = [x: number, y: number];
const kApart = 0.004; // of the sides: points that are closer say nothing new
const kStep = 0.02;   // of the sides: an arrow's way
const kWays: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function useBrush(mask: Mask, onChange: (mask: Mask) => void) {
  const [brush, setBrush] = useState<Brush>({ size: 0.08, isErasing: false });
  const [cursor, setCursor] = useState<Point | null>(null); // the keyboard's
  const [stroke, setStroke] = useState<Stroke | null>(null); // being drawn
  const [undone, setUndone] = useState<Mask[]>([]);
  const before = useRef<Mask[]>([]);

  const change = (to: Mask) => {
    before.current.push(mask);
    setUndone([]);
    onChange(to);
  };
  const addStroke = (points: Point[]) => change({ ...mask, strokes: [...mask.strokes, { points, ...brush }] });
  const undo = () => {
    const last = before.current.pop();
    if (!last) return;
    setUndone([...undone, mask]);
    onChange(last);
  };
  const redo = () => {
    const next = undone.at(-1);
    if (!next) return;
    before.current.push(mask);
    setUndone(undone.slice(0, -1));
    onChange(next);
  };
  const resize = (by: number) => setBrush({ ...brush, size: clamp(brush.size * by, kSizeMin, kSizeMax) });

  const pointOf = (event: PointerEvent<HTMLElement>): Point => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setCursor(null);
      setStroke({ points: [pointOf(event)], ...brush });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!stroke) return;
      const [x, y] = pointOf(event);
      const [lastX, lastY] = stroke.points.at(-1)!;
      if (Math.hypot(x - lastX, y - lastY) >= kApart) setStroke({ ...stroke, points: [...stroke.points, [x, y]] });
    },
    onPointerUp: () => {
      if (stroke) addStroke(stroke.points);
      setStroke(null);
    },
    onPointerCancel: () => setStroke(null),
  };

  const move = ([x, y]: Point, isDrawing: boolean) => {
    const from: Point = cursor ?? [0.5, 0.5];
    const to: Point = [clamp(from[0] + x * kStep, 0, 1), clamp(from[1] + y * kStep, 0, 1)];
    setCursor(to);
    if (isDrawing) addStroke([from, to]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const isCommand = event.ctrlKey || event.metaKey;
    const way = kWays[event.key];
    if (way) move(way, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") {
      setCursor(cursor ?? [0.5, 0.5]);
      addStroke([cursor ?? [0.5, 0.5]]);
    }
    else if (event.key === "[") resize(1 / 1.25);
    else if (event.key === "]") resize(1.25);
    else if (event.key.toLowerCase() === "e" && !isCommand) setBrush({ ...brush, isErasing: !brush.isErasing });
    else if (event.key.toLowerCase() === "z" && isCommand) (event.shiftKey ? redo : undo)();
    else return;
    event.preventDefault();
  };
  return {
    brush, setBrush, cursor, undo, redo, canUndo: before.current.length > 0, canRedo: undone.length > 0,
    shown: stroke ? { ...mask, strokes: [...mask.strokes, stroke] } : mask,
    invert: () => change({ ...mask, isInverted: !mask.isInverted }),
    clear: () => change({ strokes: [], isInverted: false }),
    surface: { ...pointer, onKeyDown, onFocus: () => setCursor(cursor ?? [0.5, 0.5]), onBlur: () => setCursor(null) },
  };
}
