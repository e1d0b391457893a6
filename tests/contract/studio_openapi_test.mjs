// Holds the program to openapi/studio.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Description } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";

const description = await Description.read("openapi/studio.json");
const given = { invalid: 422 };
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  given.server = await start({ workers: 0, set: { "limits.enabled": false, "jobs.unfinished_max": 5 } });
  [given.user, given.banned] = [await signUp(given.server), await signUp(given.server)];
  const done = await tintype("admin", "user", "ban", given.banned.email, "--data", given.server.dataDir);
  assert.equal(done.code, 0, done.stderr);
});
after(() => Promise.all(servers.map((one) => one.stop())));

const caller = (server, user) => (method, path, expected, options = {}) =>
  description.send(server, method, path, { token: user.token, expected, ...options });
const asUser = async (server = given.server) => caller(server, await signUp(server));
const dataUrl = `data:image/png;base64,${scene(40, 30).toString("base64")}`;
const upscale = { operationType: "upscale", data: { image_url: dataUrl, scale: 2 } };

testFile(description, { apart: ["MethodNotAllowed"], examplesMin: 20 });
testAddresses(description, given, { unknown: ["/api/ai", "/api/ai/", "/api/ai/nothing", "/api/credits/nothing"] });

test("operations are described as they are checked", async () => {
  const call = await asUser();
  const { body } = await call("GET", "/api/ai/operations", 200);
  assert.equal(body.operations.length, 11);
  const cost = Object.fromEntries(body.operations.map((one) => [one.operationType, one.cost]));
  assert.deepEqual(cost, { generate: 10, edit: 15, upscale: 5, "remove-background": 8, relight: 12, expand: 10,
    "magic-prompt": 3, "magic-edit": 15, "flux-lora": 20, "camera-control": 12, "video-replicate": 25 });
  assert.equal(body.operations.find((one) => one.operationType === "upscale").ready, true);
  assert.equal(body.operations.find((one) => one.operationType === "generate").ready, false);
});

test("jobs are submitted, seen, listed, waited for, followed and cancelled", async () => {
  const [call, other] = [await asUser(), await asUser()];
  const { body: job } = await call("POST", "/api/ai/submit", 202, { json: upscale });
  assert.deepEqual((await call("GET", "/api/credits/balance", 200)).body, { balance: 100, reserved: 5, available: 95 });
  const { body: status } = await call("GET", `/api/ai/status/${job.jobId}`, 200);
  assert.equal(status.status, "queued");
  assert.ok(status.position >= 1);
  assert.equal((await call("GET", "/api/ai/jobs?status=queued&limit=1", 200)).body.jobs[0].jobId, job.jobId);
  const waiting = call("GET", `/api/ai/status/${job.jobId}?wait=60`, 200);
  const { body: cancelled } = await call("POST", `/api/ai/cancel/${job.jobId}`, 200);
  assert.deepEqual(cancelled, { success: true, message: "Job cancelled successfully", refunded: 5 });
  assert.deepEqual((await waiting).body, { status: "cancelled", refunded: 5 });
  assert.equal((await call("GET", "/api/credits/balance", 200)).body.reserved, 0);
  await call("POST", `/api/ai/cancel/${job.jobId}`, 409);
  const { bytes } = await call("GET", `/api/ai/jobs/${job.jobId}/events`, 200);
  assert.match(bytes.toString(), /^event: job\ndata: .*"status":"cancelled"/m);
  for (const [method, path] of [["GET", `/api/ai/status/${job.jobId}`], ["GET", `/api/ai/jobs/${job.jobId}/events`],
    ["POST", `/api/ai/cancel/${job.jobId}`]]) {
    await other(method, path, 404);
  }
});

test("a submit is answered once under one key, and refused under it for something else", async () => {
  const call = await asUser();
  const headers = { "Idempotency-Key": "one" };
  const first = await call("POST", "/api/ai/submit", 202, { json: upscale, headers });
  const again = await call("POST", "/api/ai/submit", 202, { json: upscale, headers });
  assert.equal(again.headers["idempotency-replayed"], "true");
  assert.deepEqual(again.body, first.body);
  const { body } = await call("POST", "/api/ai/submit", 422, { json: { ...upscale, priority: "low" }, headers });
  assert.equal(body.code, "IDEMPOTENCY_MISMATCH");
});

