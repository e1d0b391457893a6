// What lies over the foot of the picture: zoom, and how the result is held against the original.
import {
  Columns2, Eye, Maximize, Minimize, Minus, Plus, ScanEye, Sparkles, SquareSplitHorizontal, X,
} from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../../components/button";
import type { Result } from "./results";
import type { Way } from "./stage";
import type { Compare } from "./use_compare";
import { type ViewControl, zoomStep } from "./use_view";
import { zoomOf } from "./view";
import style from "./picture_page.module.css";

const kWays: { way: Way; label: string; icon: ReactNode }[] = [
  { way: "slider", label: "Compare by a slider", icon: <SquareSplitHorizontal /> },
  { way: "side", label: "Side by side", icon: <Columns2 /> },
  { way: "result", label: "The result alone", icon: <Sparkles /> },
];

interface StageControlsProps {
  control: ViewControl;
  compare: Compare;
  results: Result[];
  isWide: boolean; // enough for two pictures beside each other
  isFull: boolean;
  onFull: () => void;
}

export function StageControls({ control, compare, results, isWide, isFull, onFull }: StageControlsProps) {
  const per = Math.round(zoomOf(control.view) * 100);
  return (
    <div className={style.controls} data-wide={isWide || undefined}>
      <div className={style.pill} role="group" aria-label="Zoom">
        <span className={style.step}>
          <Button look="quiet" icon={<Minus />} aria-label="Zoom out" onClick={() => control.zoomBy(1 / zoomStep)} />
        </span>
        <button type="button" className={style.percent}
          onClick={control.isFitted ? () => control.toPixels() : control.toFit}
          title={control.isFitted ? "Show it pixel for pixel" : "Show the whole picture"}>
          <span className="unseen">Zoom </span>{per} %
        </button>
        <span className={style.step}>
          <Button look="quiet" icon={<Plus />} aria-label="Zoom in" onClick={() => control.zoomBy(zoomStep)} />
        </span>
        <Button look="quiet" icon={isFull ? <Minimize /> : <Maximize />} onClick={onFull}
          aria-label={isFull ? "Leave full screen" : "Full screen"} />
      </div>
      {results.length > 0 && <CompareControls compare={compare} results={results} isWide={isWide} />}
    </div>
  );
}

function CompareControls({ compare, results, isWide }: Pick<StageControlsProps, "compare" | "results" | "isWide">) {
  const { result, way, choose, setWay, hold } = compare;
  if (!result) {
    return (
      <div className={style.pill}>
        <Button look="quiet" icon={<ScanEye />} onClick={() => choose(results[0]!.id)}>Compare</Button>
      </div>
    );
  }
  return (
    <div className={style.pill} role="group" aria-label="Compare" data-comparing>
      {kWays.filter((one) => isWide || one.way !== "side").map(({ way: one, label, icon }) => (
        <Button key={one} look="quiet" icon={icon} aria-label={label} aria-pressed={way === one}
          onClick={() => setWay(one)} />
      ))}
      {way !== "side" && (
        <Button look="quiet" icon={<Eye />} aria-label="Hold to see the original" aria-pressed={compare.isHeld}
          onPointerDown={() => hold(true)} onPointerUp={() => hold(false)} onPointerLeave={() => hold(false)}
          onKeyDown={(event) => [" ", "Enter"].includes(event.key) && hold(true)} onKeyUp={() => hold(false)}
          onBlur={() => hold(false)} />
      )}
      <Button look="quiet" icon={<X />} aria-label="End comparing" onClick={() => choose(null)} />
    </div>
  );
}
