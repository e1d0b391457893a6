// kill -9 of the server at 50 random moments during uploads and jobs. After each restart the doctor finds nothing;
// at the end every accepted job has ended, every acknowledged upload is there byte by byte, and the tokens add up.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settled, signUp, startServer, tintype, upload } from "../support/server.mjs";
import { scene } from "../support/pictures.mjs";

const kills = Number(process.env.TINTYPE_KILLS ?? 50);
const seed = Number(process.env.TINTYPE_SEED ?? Date.now() % 1_000_000);

// Mulberry32: the moments of a failing run can be had again by its seed.
let state = seed;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const set = {
  "limits.enabled": false, "wallet.initial": 100000, "wallet.maximum": 100, "jobs.lease_seconds": 2,
  "jobs.heartbeat_seconds": 1, "jobs.unfinished_max": 1000000, "images.unfinished_seconds": 0,
  // A slow machine may lose the same job its worker at every kill.
  "jobs.lost_leases_max": 1000,
};

test(`${kills} kills, seed ${seed}`, { timeout: 1_000_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-kill-"));
  const uploads = new Map(); // image id -> bytes, acknowledged
  const accepted = new Set(); // job ids, acknowledged
  const deleted = new Set();
  let server = await startServer({ dataDir, set });
  let user = await signUp(server, "kill@example.org");
  const asUser = () => ({ ...user, ...bind(server, user.token) });

  for (let round = 0; round < kills; ++round) {
    let stopped = false;
    // Most kills wait for an upload or a job of their round, so that a slow machine also has something to lose.
    const awaited = ["upload", "job", "upload", null][round % 4];
    let acknowledged;
    const moved = awaited ? new Promise((done) => { acknowledged = (what) => what === awaited && done(); }) : undefined;
    const client = asUser();
    const lane = async (number) => {
      for (let step = 0; !stopped; ++step) {
        try {
          const bytes = scene(24 + number, 20, round * 1000 + number * 100 + step + 1);
          const { status, body } = await upload(client, bytes, `r${round}-${number}-${step}.png`);
          if (status !== 200) throw new Error(`upload answered ${status}: ${JSON.stringify(body)}`);
          uploads.set(body.image.id, bytes);
          acknowledged?.("upload");
          if (random() < 0.25) {
            const submitted = await client.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
            if (submitted.status === 200) {
              accepted.add(submitted.body.jobId);
              acknowledged?.("job");
            }
          }
          if (random() < 0.2) {
            deleted.add(body.image.id);
            await client.fetch(`/api/images/${body.image.id}`, { method: "DELETE" });
          }
        } catch (error) {
          if (!stopped) throw error;
        }
      }
    };
    const lanes = [lane(0), lane(1), lane(2)];
    await Promise.race([moved, Promise.all(lanes)]);  // a lane ends by failing alone
    await new Promise((done) => setTimeout(done, random() * 400));
    stopped = true;
    await server.kill();
    await Promise.all(lanes);

    const report = await tintype("doctor", "--json", "--data", dataDir, ...Object.entries(set)
      .flatMap(([key, value]) => ["--set", `${key}=${value}`]));
    assert.equal(report.code, 0, `after kill ${round} the doctor says:\n${report.stdout}${report.stderr}`);
    server = await startServer({ dataDir, set });
  }

  const client = asUser();
  let jobs = 0;
  for (const [id, bytes] of uploads) {
    const { status, body } = await client.json(`/api/images/${id}`);
    if (deleted.has(id)) {
      // The kill may have come before or after the deletion, but never in the middle of it.
      assert.ok(status === 404 || status === 200);
      if (status === 404) continue;
    }
    assert.equal(status, 200, `the acknowledged upload ${id} is gone`);
    const original = await fetch(body.image.url.replace(/^http:\/\/[^/]+/, server.url));
    assert.ok(Buffer.from(await original.arrayBuffer()).equals(bytes), `${id} has other bytes`);
    const image = await settled(client, id);
    for (const job of image.jobs) {
      assert.equal(job.status, "COMPLETED", `${job.id}: ${job.errorMessage}`);
      accepted.delete(job.id);
      ++jobs;
    }
  }
  const lost = [...accepted];
  const known = new Set();
  for (const id of lost) if ((await client.json(`/api/jobs/${id}`)).status === 200) known.add(id);
  assert.equal(known.size, 0, "every accepted job was met through its image");

  const { body: balance } = await client.json("/api/tokens/balance");
  assert.equal(balance.reserved, 0);
  let captured = 0;
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await client.json(`/api/tokens/history?limit=100${cursor && `&cursor=${cursor}`}`);
    for (const entry of body.entries) captured += entry.kind === "capture" ? -entry.amount : 0;
    cursor = body.nextCursor;
  }
  assert.equal(balance.balance, 100000 - captured);
  assert.ok(captured >= 2 * jobs);
  assert.ok(uploads.size >= kills / 2 && (jobs > 0 || kills < 20), "the kills met nothing");
  await server.stop();
  const report = await tintype("doctor", "--data", dataDir);
  assert.equal(report.code, 0, report.stdout);
  assert.deepEqual(await readdir(join(dataDir, "objects/tmp")), [], "what was killed left files behind");
  console.log(`${uploads.size} uploads acknowledged, ${jobs} jobs ended, ${captured} tokens captured`);
  await rm(dataDir, { recursive: true, force: true });
});

// The calls of a user against whichever server runs now.
function bind(server, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const at = (path) => (path.startsWith("http") ? path : server.url + path);
  const answer = async (response) => ({ status: response.status, body: await response.json() });
  return {
    fetch: (path, options = {}) => fetch(at(path), { ...options, headers: { ...headers, ...options.headers } }),
    json: async (path) => answer(await fetch(at(path), { headers })),
    post: async (path, body) => answer(await fetch(at(path), {
      method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) })),
  };
}
