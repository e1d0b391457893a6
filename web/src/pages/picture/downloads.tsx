import { Download } from "lucide-react";
import { useState } from "react";
import { downloadUrl } from "../../api/picture_url";
import { ButtonLink } from "../../components/button";
import { Select } from "../../components/field";
import { formatPixels } from "../../format";
import type { Image } from "./use_image";
import style from "./panel.module.css";

const kFormats = [
  { value: "jpeg", label: "JPEG" }, { value: "png", label: "PNG" }, { value: "webp", label: "WebP" },
  { value: "avif", label: "AVIF" },
];
const kSizes: Record<string, string> = { large: "Large", medium: "Medium", thumb: "Small" };

// The original as it came, or a smaller one in the format that is wanted.
export function Downloads({ image }: { image: Image }) {
  const [size, setSize] = useState("original");
  const [format, setFormat] = useState("jpeg");
  const { width, height, format: own } = image.original;
  const isOriginal = size === "original";
  const href = downloadUrl(image.image_id) + (isOriginal ? "" : `&variant=${size}&format=${format}`);
  return (
    <section className={style.part}>
      <h2>Download</h2>
      <div className={style.pair}>
        <Select label="Size" value={size} onChange={(event) => setSize(event.currentTarget.value)}>
          <option value="original">Original, {formatPixels(width ?? 0, height ?? 0)}</option>
          {image.variants.toReversed().map(({ name, width: across, height: down, status }) => (
            <option key={name} value={name} disabled={status === "failed"}>
              {kSizes[name]}, {formatPixels(across, down)}
            </option>
          ))}
        </Select>
        <Select label="Format" value={isOriginal ? "own" : format} disabled={isOriginal}
          onChange={(event) => setFormat(event.currentTarget.value)}>
          {isOriginal
            ? <option value="own">{own.toUpperCase()}</option>
            : kFormats.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </Select>
      </div>
      <div className={style.jobActions}>
        <ButtonLink href={href} icon={<Download />} download="">Download</ButtonLink>
      </div>
    </section>
  );
}
