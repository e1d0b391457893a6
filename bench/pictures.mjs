// A drawn picture with a camera's noise, enlarged by our own program into a JPEG as heavy as a photograph.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tintype } from "../tests/support/server.mjs";
import { png } from "../tests/support/pictures.mjs";

export async function drawnJpeg(width, height, scale) {
  const folder = await mkdtemp(join(tmpdir(), "tintype-bench-"));
  let state = 1;
  const noise = () => ((state = (state * 1103515245 + 12345) % 2147483648) >> 16) % 12;
  await writeFile(join(folder, "drawn.png"), png(width, height, (x, y) =>
    [90 + 60 * Math.sin(x / 9), 110 + 50 * Math.cos(y / 7), (x * y) / 40 % 160].map((c) => (c + noise()) & 255)));
  const { code, stderr } = await tintype("enhance", join(folder, "drawn.png"), "--format", "jpeg", "--scale",
    String(scale));
  if (code !== 0) throw new Error(stderr);
  const bytes = await readFile(join(folder, "drawn-enhanced.jpg"));
  await rm(folder, { recursive: true });
  return { bytes, width: width * scale, height: height * scale };
}
