// Columns over time, drawn as SVG; the same figures stand in a table for those who listen.
import style from "./chart.module.css";

interface ChartProps {
  title: string;
  columns: { label: string; value: number; below?: number }[]; // `below`: drawn under the line, such as what was spent
  format?: (value: number) => string;
  names?: readonly [string, string]; // what stands above the line and below it
}

const kHeight = 120;

export function Chart({ title, columns, format = String, names }: ChartProps) {
  const top = Math.max(1, ...columns.map(({ value }) => value));
  const bottom = Math.max(0, ...columns.map(({ below }) => below ?? 0));
  const scale = kHeight / (top + bottom);
  const width = 100 / Math.max(1, columns.length);
  return (
    <figure className={style.chart}>
      <figcaption><span>{title}</span><span className={style.top}>{format(top)}</span></figcaption>
      <svg viewBox={`0 0 100 ${kHeight}`} preserveAspectRatio="none" aria-hidden="true">
        {columns.map(({ label, value, below = 0 }, at) => (
          <g key={label}>
            <title>{`${label}: ${format(value)}${below ? `, −${format(below)}` : ""}`}</title>
            <rect className={style.hit} x={at * width} y={0} width={width} height={kHeight} />
            <rect className={style.above} x={at * width + width * 0.12} width={width * 0.76}
              y={(top - value) * scale} height={value * scale} />
            <rect className={style.below} x={at * width + width * 0.12} width={width * 0.76}
              y={top * scale} height={below * scale} />
          </g>
        ))}
        <line className={style.zero} x1={0} x2={100} y1={top * scale} y2={top * scale} />
      </svg>
      <div className={style.ends} aria-hidden="true">
        <span>{columns[0]?.label}</span><span>{columns.at(-1)?.label}</span>
      </div>
      {names && <p className={style.names} aria-hidden="true"><span>{names[0]}</span><span>{names[1]}</span></p>}
      <div className="unseen">
        <table>
          <caption>{title}</caption>
          {names && (
            <thead>
              <tr><th scope="col">When</th><th scope="col">{names[0]}</th><th scope="col">{names[1]}</th></tr>
            </thead>
          )}
          <tbody>{columns.map(({ label, value, below }) => (
            <tr key={label}>
              <th scope="row">{label}</th><td>{format(value)}</td>{below !== undefined && <td>−{format(below)}</td>}
            </tr>
          ))}</tbody>
        </table>
      </div>
    </figure>
  );
}
