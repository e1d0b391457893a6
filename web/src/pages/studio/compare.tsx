import { type CSSProperties, useState } from "react";
import style from "./compare.module.css";

interface CompareProps {
  before: string;
  after: string;
  alt: string;
  width: number;
  height: number;
}

// Before and after in one frame, parted by a line that moves. Where the result is clear, the squares behind it show.
export function Compare({ before, after, alt, width, height }: CompareProps) {
  const [at, setAt] = useState(50);
  const shape = { "--ratio": width / height, "--at": `${at}%`, aspectRatio: `${width} / ${height}` } as CSSProperties;
  return (
    <div className={style.frame} style={shape}>
      <img className={style.after} src={after} alt={alt} draggable={false} />
      <img className={style.before} src={before} alt="" draggable={false} />
      <span className={style.line} aria-hidden="true" />
      <input type="range" min={0} max={100} value={at} aria-label="How much is seen of before"
        aria-valuetext={`${at} %`}
        onChange={(event) => setAt(event.currentTarget.valueAsNumber)} />
    </div>
  );
}
