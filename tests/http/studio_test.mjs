// The studio from outside: pictures by URL, data URL and image, results, webhooks, what goes wrong, cancelling and
// crashing. What the operations do to pixels is tested beside them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { noise, scene } from "../support/pictures.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { change, signUp, startServer, tintype, upload } from "../support/server.mjs";

const set = { "egress.allow_private": true, "limits.enabled": false, "jobs.retry_pause_ms": 1,
  "jobs.retry_pause_max_ms": 1 };
// What a killed server held is soon free; a slow machine may lose a lease more often than a good one does.
const killed = { ...set, "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1, "jobs.lost_leases_max": 1000 };
let server, pictures, at;
const held = new Set(); // answers that the test has not let go yet

before(async () => {
  pictures = createServer((request, response) => {
    const path = new URL(request.url, "http://any").pathname;
    if (path === "/image.png") return response.end(scene(64, 48));
    if (path === "/text") return response.end("this is no picture");
    if (path === "/slow") return held.add(response);
    response.writeHead(404).end();
  });
  await new Promise((done) => pictures.listen(0, "127.0.0.1", done));
  at = (path) => `http://127.0.0.1:${pictures.address().port}${path}`;
  server = await startServer({ set });
});
after(async () => {
  for (const response of held) response.destroy();
  pictures.closeAllConnections();
  await new Promise((done) => pictures.close(done));
  await server.stop();
});

async function submit(user, operationType, data, more = {}) {
  const { status, body } = await user.post("/api/ai/submit", { operationType, data, ...more });
  assert.equal(status, 202, JSON.stringify(body));
  return body.jobId;
}

async function ended(user, id) {
  for (let round = 0; round < 200; ++round) {
    const { body } = await user.json(`/api/ai/status/${id}?wait=30`);
    if (!["queued", "processing"].includes(body.status)) return body;
  }
  throw new Error(`${id} does not end`);
}

const balanceOf = async (user) => (await user.json("/api/credits/balance")).body;
const dataUrl = (bytes) => `data:image/png;base64,${bytes.toString("base64")}`;

test("a picture by URL, by data URL and by id becomes a larger one, and is paid for once", async () => {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(64, 48));
  for (const [data, left] of [[{ image_url: at("/image.png") }, 95], [{ imageUrl: dataUrl(scene(64, 48)) }, 90],
    [{ imageId: image.id }, 85]]) {
    const { status, result, ...rest } = await ended(user, await submit(user, "upscale", { ...data, scale: 2 }));
    assert.equal(status, "completed", JSON.stringify(rest));
    assert.deepEqual([result.width, result.height], [128, 96]);
    const answer = await fetch(result.imageUrl);
    assert.equal(answer.headers.get("content-type"), "image/png");
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(bytes.readUInt32BE(16), 128);
    assert.deepEqual(await balanceOf(user), { balance: left, reserved: 0, available: left });
  }
});

test("a webhook gets exactly what the contract says, signed", async () => {
  const user = await signUp(server);
  const receiver = await startReceiver();
  try {
    const id = await submit(user, "upscale", { image_url: at("/image.png"), scale: 2 }, { webhookUrl: receiver.url });
    const message = await receiver.when((all) => all[0]);
    const body = JSON.parse(message.body);
    assert.deepEqual(Object.keys(body), ["event", "jobId", "userId", "result"]);
    assert.deepEqual([body.event, body.jobId, body.result.width], ["job.completed", id, 128]);
    assert.equal((await fetch(body.result.imageUrl)).status, 200);
    assert.match(message.headers["x-webhook-signature"], /^[0-9a-f]{64}$/);
  } finally {
    await receiver.close();
  }
});

test("what cannot be had, or is no picture, fails with a code and costs nothing", async () => {
  const user = await signUp(server);
  for (const [url, code] of [[at("/text"), "SOURCE_NOT_AN_IMAGE"], [at("/nothing"), "SOURCE_UNREACHABLE"]]) {
    const job = await ended(user, await submit(user, "upscale", { image_url: url }));
    assert.deepEqual([job.status, job.code, job.refunded], ["failed", code, 5]);
    assert.ok(job.error.length > 0);
  }
  assert.deepEqual(await balanceOf(user), { balance: 100, reserved: 0, available: 100 });
});

test("a job that runs is cancelled in the middle, and its credits are back when the answer comes", async () => {
  const user = await signUp(server);
  const id = await submit(user, "upscale", { image_url: at("/slow") });
  let status;
  do {
    status = (await user.json(`/api/ai/status/${id}${status ? "?wait=30" : ""}`)).body.status;
  } while (status === "queued");
  assert.equal(status, "processing");
  const { body } = await user.post(`/api/ai/cancel/${id}`, {});
  assert.deepEqual(body, { success: true, message: "Job cancelled successfully", refunded: 5 });
  assert.deepEqual(await balanceOf(user), { balance: 100, reserved: 0, available: 100 });
  assert.deepEqual((await user.json(`/api/ai/status/${id}`)).body, { status: "cancelled", refunded: 5 });
});

