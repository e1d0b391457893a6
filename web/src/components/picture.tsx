// A picture of the library: its ThumbHash at once, the picture over it when it has come, its place kept from the start.
import { type CSSProperties, useMemo, useState } from "react";
import { thumbHashToDataURL } from "thumbhash";
import { renditionUrl, variantUrl } from "../api/picture_url";
import style from "./picture.module.css";

interface PictureProps {
  id: string;
  alt: string;
  width: number; // of the original, for its shape
  height: number;
  thumbHash?: string | null; // base64
  sizes: string; // how wide it is shown, as <img sizes> has it
  isEager?: boolean; // seen at once: not lazy
  isFilling?: boolean; // fills the box around it, cut where it stands over
  detail?: Detail;
}

// How much is asked for: what passes by quickly needs its ThumbHash alone, and what has not been rested on its thumb,
// which is there already. Larger pictures are made when they are asked for first.
export type Detail = "hash" | "thumb" | "full";

const kWidths = [480, 960, 1600];
const kHashesKept = 2_000;
const decoded = new Map<string, string>();

// A ThumbHash as a picture that an <img> takes.
export function placeholder(thumbHash: string): string {
  const known = decoded.get(thumbHash);
  if (known) return known;
  const url = thumbHashToDataURL(Uint8Array.from(atob(thumbHash), (one) => one.charCodeAt(0)));
  if (decoded.size >= kHashesKept) decoded.clear();
  decoded.set(thumbHash, url);
  return url;
}

// Thumb and medium are there already.
function candidates(id: string, width: number, height: number): string {
  const widthIn = (side: number) => Math.round(Math.min(width, side * Math.min(1, width / height)));
  const medium = widthIn(1280);
  return [`${variantUrl(id, "thumb")} ${widthIn(200)}w`, `${variantUrl(id, "medium")} ${medium}w`,
    ...kWidths.filter((one) => one < width && one !== medium).map((one) =>
      `${renditionUrl(id, one)} ${one}w`)].join(", ");
}

// An image that has left the page would go on loading, before those that are on it.
function forgetWhenGone(image: HTMLImageElement) {
  return () => queueMicrotask(() => {
    if (image.isConnected || image.complete) return;
    image.removeAttribute("srcset");
    image.removeAttribute("src");
  });
}

export function Picture(props: PictureProps) {
  const { id, alt, width, height, thumbHash, sizes, isEager, isFilling, detail = "full" } = props;
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const before = useMemo(() => (thumbHash ? placeholder(thumbHash) : null), [thumbHash]);
  const set = detail === "full" ? candidates(id, width, height) : undefined;
  const src = detail === "hash" ? undefined : variantUrl(id, detail === "thumb" ? "thumb" : "medium");
  const shape: CSSProperties = isFilling ? {} : { aspectRatio: `${width} / ${height}` };
  return (
    <span className={isFilling ? `${style.frame} ${style.filling}` : style.frame} style={shape} data-state={state}>
      {before && <img className={style.before} src={before} alt="" aria-hidden="true" />}
      <img ref={forgetWhenGone} className={style.picture} src={src} srcSet={set} sizes={sizes} alt={alt}
        width={width} height={height} loading={isEager ? "eager" : "lazy"} decoding="async" draggable={false}
        onLoad={() => setState("shown")} onError={() => setState("failed")} />
    </span>
  );
}
