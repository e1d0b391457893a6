// Takes PUTs of parts as a Node.js service would: streamed to a file, digested on the way, synced, renamed. Prints its
// address as one JSON line.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const data = mkdtempSync(join(tmpdir(), "tintype-parts-"));
let parts = 0;
const folder = await open(data);

const server = createServer(async (request, response) => {
  const path = join(data, `part-${++parts}`);
  const file = await open(path, "wx"), digest = createHash("md5");
  for await (const piece of request) {
    digest.update(piece);
    await file.write(piece);
  }
  await file.sync();
  await file.close();
  await rename(path, join(data, encodeURIComponent(request.url.split("?")[0].slice(-100))));
  await folder.sync();
  response.setHeader("ETag", `"${digest.digest("hex")}"`);
  response.end();
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
process.on("SIGTERM", () => {
  rmSync(data, { recursive: true });
  process.exit();
});
