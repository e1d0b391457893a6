// Uploads of a 2 MB JPEG, each decoded to the end and synced before it is acknowledged; and the memory of a
// 12-megapixel photo enhanced to TIER_4K.      node bench/uploads.mjs [SECONDS]
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settled, signUp, startServer, tintype, upload } from "../tests/support/server.mjs";
import { png } from "../tests/support/pictures.mjs";

const seconds = Number(process.argv[2] ?? 10);
const folder = await mkdtemp(join(tmpdir(), "tintype-bench-"));

// A drawn picture with a camera's noise; enlarging and JPEG make it as heavy as a photo.
async function jpeg(name, width, height, scale) {
  let state = 1;
  const noise = () => ((state = (state * 1103515245 + 12345) % 2147483648) >> 16) % 48;
  await writeFile(join(folder, `${name}.png`), png(width, height, (x, y) =>
    [90 + 60 * Math.sin(x / 9), 110 + 50 * Math.cos(y / 7), (x * y) / 40 % 160].map((c) => (c + noise()) & 255)));
  await tintype("enhance", join(folder, `${name}.png`), "--format", "jpeg", "--scale", String(scale));
  return readFile(join(folder, `${name}-enhanced.jpg`));
}

const small = await jpeg("small", 700, 525, 2);
const large = await jpeg("large", 1000, 750, 4);
const server = await startServer({ set: { "limits.enabled": false, "log.access": false } });
const status = async (name) => Number((await readFile(`/proc/${server.pid}/status`, "utf8")).match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;
const cpu = async () => {
  const fields = (await readFile(`/proc/${server.pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const user = await signUp(server);
console.log(`idle: ${(await status("VmRSS")).toFixed(0)} MB`);

let uploads = 0;
const before = await cpu(), until = performance.now() + seconds * 1000;
await Promise.all(Array.from({ length: 4 }, async () => {
  while (performance.now() < until) {
    const answer = await upload(user, small, "photo.jpg");
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    ++uploads;
  }
}));
console.log(`uploads of ${(small.length / 2 ** 20).toFixed(1)} MB (1400 x 1050): ${(uploads / seconds).toFixed(1)}/s, ` +
  `${(((await cpu()) - before) / uploads).toFixed(1)} ms CPU each, ${(await status("VmRSS")).toFixed(0)} MB resident`);

const { body } = await upload(user, large, "large.jpg");
const began = performance.now();
await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_4K" });
const image = await settled(user, body.image.id);
console.log(`${image.width} x ${image.height} to TIER_4K: ${image.jobs[0].status} in ${((performance.now() - began) / 1000).toFixed(1)} s, ` +
  `${(await status("VmHWM")).toFixed(0)} MB at most`);
await server.stop();
await rm(folder, { recursive: true, force: true });
