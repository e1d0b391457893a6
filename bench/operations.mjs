// The studio's operations at 1, 4 and 12 megapixels: seconds from the start of the job to its stored result, and the
// peak memory of the whole program. A fresh program for each, so that none profits from the one before.
//
//     node bench/operations.mjs [MODELS_DIRECTORY]      where a segmentation network is installed; none: without one
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { signUp, upload } from "../tests/support/server.mjs";
import { startOurs } from "./harness.mjs";

const sharp = createRequire(new URL("peer/package.json", import.meta.url))("sharp");
const photos = new URL("../../shared/assets/train/clic/", import.meta.url).pathname;
if (!existsSync(photos)) {
  console.log(`${photos} is missing`);
  process.exit(0);
}
const models = process.argv[2];
const photo = join(photos, readdirSync(photos).sort()[2]);
const sizes = [[1, 1224, 816], [4, 2448, 1632], [12, 4242, 2828]];
const operations = [
  ["upscale", { scale: 2 }], ["remove-background", { background: "white" }],
  ["edit", { prompt: "on white marble, a little warmer" }], ["edit", { prompt: "brighter, more contrast, sharpen" }],
  ["magic-edit", {}], ["relight", { azimuth: -60, temperature: 3500 }], ["expand", { aspect_ratio: "16:9" }],
  ["camera-control", { yaw: 12, pitch: 4 }], ["video-replicate", { duration_seconds: 2, fps: 24, width: 1280, height: 720 }],
];

async function measure(operationType, data, bytes) {
  const server = await startOurs({ "images.file_bytes_max": 100 << 20, "wallet.initial": 1000,
    ...(models ? { "engine.models_directory": models } : {}) });
  try {
    const user = await signUp(server);
    const { body: { image } } = await upload(user, bytes, "photo.jpg");
    // What the upload brings with it is not to be measured.
    let shown;
    do shown = (await user.json(`/v1/images/${image.id}`)).body; while (["stored", "processing"].includes(shown.state));
    const { body, status } = await user.post("/api/ai/submit", { operationType, data: { ...data, image_id: image.id } });
    if (status !== 202) return { note: body.details?.message ?? body.error };
    let job;
    do job = (await user.json(`/api/ai/status/${body.jobId}?wait=60`)).body; while (["queued", "processing"].includes(job.status));
    const { body: { jobs: [ended] } } = await user.json("/api/ai/jobs?limit=1");
    if (job.status !== "completed") return { note: `${job.code}: ${job.error}` };
    return { seconds: (Date.parse(ended.completedAt) - Date.parse(ended.startedAt)) / 1000, peakMb: await server.peakMb() };
  } finally {
    await server.stop();
  }
}

console.log(`| operation | ${sizes.map(([megapixels]) => `${megapixels} MP`).join(" | ")} |`);
console.log(`|---|${sizes.map(() => "---|").join("")}`);
for (const [operation, data] of operations) {
  const cells = [];
  for (const [, width, height] of sizes) {
    const bytes = await sharp(photo).resize(width, height, { fit: "cover" }).jpeg({ quality: 92 }).toBuffer();
    const { seconds, peakMb, note } = await measure(operation, data, bytes);
    cells.push(note ?? `${seconds.toFixed(1)} s, ${Math.round(peakMb)} MB`);
  }
  console.log(`| ${operation} ${JSON.stringify(data)} | ${cells.join(" | ")} |`);
}