test("one user's many jobs keep another's single one waiting for one alone", async () => {
  const idle = await startServer({ workers: 0, set });
  try {
    const [many, one] = [await signUp(idle), await signUp(idle)];
    const data = { image_url: dataUrl(scene(8, 8)) };
    const ids = [];
    for (let count = 0; count < 10; ++count) ids.push(await submit(many, "upscale", data));
    const single = await submit(one, "upscale", data);
    assert.equal((await one.json(`/api/ai/status/${single}`)).body.position, 2);
    assert.equal((await many.json(`/api/ai/status/${ids[9]}`)).body.position, 11);
    const urgent = await submit(one, "upscale", data, { priority: "high" });
    assert.equal((await one.json(`/api/ai/status/${urgent}`)).body.position, 1);
  } finally {
    await idle.stop();
  }
});

test("a server that is killed while it works loses no job and takes no credit twice", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-studio-"));
  let one = await startServer({ dataDir, set: killed });
  try {
    const user = await signUp(one);
    const ids = [];
    for (const scale of [2, 4]) {
      ids.push(await submit(user, "upscale", { image_url: dataUrl(noise(200, 150)), scale }));
    }
    const { body } = await user.json(`/api/ai/status/${ids[0]}?wait=30`);
    assert.notEqual(body.status, "failed");
    await one.kill();
    one = await startServer({ dataDir, set: killed });
    const { url } = one;
    const same = { json: async (path) => {
      const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${user.token}` } });
      return { status: answer.status, body: await answer.json() };
    } };
    for (const id of ids) assert.equal((await ended(same, id)).status, "completed");
    assert.deepEqual(await balanceOf(same), { balance: 90, reserved: 0, available: 90 });
    await one.stop();
    const doctor = await tintype("doctor", "--data", dataDir);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  } finally {
    await one.stop();
    await rm(dataDir, { recursive: true });
  }
});

test("a batch becomes one archive, also after a kill in its middle", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-batch-"));
  let one = await startServer({ dataDir, set: killed, workers: 0 });
  try {
    const user = await signUp(one);
    const as = (server) => async (method, path, body) => {
      const json = body !== undefined && !(body instanceof FormData);
      const answer = await change(server.url + path, { method, body: json ? JSON.stringify(body) : body,
        headers: { Authorization: `Bearer ${user.token}`, ...(json ? { "Content-Type": "application/json" } : {}) } });
      return answer;
    };
    const created = await (await as(one)("POST", "/api/batch/create",
      { name: "Ringe für Ä", operation: "upscale", data: { scale: 2 }, total_images: 3 })).json();
    const form = new FormData();
    for (const seed of [1, 2, 3]) form.append("images", new Blob([scene(20, 16, seed)]), "ring.png");
    const { pathname, search } = new URL(created.uploadUrl);
    const filled = await (await fetch(one.url + pathname + search, { method: "POST", body: form })).json();
    assert.equal(filled.status, "processing", JSON.stringify(filled));
    await one.kill();
    one = await startServer({ dataDir, set: killed });
    let batch;
    do {
      batch = await (await as(one)("GET", `/api/batch/${created.batchId}`)).json();
      const waiting = batch.images.find(({ status }) => ["queued", "processing"].includes(status));
      if (waiting) await (await as(one)("GET", `/api/ai/status/${waiting.job.jobId}?wait=30`)).json();
    } while (batch.status === "processing");
    assert.deepEqual([batch.status, batch.completed_count, batch.failed_count], ["completed", 3, 0]);
    const zip = await as(one)("GET", `/api/batch/${created.batchId}/results.zip`);
    assert.equal(zip.headers.get("content-type"), "application/zip");
    assert.equal(zip.headers.get("content-length"), null);
    const file = join(dataDir, "results.zip");
    await writeFile(file, Buffer.from(await zip.arrayBuffer()));
    const listed = (await promisify(execFile)("python3", ["-c",
      "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), *z.namelist(), sep='|')", file])).stdout;
    assert.equal(listed.trim(), "None|001 ring.png|002 ring.png|003 ring.png");
    assert.equal((await (await as(one)("GET", "/api/credits/balance")).json()).balance, 85);
    await one.stop();
    const doctor = await tintype("doctor", "--data", dataDir);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  } finally {
    await one.stop();
    await rm(dataDir, { recursive: true });
  }
});
