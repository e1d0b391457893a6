import { Contrast, Eraser, Paintbrush, Redo2, Trash2, Undo2 } from "lucide-react";
import { type CSSProperties, useEffect, useRef } from "react";
import { Button } from "../../components/button";
import { Slider } from "../../components/field";
import { isEmptyMask, type Mask, paintMask } from "./mask";
import { kSizeMax, kSizeMin, useBrush } from "./use_brush";
import style from "./mask_brush.module.css";

interface MaskBrushProps {
  url: string;
  alt: string;
  width: number;
  height: number;
  mask: Mask;
  onChange: (mask: Mask) => void;
}

const kCanvasSideMax = 1200; // px: as fine as is seen

// The picture, over which one paints what is meant.
export function MaskBrush({ url, alt, width, height, mask, onChange }: MaskBrushProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { brush, setBrush, cursor, undo, redo, canUndo, canRedo, shown, invert, clear, surface } =
    useBrush(mask, onChange);
  const scale = Math.min(1, kCanvasSideMax / Math.max(width, height));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paintMask(context, shown, "#ff2d78");
  });
  const percent = Math.round(brush.size * 100);
  const dot = cursor && { "--x": `${cursor[0] * 100}%`, "--y": `${cursor[1] * 100}%`,
    "--size": `${(brush.size * 100 * Math.min(width, height)) / width}%` } as CSSProperties;
  return (
    <div className={style.brush}>
      <div className={style.surface}
        style={{ aspectRatio: `${width} / ${height}`, "--ratio": width / height } as CSSProperties}>
        <img src={url} alt={alt} width={width} height={height} draggable={false} />
        <canvas ref={canvas} {...surface} width={Math.round(width * scale)} height={Math.round(height * scale)}
          tabIndex={0}
          role="application" aria-label="Mask" aria-describedby="mask-keys" data-empty={isEmptyMask(mask)} />
        {dot && <span className={style.cursor} style={dot} />}
      </div>
      <div className={style.tools} role="toolbar" aria-label="Brush">
        <Button icon={<Paintbrush />} aria-label="Paint" aria-pressed={!brush.isErasing}
          onClick={() => setBrush({ ...brush, isErasing: false })} />
        <Button icon={<Eraser />} aria-label="Erase" aria-pressed={brush.isErasing}
          onClick={() => setBrush({ ...brush, isErasing: true })} />
        <Button icon={<Undo2 />} aria-label="Undo" disabled={!canUndo} onClick={undo} />
        <Button icon={<Redo2 />} aria-label="Redo" disabled={!canRedo} onClick={redo} />
        <Button icon={<Contrast />} aria-label="Invert the mask" aria-pressed={mask.isInverted} onClick={invert} />
        <Button icon={<Trash2 />} aria-label="Clear the mask" disabled={mask.strokes.length === 0 && !mask.isInverted}
          onClick={clear} />
        <div className={style.size}>
          <Slider label="Brush size" isLabelHidden value={percent} min={kSizeMin * 100} max={kSizeMax * 100} unit=" %"
            onChange={(value) => setBrush({ ...brush, size: value / 100 })} />
        </div>
      </div>
      <p id="mask-keys" className={style.keys}>
        Paint over what is meant. With the keyboard: arrows move, Space dabs, Shift and arrows draw, [ and ] size,
        E erases.
      </p>
    </div>
  );
}
