// Starts a real store that speaks S3 for a test: "ceph" or "swift", see tests/servers.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./server.mjs";

export async function startS3(name) {
  const folder = await mkdtemp(join(tmpdir(), `tintype-${name}-`));
  const run = (command) => promisify(execFile)(join(root, "tests/servers", name), [command, folder]);
  const [endpoint, accessKeyId, secretAccessKey] = (await run("start")).stdout.trim().split(" ");
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    run,
    // What a server has to be told to keep its objects in this bucket.
    settings: (bucket) => ({
      "objects.url": `s3://${bucket}?endpoint=${endpoint}`,
      "objects.access_key_id": accessKeyId,
      "objects.secret_access_key": secretAccessKey,
    }),
    async stop() {
      await run("stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
