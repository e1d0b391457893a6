// Resident memory: idle, and the most of it while a 12-megapixel photo is enhanced to TIER_4K.
//   node bench/memory.mjs      TINTYPE_BINARY names the program
import { settled, signUp, upload } from "../tests/support/server.mjs";
import { startOurs } from "./harness.mjs";
import { drawnJpeg } from "./pictures.mjs";

const { bytes, width, height } = await drawnJpeg(1000, 750, 4);
const ours = await startOurs();
const user = await signUp(ours);
console.log(`ready after ${ours.readyMs.toFixed(0)} ms, ${(await ours.residentMb()).toFixed(0)} MB idle`);
const { body } = await upload(user, bytes, "photo.jpg");
console.log(`${(await ours.peakMb()).toFixed(0)} MB at most once ${width} x ${height} was uploaded`);
const began = performance.now();
await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_4K" });
const [job] = (await settled(user, body.image.id)).jobs;
console.log(`TIER_4K: ${job.status}, ${job.enhancedWidth} x ${job.enhancedHeight} in ` +
  `${((performance.now() - began) / 1000).toFixed(1)} s, ${(await ours.peakMb()).toFixed(0)} MB at most, ` +
  `${(await ours.residentMb()).toFixed(0)} MB afterwards`);
await ours.stop();
