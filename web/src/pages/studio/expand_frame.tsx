import type { CSSProperties, ReactNode } from "react";
import type { Operation, Value, Values } from "./operation";
import type { Source } from "./use_source";
import style from "./stage.module.css";

interface ExpandFrameProps {
  operation: Operation;
  source: Source;
  values: Values;
  children: ReactNode;
}

// How much of the room there is lies left of the picture, and above it. Automatically it may also be at an edge: only
// who looks at the picture knows, and the preview shows it.
const sharesOf = (placement: Value | undefined) => ({
  x: placement === "left" ? 0 : placement === "right" ? 1 : 0.5,
  y: placement === "top" ? 0 : placement === "bottom" ? 1 : 0.5,
});

// The canvas, and how far it goes beyond each side, in shares of it; null where it does not.
function marginsOf(operation: Operation, { width, height }: Source,
  { aspect_ratio: ratio, width: toWidth, height: toHeight, placement }: Values) {
  if (operation.operationType !== "expand") return null;
  const [across, down] = typeof ratio === "string" ? ratio.split(":").map(Number) : [];
  const wanted = across && down
    ? { width: Math.max(width, (height * across) / down), height: Math.max(height, (width * down) / across) }
    : typeof toWidth === "number" && typeof toHeight === "number" ? { width: toWidth, height: toHeight } : null;
  if (!wanted || wanted.width < width || wanted.height < height) return null;
  const { x, y } = sharesOf(placement);
  const beside = 1 - width / wanted.width, above = 1 - height / wanted.height;
  return { ...wanted, top: y * above, right: (1 - x) * beside, bottom: (1 - y) * above, left: x * beside };
}

// The shape that what is seen of the result has, as far as it is known before.
export const ratioOf = (operation: Operation, source: Source, values: Values): number => {
  const wanted = marginsOf(operation, source, values) ?? source;
  return wanted.width / wanted.height;
};

// Around a picture that is continued: what will be there, hatched.
export function ExpandFrame({ operation, source, values, children }: ExpandFrameProps) {
  const margins = marginsOf(operation, source, values);
  if (!margins || margins.width === source.width && margins.height === source.height) return children;
  const shape =
    { aspectRatio: `${margins.width} / ${margins.height}`, "--ratio": margins.width / margins.height } as CSSProperties;
  const { top, right, bottom, left } = margins;
  const inside = { inset: [top, right, bottom, left].map((share) => `${share * 100}%`).join(" ") };
  return (
    <div className={style.beyond} style={shape}>
      <div className={style.inside} style={inside}>{children}</div>
    </div>
  );
}
