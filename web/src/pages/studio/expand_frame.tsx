import type { CSSProperties, ReactNode } from "react";
import type { Operation, Values } from "./operation";
import type { Source } from "./use_source";
import style from "./stage.module.css";

interface ExpandFrameProps {
  operation: Operation;
  source: Source;
  values: Values;
  children: ReactNode;
}

// How far the canvas goes beyond each side, in shares of the picture's; null where it does not.
function marginsOf(operation: Operation, { width, height }: Source,
  { aspect_ratio: ratio, width: toWidth, height: toHeight }: Values) {
  if (operation.operationType !== "expand") return null;
  const [across, down] = typeof ratio === "string" ? ratio.split(":").map(Number) : [];
  const wanted = across && down
    ? { width: Math.max(width, (height * across) / down), height: Math.max(height, (width * down) / across) }
    : typeof toWidth === "number" && typeof toHeight === "number" ? { width: toWidth, height: toHeight } : null;
  if (!wanted || wanted.width < width || wanted.height < height) return null;
  return { x: (wanted.width - width) / 2 / wanted.width, y: (wanted.height - height) / 2 / wanted.height, ...wanted };
}

// The shape that what is seen of the result has, as far as it is known before.
export const ratioOf = (operation: Operation, source: Source, values: Values): number => {
  const wanted = marginsOf(operation, source, values) ?? source;
  return wanted.width / wanted.height;
};

// Around a picture that is continued: what will be there, hatched, with the picture in its middle.
export function ExpandFrame({ operation, source, values, children }: ExpandFrameProps) {
  const margins = marginsOf(operation, source, values);
  if (!margins || margins.x + margins.y < 0.001) return children;
  const shape =
    { aspectRatio: `${margins.width} / ${margins.height}`, "--ratio": margins.width / margins.height } as CSSProperties;
  const inside = { inset: `${margins.y * 100}% ${margins.x * 100}%` };
  return (
    <div className={style.beyond} style={shape}>
      <div className={style.inside} style={inside}>{children}</div>
    </div>
  );
}
