// Charts of the last hour or day, drawn as SVG: what ended in each step, and how long that had waited and run. The
// shapes stretch with the page, so what is written stands beside them.
import { element, svg } from "/pages/common/elements.js";
import { duration } from "./summary.js";

const kWidth = 600;
const kHeight = 120;

// A round number not under the greatest value.
function ceilingOf(values) {
  const most = Math.max(0, ...values);
  if (most === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((round) => round >= most);
}

const timeOf = (point) => new Date(point.from).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function frame(title, summary, top, points, shapes, legend) {
  return element("figure", { class: "chart" },
    element("figcaption", {}, element("h3", {}, title), element("span", { class: "legend small" },
      legend.map(([kind, name]) => element("span", {}, svg("svg", { class: "key", viewBox: "0 0 10 10", "aria-hidden": "true" },
        svg("rect", { width: 10, height: 10, rx: 2, class: kind })), name)))),
    element("div", { class: "plot" },
      element("span", { class: "top-mark small faint" }, top),
      svg("svg", { viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: "none", role: "img", "aria-label": summary },
        svg("line", { x1: 0, x2: kWidth, y1: kHeight, y2: kHeight, class: "axis" }),
        svg("line", { x1: 0, x2: kWidth, y1: 0.5, y2: 0.5, class: "grid" }), shapes)),
    element("div", { class: "times small faint", "aria-hidden": "true" }, element("span", {}, timeOf(points[0])),
      element("span", {}, timeOf(points.at(-1)))));
}

const kOutcomes = ["succeeded", "failed", "cancelled"];
const sum = (points, name) => points.reduce((all, point) => all + point[name], 0);

export function throughputChart({ points, stepSeconds }) {
  const most = ceilingOf(points.map((point) => kOutcomes.reduce((all, name) => all + point[name], 0)));
  const width = kWidth / points.length;
  const bars = points.map((point, at) => {
    let foot = kHeight;
    const pieces = kOutcomes.filter((name) => point[name] > 0).map((name) => {
      const height = (point[name] / most) * kHeight;
      foot -= height;
      return svg("rect", { x: at * width + width * 0.12, y: foot, width: width * 0.76, height, class: name });
    });
    const said = kOutcomes.map((name) => `${point[name]} ${name}`).join(", ");
    return pieces.length > 0 && svg("g", {}, svg("title", {}, `${timeOf(point)}: ${said}`), pieces);
  });
  const summary = `Ended: ${kOutcomes.map((name) => `${sum(points, name)} ${name}`).join(", ")}.`;
  return frame(`Ended each ${stepSeconds === 60 ? "minute" : "hour"}`, summary, most.toLocaleString("en"), points, bars,
    kOutcomes.map((name) => [name, name]));
}

// Dots joined where steps follow each other; those without a value leave a gap.
function track(points, valueOf, most, kind) {
  const place = (at) => ((at + 0.5) * kWidth) / points.length;
  const height = (value) => kHeight - (value / most) * kHeight;
  let path = "";
  points.forEach((point, at) => {
    const value = valueOf(point);
    if (value === null) return;
    const follows = at > 0 && valueOf(points[at - 1]) !== null;
    path += `${follows ? "L" : "M"}${place(at).toFixed(1)} ${height(value).toFixed(1)}`;
    if (!follows) path += "h0.1"; // a dot, even where nothing follows
  });
  return path && svg("path", { d: path, class: `track ${kind}` });
}

export function durationChart({ points }, name, title) {
  const seconds = (point, which) => point[name][which] === null ? null : point[name][which] / 1000;
  const most = ceilingOf(points.map((point) => seconds(point, "maxMs") ?? 0));
  const last = points.findLast((point) => point[name].meanMs !== null);
  const summary = last ? `${title}: lately ${duration(seconds(last, "meanMs"))} on average, ${duration(seconds(last, "maxMs"))} at most.`
    : `${title}: nothing has ended.`;
  return frame(title, summary, duration(most), points,
    [track(points, (point) => seconds(point, "maxMs"), most, "longest"),
      track(points, (point) => seconds(point, "meanMs"), most, "mean")],
    [["mean", "mean"], ["longest", "longest"]]);
}
