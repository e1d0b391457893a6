// The renditions of a 12-megapixel JPEG, six files each, here and with sharp, by turns: how many pictures a second, how
// much of the processor each takes, and how like the original they are. WebP with the same effort and quality.
//
//     node bench/renditions.mjs [TURNS] [EFFORT]
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../tests/support/server.mjs";
import { median } from "./harness.mjs";

const sharp = createRequire(new URL("peer/package.json", import.meta.url))("sharp");
const [turns = 5, effort = 2] = process.argv.slice(2).map(Number);
const photos = new URL("../../shared/assets/train/clic/", import.meta.url).pathname;
const pictures = 12;
if (!existsSync(photos)) {
  console.log(`${photos} is missing`);
  process.exit(0);
}

// Four photographs beside and below each other, as heavy as one from a camera.
async function mosaics(folder) {
  const names = readdirSync(photos).sort().slice(0, 12);
  const files = [];
  for (let at = 0; at < 3; ++at) {
    const parts = await Promise.all(names.slice(at * 4, at * 4 + 4).map((name) =>
      sharp(join(photos, name)).resize(2000, 1500, { fit: "cover" }).removeAlpha().png({ compressionLevel: 1 }).toBuffer()));
    const file = join(folder, `mosaic${at}.jpg`);
    await sharp({ create: { width: 4000, height: 3000, channels: 3, background: "black" } })
      .composite(parts.map((input, part) => ({ input, left: part % 2 * 2000, top: (part >> 1) * 1500 })))
      .jpeg({ quality: 92, chromaSubsampling: "4:2:0" }).toFile(file);
    files.push(file);
  }
  return files;
}

const folder = mkdtempSync(join(tmpdir(), "tintype-bench-"));
const files = await mosaics(folder);
const run = (command, args) => JSON.parse(execFileSync(command, args.map(String), { encoding: "utf8" }));
const ours = () => run(binary, ["bench-render", ...files, "--pictures", pictures, "--workers", 2, "--threads", 2,
  "--effort", effort, "--out", join(folder, "ours")]);
const theirs = () => run(process.execPath, [new URL("peer/renditions.mjs", import.meta.url).pathname, pictures, effort,
  join(folder, "theirs"), ...files]);

// Structural similarity of luminance (Wang et al. 2004) in windows of 8 x 8 pixels, every four.
function ssim(a, b, width, height) {
  let sum = 0, count = 0;
  for (let top = 0; top + 8 <= height; top += 4) {
    for (let left = 0; left + 8 <= width; left += 4) {
      let sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
      for (let y = top; y < top + 8; ++y) {
        for (let at = y * width + left; at < y * width + left + 8; ++at) {
          sa += a[at], sb += b[at], saa += a[at] * a[at], sbb += b[at] * b[at], sab += a[at] * b[at];
        }
      }
      const ma = sa / 64, mb = sb / 64, va = saa / 64 - ma * ma, vb = sbb / 64 - mb * mb, cab = sab / 64 - ma * mb;
      sum += (2 * ma * mb + 6.5025) * (2 * cab + 58.5225) / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225));
      ++count;
    }
  }
  return sum / count;
}

// Lanczos with three lobes in floating point: what neither of the two rounds. One row or column of weights for each made.
function lanczos(from, to) {
  const shrink = from / to, reach = 3 * shrink;
  const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  return Array.from({ length: to }, (_, at) => {
    const middle = (at + 0.5) * shrink - 0.5, first = Math.ceil(middle - reach);
    const taps = Array.from({ length: Math.floor(middle + reach) - first + 1 }, (_, tap) => {
      const x = (first + tap - middle) / shrink;
      return { from: Math.min(from - 1, Math.max(0, first + tap)), weight: sinc(x) * sinc(x / 3) };
    });
    const sum = taps.reduce((sum, { weight }) => sum + weight, 0);
    return taps.map(({ from, weight }) => ({ from, weight: weight / sum }));
  });
}

function reduced({ made, width, height }, toWidth, toHeight) {
  const across = new Float64Array(toWidth * height), both = new Float64Array(toWidth * toHeight);
  lanczos(width, toWidth).forEach((taps, x) => {
    for (const { from, weight } of taps) {
      for (let y = 0; y < height; ++y) across[y * toWidth + x] += weight * made[y * width + from];
    }
  });
  lanczos(height, toHeight).forEach((taps, y) => {
    for (const { from, weight } of taps) {
      for (let x = 0; x < toWidth; ++x) both[y * toWidth + x] += weight * across[from * toWidth + x];
    }
  });
  return both;
}

const luma = async (image) => {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const made = new Float32Array(info.width * info.height);
  for (let at = 0; at < made.length; ++at) {
    const from = at * info.channels;
    made[at] = info.channels < 3 ? data[from] : 0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2];
  }
  return { made, ...info };
};

ours(), theirs();  // once for the caches
const our = [], their = [], ratios = [], cpuRatios = [];
for (let turn = 0; turn < turns; ++turn) {
  const a = ours(), b = theirs();
  our.push(a), their.push(b);
  ratios.push(a.pictures_per_second / b.pictures_per_second);
  cpuRatios.push(b.cpu_ms_per_picture / a.cpu_ms_per_picture);
}
const of = (runs, field) => median(runs.map((one) => one[field]));
console.log(`${turns} turns of ${pictures} pictures, two at once, WebP effort ${effort}, medians`);
for (const [who, runs] of [["ours", our], ["sharp", their]]) {
  console.log(`${who.padEnd(6)} ${of(runs, "pictures_per_second").toFixed(2)} pictures/s, ` +
    `${of(runs, "cpu_ms_per_picture").toFixed(0)} ms of CPU each`);
}
const spread = (values) => `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
console.log(`ratio of pictures a second ${spread(ratios)}, of CPU ${spread(cpuRatios)}`);

const originals = await Promise.all(files.map((file) => luma(sharp(file))));
console.log("rendition     SSIM ours  sharp     bytes ours   sharp");
for (const name of ["large.webp", "large.jpg", "medium.webp", "medium.jpg", "thumb.webp", "thumb.jpg"]) {
  const seen = { ours: [], theirs: [] }, bytes = { ours: 0, theirs: 0 };
  for (let at = 0; at < files.length; ++at) {
    for (const who of ["ours", "theirs"]) {
      const file = join(folder, who, `mosaic${at}-${name}`);
      const { made, width, height } = await luma(sharp(file));
      seen[who].push(ssim(made, reduced(originals[at], width, height), width, height));
      bytes[who] += statSync(file).size;
    }
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  console.log(`${name.padEnd(12)} ${mean(seen.ours).toFixed(5)}  ${mean(seen.theirs).toFixed(5)} ` +
    `${String(bytes.ours).padStart(9)} ${String(bytes.theirs).padStart(9)}`);
}
rmSync(folder, { recursive: true });