test("what is asked for wrongly is refused by its field, and nothing is held", async () => {
  const call = await asUser();
  const picture = { image_url: dataUrl };
  for (const [operationType, data, field] of [
    ["generate", {}, "prompt"],
    ["upscale", {}, "image_url"],
    ["upscale", { ...picture, scale: 5 }, "scale"],
    ["upscale", { ...picture, scale: "4" }, "scale"],
    ["upscale", { ...picture, denoise: 2 }, "denoise"],
    ["upscale", { ...picture, nothing: 1 }, "nothing"],
    ["upscale", { ...picture, imageUrl: dataUrl }, "imageUrl"],
    ["upscale", { ...picture, image_id: "img_x" }, "image_url"],
    ["upscale", { ...picture, mask_url: dataUrl }, "mask_url"],
    ["upscale", { image_url: "data:image/png,x" }, "image_url"],
    ["upscale", { image_url: "data:image/png;base64,!" }, "image_url"],
    ["upscale", { image_url: "data:image/png;base64,AAAA" }, "image_url"],
    ["upscale", { image_url: "http://127.0.0.1/a.png" }, "image_url"],
    ["upscale", { image_url: "file:///etc/passwd" }, "image_url"],
    ["magic-prompt", { prompt: "ring", image_url: dataUrl }, "image_url"],
    ["magic-prompt", { prompt: "x".repeat(2001) }, "prompt"],
    ["expand", picture, "aspect_ratio"],
    ["video-replicate", { ...picture, width: 1920 }, "height"],
  ]) {
    const { body } = await call("POST", "/api/ai/submit", 422, { json: { operationType, data } });
    assert.equal(body.details.field, field, `${operationType} ${JSON.stringify(data).slice(0, 80)}`);
  }
  assert.deepEqual((await call("GET", "/api/credits/balance", 200)).body.reserved, 0);
  await call("POST", "/api/ai/submit", 404, { json: { operationType: "upscale", data: { image_id: "img_none" } } });
  const { body } = await call("POST", "/api/ai/submit", 503,
    { json: { operationType: "generate", data: { prompt: "luxury diamond ring" } } });
  assert.equal(body.code, "ENGINE_UNAVAILABLE");
});

test("an estimate says what a submit would, and changes nothing", async () => {
  const user = await signUp(given.server);
  const call = caller(given.server, user);
  const { body: { image } } = await upload(user, scene(40, 30));
  const { body } = await call("POST", "/api/ai/estimate", 200,
    { json: { operationType: "upscale", data: { imageId: image.id, scale: 2 } } });
  assert.deepEqual([body.cost, body.available, body.accepted, body.output], [5, 100, true, { width: 80, height: 60 }]);
  const unready = await call("POST", "/api/ai/estimate", 200,
    { json: { operationType: "generate", data: { prompt: "ring" } } });
  assert.equal(unready.body.reason.code, "ENGINE_UNAVAILABLE");
  await call("POST", "/api/ai/estimate", 404, { json: { operationType: "upscale", data: { image_id: "img_none" } } });
  assert.equal((await call("GET", "/api/credits/balance", 200)).body.reserved, 0);
});

test("who has too few credits, too many jobs or no room is told so", async () => {
  const poor = await start({ workers: 0, set: { "limits.enabled": false, "wallet.initial": 4 } });
  const { body } = await (await asUser(poor))("POST", "/api/ai/submit", 402, { json: upscale });
  assert.deepEqual([body.error, body.code, body.details.required, body.details.available],
    ["Insufficient credits", "INSUFFICIENT_CREDITS", 5, 4]);
  const call = await asUser();
  for (let at = 0; at < 5; ++at) await call("POST", "/api/ai/submit", 202, { json: upscale });
  assert.equal((await call("POST", "/api/ai/submit", 503, { json: upscale })).body.code, "OVERLOADED");
});

test("requests are counted by address, submits by user too, and reads of jobs apart", async () => {
  const server = await start({ workers: 0 });
  const user = await signUp(server);
  const call = caller(server, user);
  const { body: job, headers } = await call("POST", "/api/ai/submit", 202, { json: upscale });
  assert.equal(headers["x-ratelimit-limit"], "10");
  assert.equal(headers["x-ratelimit-remaining"], "9");
  for (let at = 0; at < 9; ++at) await call("POST", "/api/ai/submit", 202, { json: upscale });
  const { body } = await call("POST", "/api/ai/submit", 429, { json: upscale });
  assert.deepEqual([body.error, body.code], ["Rate limit exceeded", "RATE_LIMITED"]);
  assert.ok(body.retryAfter >= 1 && body.retryAfter <= 60);
  for (let at = 0; at < 19; ++at) await call("GET", "/api/credits/balance", 200);
  await call("GET", "/api/credits/balance", 429);
  for (const [method, path, options] of [["GET", "/api/ai/operations"], ["GET", "/api/ai/jobs"],
    ["POST", "/api/ai/estimate", { json: upscale }], ["POST", `/api/ai/cancel/${job.jobId}`]]) {
    await call(method, path, 429, options);
  }
  const path = `/api/ai/status/${job.jobId}`;
  for (let at = 0; at < 120; ++at) await call("GET", path, 200);
  await call("GET", path, 429);
  await call("GET", `/api/ai/jobs/${job.jobId}/events`, 429);
});

testRefusals(description, given, { takesAnyBody: [], bodiesMin: 20 });
testAllSeen(description, {
  ...rarelySeen(description, ["submitOperation"]),
  "cancelOperation 202": "only when a worker takes longer than ten seconds to stop",
});
