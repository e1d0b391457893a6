// What is worked on, and beside it a small picture of what the settings come to.
import type { CSSProperties } from "react";
import { Picture } from "../../components/picture";
import { renditionUrl } from "../../api/picture_url";
import { ExpandFrame, ratioOf } from "./expand_frame";
import { MaskBrush } from "./mask_brush";
import type { Mask } from "./mask";
import { kNothingChanged, type Operation, type Values } from "./operation";
import type { Preview } from "./use_preview";
import type { Source } from "./use_source";
import style from "./stage.module.css";

interface SetupViewProps {
  operation: Operation;
  source: Source;
  values: Values;
  mask: Mask;
  preview: Preview;
  onMask: (mask: Mask) => void;
}

const shapeOf = (ratio: number) => ({ aspectRatio: ratio, "--ratio": ratio }) as CSSProperties;

function noteOf({ url, isStale, problem, isUnavailable }: Preview): string {
  if (isUnavailable) return "This has no preview: the result shows it.";
  if (problem) return problem.code === kNothingChanged ? "With these settings nothing changes." : problem.message;
  if (isStale) return url ? "Preview, being drawn again" : "Preview, being drawn";
  return url ? "Preview, small and free" : "The preview appears as you change something.";
}

function PreviewFigure({ source, ratio, preview }: { source: Source; ratio: number; preview: Preview }) {
  const { url, isStale, problem } = preview;
  return (
    <figure className={style.figure}>
      <div className={style.frame} style={shapeOf(ratio)}
        data-stale={isStale || Boolean(problem) || undefined}>
        {url ? <img className={style.preview} src={url} alt="What it comes to, small" />
          : <Picture id={source.id} alt="" width={source.width} height={source.height}
            sizes="(max-width: 64rem) 50vw, 36rem" isFilling />}
      </div>
      <figcaption><span role="status">{noteOf(preview)}</span></figcaption>
    </figure>
  );
}

export function SetupView({ operation, source, values, mask, preview, onMask }: SetupViewProps) {
  const hasMask = operation.inputs.mask !== "none";
  const hasPreview = operation.result === "image" && !preview.isUnavailable;
  return (
    <div className={hasPreview ? (hasMask ? style.masked : style.pair) : style.single}>
      <figure className={style.figure}>
        {hasMask
          ? <MaskBrush key={source.id} url={renditionUrl(source.id, 1600)} alt={source.name} width={source.width}
            height={source.height}
              mask={mask} onChange={onMask} />
          : <ExpandFrame operation={operation} source={source} values={values}>
              <div className={style.frame} style={shapeOf(source.width / source.height)}>
                <Picture key={source.id} id={source.id} alt={source.name} width={source.width} height={source.height}
                  sizes="(max-width: 64rem) 50vw, 36rem" isEager isFilling />
              </div>
            </ExpandFrame>}
        {!hasMask && <figcaption>{source.width} × {source.height}</figcaption>}
      </figure>
      {hasPreview ? <PreviewFigure source={source} ratio={ratioOf(operation, source, values)} preview={preview} />
        : operation.result === "image" && <p className={style.note}>{noteOf(preview)}</p>}
    </div>
  );
}
