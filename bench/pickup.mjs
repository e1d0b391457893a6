// How long a job waits for a worker of another process that has nothing to do: from its row to its lease, by the times
// that the database keeps, on SQLite and on PostgreSQL.
//   node bench/pickup.mjs [JOBS]      TINTYPE_BINARY names the program
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databases } from "../tests/support/databases.mjs";
import { scene } from "../tests/support/pictures.mjs";
import { settled, signUp, startServer, startWorker, upload } from "../tests/support/server.mjs";

const jobs = Number(process.argv[2] ?? 200);

for (const [name, start] of Object.entries(databases)) {
  const dataDir = mkdtempSync(join(tmpdir(), "tintype-pickup-"));
  const database = await start();
  const set = { ...database.set, "limits.enabled": false, "wallet.initial": 1_000_000 };
  const server = await startServer({ dataDir, set, workers: 0 });
  const worker = await startWorker({ dataDir, set });
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(24, 20));
  for (let at = 0; at < jobs; ++at) {
    await user.post("/api/images/enhance", { imageId: image.id, tier: "TIER_1K" });
    await settled(user, image.id);
  }
  const { body } = await user.json(`/api/images/${image.id}`);
  const waits = body.image.jobs.map((job) => Date.parse(job.processingStartedAt) - Date.parse(job.createdAt))
    .sort((a, b) => a - b);
  const at = (share) => `${waits[Math.min(waits.length - 1, Math.floor(share * waits.length))]} ms`;
  console.log(`${name}: ${waits.length} jobs, p50 ${at(0.5)}, p99 ${at(0.99)}, at most ${at(1)}`);
  await worker.stop();
  await server.stop();
  await database.stop();
  rmSync(dataDir, { recursive: true });
}
