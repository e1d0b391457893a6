// Hands on the picture: wheel, drag, pinch, double click and double tap, and the swipe to the next picture.
import { type PointerEvent, type RefObject, useEffect, useRef } from "react";
import type { ViewControl } from "./use_view";
import { panned, type Point, zoomed } from "./view";

const kTapMost = 8; // pixels that a finger may move within a tap
const kTwiceWithinMs = 350;
const kTwiceNear = 32;
const kSwipeLeast = 60;

interface Hand {
  at: Point;
  from: Point;
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const isSwipe = ({ at, from }: Hand) =>
  Number.isFinite(from.x) && Math.abs(at.x - from.x) > Math.max(kSwipeLeast, 2 * Math.abs(at.y - from.y));
const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

interface Touched {
  surface: RefObject<HTMLElement | null>;
  paneWidth: number; // panes beside each other move together
  control: ViewControl;
  onSwipe: (to: 1 | -1) => void;
}

export function useGestures({ surface, paneWidth, control, onSwipe }: Touched) {
  const latest = useRef({ control, paneWidth });
  latest.current = { control, paneWidth };
  const hands = useRef(new Map<number, Hand>());
  const lastTap = useRef<{ at: Point; time: number } | null>(null);
  const paneLeft = useRef(0); // of the pane that the hands are in; they may leave it while they are down

  const pointOf = (event: { clientX: number; clientY: number }): Point => {
    const box = surface.current!.getBoundingClientRect();
    const across = event.clientX - box.left;
    const width = latest.current.paneWidth;
    if (!hands.current.size) paneLeft.current = Math.floor(across / width) * width;
    return { x: across - paneLeft.current, y: event.clientY - box.top };
  };

  // The browser's own listener: React's wheel listeners cannot keep the page from scrolling.
  useEffect(() => {
    const element = surface.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)); // ctrl: a pinch on a touchpad
      const at = pointOf(event);
      latest.current.control.follow((view) => zoomed(view, view.scale * factor, at));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [surface]);

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = pointOf(event);
    hands.current.set(event.pointerId, { at, from: at });
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const hand = hands.current.get(event.pointerId);
    if (!hand) return;
    const to = pointOf(event);
    const other = [...hands.current].find(([id]) => id !== event.pointerId)?.[1];
    const from = hand.at;
    hand.at = to;
    if (!other) control.follow((view) => panned(view, { x: to.x - from.x, y: to.y - from.y }));
    else {
      const factor = distance(to, other.at) / Math.max(1, distance(from, other.at));
      other.from = { x: Infinity, y: Infinity }; // a pinch is no tap and no swipe
      hand.from = other.from;
      control.follow((view) => zoomed(view, view.scale * factor, middle(from, other.at), middle(to, other.at)));
    }
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const hand = hands.current.get(event.pointerId);
    hands.current.delete(event.pointerId);
    if (!hand || event.type === "pointercancel") return;
    if (event.pointerType === "touch" && control.isFitted && isSwipe(hand)) onSwipe(hand.at.x < hand.from.x ? 1 : -1);
    if (distance(hand.at, hand.from) > kTapMost) return;
    const before = lastTap.current;
    const isSecond = before && event.timeStamp - before.time < kTwiceWithinMs &&
      distance(before.at, hand.at) < kTwiceNear;
    lastTap.current = isSecond ? null : { at: hand.at, time: event.timeStamp };
    if (isSecond) control.toggle(hand.at);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp };
}
