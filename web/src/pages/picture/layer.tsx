// One picture in its place: ThumbHash, then a small rendition, then what the zoom asks for, each laid over the one
// before when it can be drawn, so that nothing flashes.
import { useState } from "react";
import { placeholder } from "../../components/picture";
import type { Level } from "./levels";
import { showsPixels, type Size, transformOf, type View, zoomOf } from "./view";
import style from "./stage.module.css";

interface LayerProps {
  name: "original" | "result";
  size: Size; // of the original: the frame of all layers, however many pixels their own pictures have
  levels: Level[];
  thumbHash: string | null;
  alt: string;
  view: View;
  isGliding: boolean;
  isWhole?: boolean; // its best level at once, whatever the zoom
  onFull?: () => void; // its best level is drawn
  onFail: () => void;
}

export function Layer({ name, size, levels, thumbHash, alt, view, isGliding, isWhole, onFull, onFail }: LayerProps) {
  const [ready, setReady] = useState(-1); // which level is drawn
  const [failed, setFailed] = useState<number[]>([]);
  const last = levels.length - 1;
  const enough = levels.findIndex(({ width }) => width >= size.width * zoomOf(view) * 0.99);
  const wanted = isWhole || enough < 0 ? last : enough;
  const next = ready < 0 ? 0 : wanted > ready && !failed.includes(wanted) ? wanted : ready;
  const shown = [...new Set([ready, next])].filter((at) => at >= 0);
  const show = async (image: HTMLImageElement, at: number) => {
    await image.decode().catch(() => undefined);
    setReady((before) => Math.max(before, at));
    if (at === last) onFull?.();
  };
  const fail = (at: number) => {
    setFailed((before) => [...before, at]);
    if (at === 0) setReady(0);
    if (at === last || at === 0) onFail();
  };
  const arePixelsSeen = ready === last && showsPixels(view, (levels[last]!.width) / size.width);
  return (
    <div className={style.frame} data-layer={name} data-level={ready === last ? "full" : ready}
      data-gliding={isGliding || undefined} data-pixels={arePixelsSeen || undefined}
      style={{ width: size.width, height: size.height, transform: transformOf(view) }}>
      {ready < 0 && thumbHash && <img src={placeholder(thumbHash)} alt="" />}
      {shown.map((at) => (
        <img key={levels[at]!.url} src={levels[at]!.url} alt={at === shown[0] ? alt : ""} draggable={false}
          data-state={at <= ready ? "drawn" : "coming"} onLoad={(event) => void show(event.currentTarget, at)}
          onError={() => fail(at)} />
      ))}
    </div>
  );
}
