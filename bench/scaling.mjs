// How time grows with the picture and shrinks with threads: whole runs of `tintype enhance --scale 4` on JPEGs of 0.5 to 8
// megapixels. Prints a table, and draws it into the SVG file that is named:
//
//     node bench/scaling.mjs [docs/pictures/scaling.svg]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../tests/support/server.mjs";
import { median } from "./harness.mjs";
import { drawnJpeg } from "./pictures.mjs";

const TURNS = Number(process.env.TURNS ?? 3);
const SIZES = [[800, 600], [1200, 800], [1600, 1200], [2400, 1600], [3200, 2400]];
const folder = mkdtempSync(join(tmpdir(), "tintype-bench-"));
const threads = [...Array(availableParallelism()).keys()].map((at) => at + 1);

const rows = [];
for (const [width, height] of SIZES) {
  const { bytes } = await drawnJpeg(width / 4, height / 4, 4);
  const file = join(folder, "picture.jpg");
  writeFileSync(file, bytes);
  const times = threads.map(() => []);
  for (let turn = 0; turn < TURNS; ++turn) {
    for (const [at, count] of threads.entries()) {
      const began = performance.now();
      execFileSync(binary, ["enhance", file, "--scale", "4", "--threads", String(count), "--force", "-o", folder]);
      times[at].push((performance.now() - began) / 1000);
    }
  }
  rows.push({ megapixels: (width * height) / 1e6, seconds: times.map(median) });
}
rmSync(folder, { recursive: true });

console.log(["megapixels", ...threads.map((count) => `${count} thread${count > 1 ? "s" : ""}, s`), "s/MP"].join("  "));
for (const { megapixels, seconds } of rows) {
  console.log([megapixels.toFixed(2).padStart(10), ...seconds.map((s) => s.toFixed(2).padStart(11)),
    (seconds.at(-1) / megapixels).toFixed(2)].join("  "));
}

function svg() {
  const width = 640, height = 360, left = 50, bottom = 40, top = 20, right = 90;
  const most = Math.max(...rows.flatMap(({ seconds }) => seconds)), widest = rows.at(-1).megapixels;
  const x = (megapixels) => left + (megapixels / widest) * (width - left - right);
  const y = (seconds) => height - bottom - (seconds / most) * (height - bottom - top);
  const colours = ["#c2410c", "#1d4ed8", "#15803d", "#7e22ce"];
  const text = (at, up, words, more = "") => `<text x="${at.toFixed(1)}" y="${up.toFixed(1)}" ${more}>${words}</text>`;
  const parts = [`<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="#555"/>`];
  for (const { megapixels } of rows) {
    parts.push(text(x(megapixels), height - bottom + 18, megapixels.toFixed(1), 'text-anchor="middle"'));
  }
  for (let tick = 1; tick <= 4; ++tick) {
    parts.push(text(left - 6, y((most * tick) / 4) + 4, ((most * tick) / 4).toFixed(1), 'text-anchor="end"'));
  }
  parts.push(text((left + width - right) / 2, height - 6, "megapixels of the input, enlarged four times", 'text-anchor="middle"'));
  parts.push(text(left + 6, top + 6, "seconds"));
  for (const [at, count] of threads.entries()) {
    const points = rows.map(({ megapixels, seconds }) => `${x(megapixels).toFixed(1)},${y(seconds[at]).toFixed(1)}`);
    const colour = colours[at % colours.length];
    parts.push(`<polyline points="${x(0)},${y(0)} ${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    parts.push(text(x(widest) + 8, y(rows.at(-1).seconds[at]) + 4, `${count} thread${count > 1 ? "s" : ""}`, `fill="${colour}"`));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" ` +
    `font-size="12">${parts.join("")}</svg>\n`;
}
if (process.argv[2]) writeFileSync(process.argv[2], svg());
