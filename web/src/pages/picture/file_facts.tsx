import { CopyButton } from "../../components/copy_button";
import { formatBytes, formatNumber, formatPixels, formatTime } from "../../format";
import type { Image } from "./use_image";
import style from "./panel.module.css";

export function FileFacts({ image }: { image: Image }) {
  const { width, height, format, size_bytes } = image.original;
  const megapixels = (((width ?? 0) * (height ?? 0)) / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 });
  const facts: [string, string | undefined][] = [
    ["Size", width && height ? `${formatPixels(width, height)} (${megapixels} MP)` : undefined],
    ["File", `${format.toUpperCase()}, ${formatBytes(size_bytes)}`],
    ["Name", image.filename],
    ["Added", formatTime(image.created_at_ms)],
    ["Changed", image.updated_at_ms !== image.created_at_ms ? formatTime(image.updated_at_ms) : undefined],
    ["Looked at", image.view_count === undefined ? undefined : `${formatNumber(image.view_count)} × by others`],
  ];
  return (
    <section className={style.part}>
      <h2>File</h2>
      <dl className={style.facts}>
        {facts.filter(([, fact]) => fact).map(([name, fact]) => <div key={name}><dt>{name}</dt><dd>{fact}</dd></div>)}
        {image.sha256 && <div><dt>SHA-256</dt><dd className={style.digest}>{image.sha256}</dd></div>}
      </dl>
      {image.sha256 && <div className={style.jobActions}><CopyButton text={image.sha256} label="Copy SHA-256" /></div>}
    </section>
  );
}
