// The object stores that tests run the program on: its own, and real S3 ones where they are installed.
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, tintype } from "./server.mjs";

const run = promisify(execFile);

// Starts tests/servers/NAME, with a bucket that pages of `origin` may use; answers {set, stop}: the configuration for it,
// and how to end it.
async function startS3(name, { origin = "" } = {}) {
  const script = join(root, "tests/servers", name);
  const folder = await mkdtemp(join(tmpdir(), `tintype-${name}-`));
  const { stdout } = await run(script, ["start", folder]);
  const [endpoint, accessKeyId, secretAccessKey] = stdout.trim().split(/\s+/);
  const set = {
    "objects.url": `s3://tintype?endpoint=${endpoint}`,
    "objects.access_key_id": accessKeyId,
    "objects.secret_access_key": secretAccessKey,
  };
  const fixed = await tintype("doctor", "--fix", "--data", join(folder, "doctor"),
    ...Object.entries({ ...set, "cors.origins": origin }).flatMap(([key, value]) => ["--set", `${key}=${value}`]));
  if (fixed.code !== 0) throw new Error(`the doctor says: ${fixed.stdout}${fixed.stderr}`);
  return {
    set,
    async stop() {
      await run(script, ["stop", folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const stores = {
  local: async () => ({ set: {}, stop: async () => {} }),
  ceph: (options) => startS3("ceph", options),
  swift: (options) => startS3("swift", options),
};

const programs = { local: [], ceph: ["ceph-mon", "ceph-osd", "radosgw"], swift: ["swift-proxy-server"] };

// Why a store cannot be tested here; false when it can.
export function missingStore(name) {
  for (const program of programs[name]) {
    try {
      execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    } catch {
      return `${program} is not installed here`;
    }
  }
  return false;
}
