// Pictures in rows of one height each that fill the width, as a printer justifies lines.

export interface Shaped {
  width: number;
  height: number;
  createdAt: number; // ms since 1970
}

// A row of pictures, or, where `count` is 0, the heading of those from `first` on.
export interface Row {
  first: number;
  count: number;
  height: number; // of the pictures
  label: string | null;
}

export const kGap = 4;
const kTallest = 1.35; // of what a row should be: a last row is not blown up
const kNarrowest = 0.5; // panoramas and strips are cut to shapes that can be looked at in a row
const kWidest = 3;

export const shapeOf = ({ width, height }: Shaped) =>
  Math.min(kWidest, Math.max(kNarrowest, width > 0 && height > 0 ? width / height : 1));

const monthName = new Intl.DateTimeFormat(navigator.language, { month: "long", year: "numeric" });

// The month around a time, by the reader's own calendar.
function monthAround(time: number) {
  const date = new Date(time);
  const from = new Date(date.getFullYear(), date.getMonth(), 1).getTime();
  const to = new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
  return { from, to, label: monthName.format(date) };
}

// Rows about `target` pixels high; with headings, a row ends where a month does. One pass: 100,000 pictures take
// a few milliseconds.
export function justify(pictures: readonly Shaped[], width: number, target: number, hasHeadings: boolean): Row[] {
  const rows: Row[] = [];
  let month = { from: 0, to: 0, label: "" };
  let first = 0;
  let shapes = 0; // of the row that is being filled
  const close = (end: number, isFull: boolean) => {
    const count = end - first;
    if (count === 0) return;
    const fitting = (width - kGap * (count - 1)) / shapes;
    rows.push({ first, count, height: Math.round(isFull ? fitting : Math.min(fitting, target)), label: null });
    first = end;
    shapes = 0;
  };
  for (let at = 0; at < pictures.length; ++at) {
    const picture = pictures[at]!;
    if (hasHeadings && (picture.createdAt < month.from || picture.createdAt >= month.to)) {
      close(at, false);
      month = monthAround(picture.createdAt);
      rows.push({ first: at, count: 0, height: 0, label: month.label });
    }
    const shape = shapeOf(picture);
    // A picture that would make the row much too low begins the next one, if this one is not too tall without it.
    const without = shapes > 0 ? (width - kGap * (at - first - 1)) / shapes : Infinity;
    const within = (width - kGap * (at - first)) / (shapes + shape);
    if (within < target && without < target * kTallest && without - target < target - within) close(at, true);
    shapes += shape;
    if ((width - kGap * (at - first)) / shapes <= target) close(at + 1, true);
  }
  close(pictures.length, false);
  return rows;
}

// How wide each picture of a row is, to whole pixels that fill the row.
export function widthsOf(row: Row, pictures: readonly Shaped[], width: number): number[] {
  const exact = pictures.slice(row.first, row.first + row.count).map((one) => shapeOf(one) * row.height);
  const room = width - kGap * (row.count - 1);
  const sum = exact.reduce((all, one) => all + one, 0);
  const scale = Math.abs(sum - room) < row.count * 2 || sum > room ? room / sum : 1;
  let edge = 0;
  return exact.map((one) => {
    const from = Math.round(edge);
    edge += one * scale;
    return Math.round(edge) - from;
  });
}

// The row that a picture stands in.
export function rowOf(rows: readonly Row[], index: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.first <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The picture above or below another one: the one whose middle is nearest, `steps` rows away.
export function indexAcross(rows: readonly Row[], pictures: readonly Shaped[], width: number, index: number,
  steps: number): number {
  const from = rowOf(rows, index);
  let to = from;
  for (let left = Math.abs(steps), at = from + Math.sign(steps); left > 0 && rows[at]; at += Math.sign(steps)) {
    if (rows[at]!.count === 0) continue;
    to = at;
    --left;
  }
  if (to === from) return steps < 0 ? rows[from]!.first : rows[from]!.first + rows[from]!.count - 1;
  const middle = middlesOf(rows[from]!, pictures, width)[index - rows[from]!.first]!;
  const middles = middlesOf(rows[to]!, pictures, width);
  const far = middles.map((one) => Math.abs(one - middle));
  const nearest = far.indexOf(Math.min(...far));
  return rows[to]!.first + nearest;
}

function middlesOf(row: Row, pictures: readonly Shaped[], width: number): number[] {
  let edge = 0;
  return widthsOf(row, pictures, width).map((one) => {
    const middle = edge + one / 2;
    edge += one + kGap;
    return middle;
  });
}
