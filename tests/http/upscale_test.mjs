// The upscale surface from outside: the contract's own commands, pictures from a real server, what goes wrong with them,
// watching, cancelling, crashing, and many callers at once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { png, scene } from "../support/pictures.mjs";
import { root, signUp, startServer, tintype } from "../support/server.mjs";

const contract = join(root, "../shared/contract/upscale.md");
let server, pictures, at;
const held = new Set(); // answers that the test has not let go yet

// Where pictures come from.
before(async () => {
  pictures = createServer((request, response) => {
    const path = new URL(request.url, "http://any").pathname;
    if (path === "/image.jpg") return response.end(scene(64, 48));
    if (path === "/large.png") return response.end(scene(1000, 800));
    if (path === "/wide.png") return response.end(scene(2100, 4));
    if (path === "/text") return response.end("this is no picture");
    if (path === "/cut.png") return response.end(scene(64, 48).subarray(0, 300));
    if (path === "/gif") return response.end(movingGif());
    if (path === "/too-wide.png") return response.end(png(33_000, 1, () => [0, 0, 0])); // over 32,768 a side
    if (path === "/inside") return response.writeHead(302, { Location: "file:///etc/passwd" }).end();
    if (path === "/long") return response.writeHead(200, { "Content-Length": String(1e9) }).write("x");
    if (path === "/slow") return held.add(response);
    response.writeHead(404).end();
  });
  await new Promise((done) => pictures.listen(0, "127.0.0.1", done));
  at = (path) => `http://127.0.0.1:${pictures.address().port}${path}`;
  server = await startServer({ set: { "egress.allow_private": true, "limits.enabled": false, "jobs.retry_pause_ms": 1,
    "jobs.retry_pause_max_ms": 1 } });
});
after(async () => {
  for (const response of held) response.destroy();
  pictures.closeAllConnections();
  await new Promise((done) => pictures.close(done));
  await server.stop();
});

// A GIF of two frames of one pixel.
function movingGif() {
  const frame = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  return Buffer.from([...Buffer.from("GIF89a"), 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ...frame, ...frame, 0x3b]);
}

async function keyOf(user, fields = {}) {
  const { status, body } = await user.post("/api/v1/keys", { name: "test", ...fields });
  assert.equal(status, 201, JSON.stringify(body));
  return body.data;
}

