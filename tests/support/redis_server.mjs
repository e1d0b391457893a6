// Starts a real Redis for a test, see tests/servers/redis.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./server.mjs";

export const hasRedis = existsSync("/usr/bin/redis-server");

export async function startRedis(password = "") {
  const folder = await mkdtemp(join(tmpdir(), "tintype-redis-"));
  const run = async (command, ...more) =>
    (await promisify(execFile)(join(root, "tests/servers/redis"), [command, folder, ...more])).stdout.trim();
  const url = await run("start", password);
  return {
    url,
    kill: () => run("kill"),
    restart: () => run("restart"),
    async keys() {
      const { stdout } = await promisify(execFile)("redis-cli", ["-u", url, "--raw", "keys", "*"]);
      return stdout.split("\n").filter(Boolean);
    },
    async stop() {
      await run("stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
