// The power of resumption: a large upload whose client is killed again and again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { missingStore, stores } from "../support/stores.mjs";
import { noise } from "../support/pictures.mjs";
import { root, signUp, startServer } from "../support/server.mjs";

const kills = 10;
const client = join(root, "tests/support/upload_client.mjs");

// Runs the client until it has stored the file or `killAfter` of its lines have come; answers the lines.
async function run(job, killAfter) {
  const child = spawn(process.execPath, [client, JSON.stringify(job)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
    if (lines.length === killAfter) child.kill("SIGKILL");
  }
  return lines;
}

for (const name of Object.keys(stores)) {
  test(`150 MB on the store '${name}', the client killed ${kills} times`, { skip: missingStore(name), timeout: 900_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "tintype-resume-"));
      const store = await stores[name]();
      const server = await startServer({ set: { ...store.set, "uploads.part_size_bytes": 5 << 20 } });
      try {
        const user = await signUp(server);
        const bytes = noise(7300, 6900);
        assert.ok(bytes.length > 150_000_000);
        const file = join(folder, "photo.png");
        await writeFile(file, bytes);
        const job = { url: server.url, token: user.token, file, memory: join(folder, "session.json"), lanes: 3 };
        let stored;
        for (let round = 0; stored === undefined; ++round) {
          // A line for the list, then two a part: no round but the last gets to the end.
          const lines = await run(job, round < kills ? randomInt(1, 8) : undefined);
          const listed = new Set(lines.find((line) => line.listed)?.listed ?? []);
          for (const { sending } of lines) assert.ok(!listed.has(sending), `part ${sending} was there already`);
          stored = lines.find((line) => line.stored)?.stored;
          assert.ok(round <= kills, "the client ends when nobody kills it");
        }
        const { body: image } = await user.json(`/v1/images/${stored}`);
        assert.equal(image.sha256, createHash("sha256").update(bytes).digest("hex"));
        assert.equal(image.original.size_bytes, bytes.length);
      } finally {
        await server.stop();
        await store.stop();
        await rm(folder, { recursive: true, force: true });
      }
    });
}
