import { MoveHorizontal } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import style from "./stage.module.css";

interface CompareSliderProps {
  at: number; // where it stands in the pane, in pixels; between `left` and `right`, what is seen of the picture
  left: number;
  right: number;
  top: number; // how far it ends from the pane's own edges
  bottom: number;
  split: number; // 0: the result alone, 1: the original alone
  onChange: (split: number) => void;
}

const kSteps: Record<string, number> = {
  ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1,
};

// The line between the two: as every slider by pointer and by keyboard (WAI-ARIA slider).
export function CompareSlider({ at, left, right, top, bottom, split, onChange }: CompareSliderProps) {
  const grip = useRef<number | null>(null); // from the line to where it was taken
  const set = (value: number) => onChange(Math.min(1, Math.max(0, value)));
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = event.clientX - at;
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (grip.current !== null) set((event.clientX - grip.current - left) / Math.max(1, right - left));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = kSteps[event.key];
    if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the arrows are the slider's while it is in hand
    set(split + step);
  };
  const release = () => {
    grip.current = null;
  };
  return (
    <div className={style.slider} style={{ left: at, top, bottom }} role="slider" tabIndex={0}
      aria-label="Original and result" aria-orientation="horizontal" aria-valuemin={0} aria-valuemax={100}
      aria-valuenow={Math.round(split * 100)}
      aria-valuetext={`${Math.round(split * 100)} per cent original`} onPointerDown={onPointerDown}
      onPointerMove={onPointerMove} onPointerUp={release} onPointerCancel={release} onKeyDown={onKeyDown}>
      <span className={style.knob} aria-hidden="true"><MoveHorizontal /></span>
    </div>
  );
}