// What a program does with a key.
function program(key, on = server) {
  const call = async (method, path, json) => {
    const answer = await fetch(`${on.url}/api/v1${path}`, {
      method, headers: { Authorization: `Bearer ${key}`, ...(json ? { "Content-Type": "application/json" } : {}) },
      body: json && JSON.stringify(json),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const submit = async (json) => {
    const answer = await call("POST", "/upscale", json);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body.data.job_id;
  };
  const ended = async (id) => {
    for (let round = 0; round < 200; ++round) {
      const { body } = await call("GET", `/jobs/${id}?wait=30`);
      if (!["pending", "processing"].includes(body.data?.status)) return body.data;
    }
    throw new Error(`${id} does not end`);
  };
  return { call, submit, ended };
}

const newProgram = async (fields) => program((await keyOf(await signUp(server), fields)).key);

test("the contract's commands run as they stand", { skip: !existsSync(contract) }, async () => {
  const text = await readFile(contract, "utf8");
  const commands = [...text.matchAll(/```bash\n(curl[\s\S]*?)```/g)].map((found) => found[1]);
  const submitted = commands.find((one) => one.includes("/api/v1/upscale"));
  const asked = commands.find((one) => one.includes("/api/v1/jobs/"));
  const user = await signUp(server);
  const { key } = await keyOf(user);
  const run = async (command, id) => JSON.parse((await promisify(execFile)("sh", ["-c", command
    .replaceAll("http://localhost:3000", server.url).replaceAll("pk_live_xxxxx", key)
    .replaceAll("https://example.com/image.jpg", at("/image.jpg"))
    .replaceAll("user123-1705584000000", id).replace("curl ", "curl -sS ")])).stdout);
  const answer = await run(submitted);
  assert.deepEqual(Object.keys(answer.data), ["job_id", "status", "estimated_time", "message"]);
  assert.equal(answer.data.status, "pending");
  assert.match(answer.data.estimated_time, /^\d+-\d+s$/);
  await program(key).ended(answer.data.job_id);
  const { success, data } = await run(asked, answer.data.job_id);
  assert.equal(success, true);
  assert.equal(data.status, "completed", JSON.stringify(data));
  assert.deepEqual([data.result.original_size, data.result.output_size],
    [{ width: 64, height: 48 }, { width: 256, height: 192 }]);
  const picture = await fetch(data.result.output_url);
  assert.equal((await picture.arrayBuffer()).byteLength, data.result.file_size);
});

test("each thing that may be wrong with a picture has a code", async () => {
  const { submit, ended } = await newProgram();
  const closed = createServer(() => {});
  await new Promise((done) => closed.listen(0, "127.0.0.1", done));
  const nobody = `http://127.0.0.1:${closed.address().port}/`;
  await new Promise((done) => closed.close(done));
  for (const [url, code, more] of [
    [at("/text"), "SOURCE_NOT_AN_IMAGE"], [at("/cut.png"), "IMAGE_DAMAGED"], [at("/gif"), "IMAGE_ANIMATED"],
    [at("/too-wide.png"), "IMAGE_TOO_LARGE"], [at("/long"), "SOURCE_TOO_LARGE"], [at("/nothing"), "SOURCE_UNREACHABLE"],
    [nobody, "SOURCE_UNREACHABLE"], [at("/inside"), "URL_NOT_ALLOWED"],
    [at("/wide.png"), "RESULT_TOO_LARGE", { scale: 8, output_format: "webp" }],
    [at("/image.jpg"), "FIDELITY_TOO_LOW", { fidelity_min: 60 }],
  ]) {
    const job = await ended(await submit({ image_url: url, scale: 2, ...more }));
    assert.deepEqual([job.status, job.error?.code], ["failed", code], `${url} ${JSON.stringify(job)}`);
    assert.equal(job.result, null);
  }
});

test("without leave nothing inside is asked", async () => {
  const strict = await startServer();
  try {
    const { key } = await keyOf(await signUp(strict));
    const { status, body } = await program(key, strict).call("POST", "/upscale", { image_url: at("/image.jpg") });
    assert.deepEqual([status, body.error.code], [400, "URL_NOT_ALLOWED"]);
  } finally {
    await strict.stop();
  }
});

test("results of test keys are marked, metadata comes back as it was, and URLs are signed anew", async () => {
  const user = await signUp(server);
  const plain = program((await keyOf(user)).key);
  const marked = program((await keyOf(user, { environment: "test" })).key);
  const wish = { image_url: at("/image.jpg"), scale: 2, metadata: { order: "A-1", "ü": "" } };
  const [a, b] = [await plain.ended(await plain.submit(wish)), await marked.ended(await marked.submit(wish))];
  assert.deepEqual([a.test, b.test, b.metadata], [false, true, wish.metadata]);
  const bytes = async (job) => Buffer.from(await (await fetch(job.result.output_url)).arrayBuffer());
  assert.notDeepEqual(await bytes(a), await bytes(b));
  assert.ok(new Date(a.result.expires_at) > new Date());
  const { body } = await plain.call("GET", `/jobs/${a.job_id}`);
  assert.equal((await fetch(body.data.result.output_url)).status, 200);
  const tampered = new URL(body.data.result.output_url);
  tampered.pathname = tampered.pathname.replace(/\w(?=\.\w+$)/, "_");
  assert.notEqual((await fetch(tampered)).status, 200);
});

test("a cancel is heard while the picture is fetched", async () => {
  const { call, submit, ended } = await newProgram();
  const arrived = new Promise((done) => pictures.once("request", done));
  const id = await submit({ image_url: at("/slow"), scale: 2 });
  await arrived;
  assert.equal((await call("POST", `/jobs/${id}/cancel`)).status, 200);
  assert.equal((await ended(id)).status, "cancelled");
});

// What a stream has told so far, event by event, until the reader has heard enough.
async function* eventsOf(key, id) {
  const answer = await fetch(`${server.url}/api/v1/jobs/${id}/events`, { headers: { Authorization: `Bearer ${key}` } });
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of answer.body) {
    const events = (text += decoder.decode(piece, { stream: true })).split("\n\n");
    text = events.pop();
    for (const event of events) {
      if (event.startsWith("event: job\n")) yield JSON.parse(event.split("\ndata: ")[1]);
    }
  }
}

test("the events of a job tell how far it has come, and that it was cancelled", async () => {
  const { key } = await keyOf(await signUp(server));
  const { call, submit } = program(key);
  const id = await submit({ image_url: at("/large.png"), scale: 8 });
  const told = [];
  for await (const job of eventsOf(key, id)) {
    told.push(job);
    assert.equal(job.job_id, id);
    // Cancelled once it has come somewhere: the picture is so large that it is not done by then.
    if (job.status === "processing" && job.progress > 0) await call("POST", `/jobs/${id}/cancel`);
  }
  const progress = told.filter((job) => job.status === "processing").map((job) => job.progress);
  assert.ok(progress.some((at) => at > 0 && at < 100), JSON.stringify(progress));
  assert.deepEqual(progress, [...progress].sort((one, other) => one - other));
  assert.equal(told.at(-1).status, "cancelled");
});

test("a job outlives a killed server, and a key that was revoked gets no answer", async () => {
  const data = await mkdtemp(join(tmpdir(), "tintype-test-"));
  const set = { "egress.allow_private": true, "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1,
    "jobs.lost_leases_max": 1000 };
  try {
    const first = await startServer({ dataDir: data, set });
    const { token } = await signUp(first);
    const post = (on, path, json, method = "POST") => fetch(on.url + path, { method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: json && JSON.stringify(json) }).then((answer) => answer.json());
    const made = (await post(first, "/api/v1/keys", { name: "a" })).data;
    const arrived = new Promise((done) => pictures.once("request", done));
    const id = await program(made.key, first).submit({ image_url: at("/slow"), scale: 2 });
    await arrived;
    await first.kill();
    pictures.removeAllListeners("request");
    pictures.on("request", (request, response) => response.end(scene(64, 48)));
    const second = await startServer({ dataDir: data, set });
    assert.equal((await program(made.key, second).ended(id)).status, "completed");
    await post(second, `/api/v1/keys/${made.id}`, undefined, "DELETE");
    const { status, body } = await program(made.key, second).call("GET", `/jobs/${id}`);
    assert.deepEqual([status, body.success], [401, false]);
    await second.stop();
    const examined = await tintype("doctor", "--data", data);
    assert.equal(examined.code, 0, examined.stdout + examined.stderr);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

test("of two hundred callers at once three are let through, and none of the three is lost", async () => {
  const data = await mkdtemp(join(tmpdir(), "tintype-test-"));
  const set = { "egress.allow_private": true, "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1,
    "jobs.lost_leases_max": 1000 };
  try {
    const first = await startServer({ dataDir: data, workers: 0, set });
    const user = await signUp(first);
    const { key } = await keyOf(user, { plan: "starter" });
    const { call } = program(key, first);
    const answers = await Promise.all(Array.from({ length: 200 }, () =>
      call("POST", "/upscale", { image_url: at("/image.jpg"), scale: 2 })));
    const ids = answers.filter((one) => one.status === 202).map((one) => one.body.data.job_id);
    assert.equal(ids.length, 3, JSON.stringify(answers.map((one) => one.status)));
    for (const { status, body } of answers.filter((one) => one.status !== 202)) {
      assert.equal(status, 429);
      assert.ok(["concurrent", "hour"].includes(body.error.bound), body.error.bound);
    }
    await first.kill();
    const second = await startServer({ dataDir: data, set });
    for (const id of ids) assert.equal((await program(key, second).ended(id)).status, "completed");
    await second.stop();
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
