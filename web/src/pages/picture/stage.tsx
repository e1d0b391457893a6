// The picture as large as there is room, and its result over it or beside it: all in the original's frame, so that they
// stay in register however far one zooms.
import { useRef, useState } from "react";
import { CompareSlider } from "./compare_slider";
import { Layer } from "./layer";
import { levelsOf, levelsOfResult } from "./levels";
import type { ImageFacts } from "./use_image";
import { useGestures } from "./use_gestures";
import type { Result } from "./results";
import type { ViewControl } from "./use_view";
import type { Size } from "./view";
import style from "./stage.module.css";

export type Way = "slider" | "side" | "result";

interface StageProps {
  image: ImageFacts;
  result: Result | null;
  way: Way;
  isOriginalHeld: boolean; // the original alone, while a key or button is held
  control: ViewControl;
  pane: Size; // each of the two where they are beside each other
  onSwipe: (to: 1 | -1) => void;
  onFail: (of: "original" | "result") => void;
}

export function Stage({ image, result, way, isOriginalHeld, control, pane, onSwipe, onFail }: StageProps) {
  const surface = useRef<HTMLDivElement>(null);
  const gestures = useGestures({ surface, paneWidth: pane.width, control, onSwipe });
  const [split, setSplit] = useState(0.5);
  const [drawn, setDrawn] = useState<string | null>(null); // the result that is there in full
  const [isSweeping, setSweeping] = useState(false); // the slider comes in from the right when it is
  const { view, isGliding } = control;
  const isBeside = Boolean(result) && way === "side" && !isOriginalHeld;
  const left = Math.max(0, view.x);
  const right = Math.min(pane.width, view.x + image.width * view.scale);
  const top = Math.max(0, view.y);
  const bottom = Math.max(0, pane.height - view.y - image.height * view.scale);
  const isDrawn = result !== null && drawn === result.id;
  const at = left + (isDrawn ? split : 1) * (right - left);
  const common = { size: image, thumbHash: image.thumbHash, view, isGliding };
  // Beneath: the result, or the original where there is none. Above: the original, cut at the slider.
  const hides = result && !isOriginalHeld && way === "result";
  const cut = result && !isOriginalHeld && way === "slider" ? `inset(0 ${pane.width - at}px 0 0)` : undefined;
  const sweep = (id: string) => {
    setDrawn(id);
    setSweeping(true);
  };
  const slide = (to: number) => {
    setSweeping(false);
    setSplit(to);
  };
  return (
    <div className={style.stage} data-sweeping={isSweeping || undefined} data-beside={isBeside || undefined}>
      <div ref={surface} className={style.surface} data-fitted={control.isFitted || undefined} {...gestures}>
        {result && (
          <div className={style.pane} style={isBeside ? { left: pane.width, width: pane.width } : undefined}>
            <Layer key={result.id} {...common} name="result" levels={levelsOfResult(image, result)} isWhole
              alt={`${image.name}, ${result.name}`} onFull={() => sweep(result.id)} onFail={() => onFail("result")} />
          </div>
        )}
        <div className={style.pane} hidden={Boolean(hides)}
          style={isBeside ? { width: pane.width } : { clipPath: cut }}>
          <Layer {...common} name="original" levels={levelsOf(image)} alt={image.name}
            onFail={() => onFail("original")} />
        </div>
      </div>
      {isDrawn && way === "slider" && !isOriginalHeld &&
        <CompareSlider at={at} left={left} right={right} top={top} bottom={bottom} split={split} onChange={slide} />}
      {result && !hides && <span className={`${style.label} ${style.atLeft}`}>Original</span>}
      {result && !isOriginalHeld && <span className={`${style.label} ${style.atRight}`}>{result.name}</span>}
    </div>
  );
}
