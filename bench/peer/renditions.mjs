// Makes six renditions of each picture with sharp: one decoding and reduction, kept as raw pixels, then three sizes in
// two formats, two pictures at once. Prints a line of JSON.
//
//     node bench/peer/renditions.mjs PICTURES EFFORT OUT FILE...
import { mkdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import sharp from "sharp";

const [pictures, effort, out, ...files] = process.argv.slice(2);
const sizes = { large: 2048, medium: 1280, thumb: 200 };
const workers = 2;
sharp.cache(false);
sharp.concurrency(1);  // as ours: the cores are kept busy by two pictures
mkdirSync(out, { recursive: true });

async function render(file, stem) {
  const largest = { fit: "inside", withoutEnlargement: true };
  const { data, info } = await sharp(file).rotate().resize(sizes.large, sizes.large, largest).raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  await Promise.all(Object.entries(sizes).flatMap(([name, side]) => {
    const made = () => (name === "large" ? sharp(data, { raw }) : sharp(data, { raw }).resize(side, side, largest));
    return [made().webp({ quality: 80, effort: Number(effort) }).toFile(join(out, `${stem}-${name}.webp`)),
      made().jpeg({ quality: 80, optimiseCoding: false }).toFile(join(out, `${stem}-${name}.jpg`))];
  }));
}

const began = performance.now();
const before = process.cpuUsage();
let next = 0;
await Promise.all(Array.from({ length: workers }, async () => {
  for (let turn = next++; turn < Number(pictures); turn = next++) {
    const file = files[turn % files.length];
    await render(file, basename(file, extname(file)));
  }
}));
const cpu = process.cpuUsage(before);
console.log(JSON.stringify({
  pictures_per_second: Number(pictures) / ((performance.now() - began) / 1e3),
  cpu_ms_per_picture: (cpu.user + cpu.system) / 1e3 / Number(pictures),
}));
