// Holds the program to openapi/studio.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Description, formOf, localPart } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { scene } from "../support/pictures.mjs";
import { signedEvent } from "../support/payments.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";

const description = await Description.read("openapi/studio.json", {
  samples: { uploadBatchImages: () => ({ form: formOf([["images", scene(8, 8), "a.png"]]) }) },
});
const given = { invalid: 422 };
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  given.server = await start({ workers: 0, set: { "limits.enabled": false, "jobs.unfinished_max": 5,
    "payments.stripe_webhook_secret": "whsec_old,whsec_new", "payments.packages": "starter:100" } });
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
  const { body: { jobs: [listed] } } = await call("GET", "/api/ai/jobs?status=queued&limit=1", 200);
  assert.deepEqual([listed.jobId, listed.data], [job.jobId, { scale: 2 }]);
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

test("the history says what was asked, so that it can be asked again", async () => {
  const user = await signUp(given.server);
  const call = caller(given.server, user);
  const { body: { image } } = await upload(user, scene(40, 30));
  for (const [operationType, data] of [
    ["relight", { azimuth: -60.5, temperature: 3200, seed: 7, format: "webp" }],
    ["upscale", { scale: 3, enhance_face: 0.4, denoise: 0.3, fidelity_min: 20, format: "png" }],
    ["edit", { prompt: "warmer", strength: 0.5, aspect_ratio: "4:5" }],
  ]) {
    const asked = { image_id: image.id, ...data };
    const { body: { jobId } } = await call("POST", "/api/ai/submit", 202, { json: { operationType, data: asked } });
    const { body: { jobs: [job] } } = await call("GET", "/api/ai/jobs?limit=1", 200);
    assert.deepEqual([job.jobId, job.data], [jobId, asked]);
    await call("POST", `/api/ai/cancel/${jobId}`, 200);
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

test("the quote of an estimate holds for a submit of the same", async () => {
  const call = caller(given.server, await signUp(given.server));
  const { body: { cost, quote, quoteExpiresAt } } = await call("POST", "/api/ai/estimate", 200,
    { json: { operationType: "magic-prompt", data: { prompt: "ring" } } });
  assert.ok(Date.parse(quoteExpiresAt) > Date.now());
  const before = (await call("GET", "/api/credits/balance", 200)).body;
  await call("POST", "/api/ai/submit", 202, { json: { operationType: "magic-prompt", data: { prompt: "ring" }, quote } });
  const { body: after } = await call("GET", "/api/credits/balance", 200);
  assert.equal(before.available - after.available, cost);
  const { body } = await call("POST", "/api/ai/submit", 422,
    { json: { operationType: "edit", data: { prompt: "warmer", image_url: "https://example.org/a.png" }, quote } });
  assert.equal(body.details.field, "quote");
});

test("a preview is a small picture at once, and nothing is left of it", async () => {
  const user = await signUp(given.server);
  const [call, other] = [caller(given.server, user), await asUser()];
  const { body: { image } } = await upload(user, scene(640, 480));
  const relight = (data) => ({ json: { operationType: "relight", data } });
  const lit = await call("POST", "/api/ai/previews", 200, relight({ image_id: image.id, azimuth: 80 }));
  assert.equal(lit.headers["content-type"], "image/webp");
  assert.equal(lit.bytes.toString("latin1", 8, 12), "WEBP");
  const cut = await call("POST", "/api/ai/previews", 200,
    { json: { operationType: "remove-background", data: { image_url: dataUrl, format: "webp" } } });
  assert.equal(cut.headers["content-type"], "image/png");
  const referred = { image_id: image.id, reference_url: dataUrl };
  await call("POST", "/api/ai/previews", 200, relight(referred));
  await other("POST", "/api/ai/previews", 404, relight({ image_id: image.id }));
  for (const [operationType, data, field] of [
    ["upscale", { image_id: image.id }, "operationType"],
    ["generate", { prompt: "ring" }, "operationType"],
    ["video-replicate", { image_id: image.id }, "operationType"],
    ["relight", { image_url: "https://example.com/ring.jpg" }, "image_url"],
    ["relight", { image_id: image.id, reference_url: "https://example.com/ring.jpg" }, "reference_url"],
    ["relight", { image_id: image.id, azimuth: 400 }, "azimuth"],
    ["relight", {}, "image_url"],
  ]) {
    const { body } = await call("POST", "/api/ai/previews", 422, { json: { operationType, data } });
    assert.equal(body.details.field, field, operationType);
    assert.ok(body.details.suggestion);
  }
  assert.deepEqual((await call("GET", "/api/ai/jobs", 200)).body.jobs, []);
  assert.deepEqual((await call("GET", "/api/credits/balance", 200)).body, { balance: 100, reserved: 0, available: 100 });
});

test("previews are counted by user, apart from all else", async () => {
  const few = await start({ workers: 0, set: { "studio.previews_per_minute": 2, "studio.requests_per_minute": 1 } });
  const [call, other] = [await asUser(few), await asUser(few)];
  const json = { operationType: "magic-edit", data: { image_id: "img_none" } };
  for (const left of ["1", "0"]) {
    assert.equal((await call("POST", "/api/ai/previews", 404, { json })).headers["x-ratelimit-remaining"], left);
  }
  assert.ok(Number((await call("POST", "/api/ai/previews", 429, { json })).headers["retry-after"]) > 0);
  await other("POST", "/api/ai/previews", 404, { json });
  await call("GET", "/api/ai/operations", 200);
});

test("what a provider does has no preview", async () => {
  const remote = await start({ workers: 0, set: { "limits.enabled": false, "engines.edit": "openai:gpt-image-1" } });
  const call = await asUser(remote);
  const data = { image_url: dataUrl, prompt: "warmer" };
  const { body } = await call("POST", "/api/ai/previews", 422, { json: { operationType: "edit", data } });
  assert.match(body.details.message, /provider/);
});

test("what is paid for is there, and in the history", async () => {
  const user = await signUp(given.server);
  const call = caller(given.server, user);
  const event = { type: "checkout.session.completed", data: { object: { id: "cs_1", payment_status: "paid",
    client_reference_id: user.id, metadata: { package: "starter" } } } };
  for (const outcome of ["granted", "known"]) {
    const { body } = await description.send(given.server, "POST", "/api/credits/webhook",
      { ...signedEvent(event, "whsec_new"), expected: 200 });
    assert.equal(body.outcome, outcome);
  }
  await description.send(given.server, "POST", "/api/credits/webhook", { ...signedEvent(event, "whsec_x"), expected: 400 });
  const { body } = await call("GET", "/api/credits/history?limit=1", 200);
  assert.deepEqual([body.entries[0].kind, body.entries[0].amount, body.entries[0].balance_after], ["purchase", 100, 200]);
  const rest = await call("GET", `/api/credits/history?cursor=${body.nextCursor}`, 200);
  assert.deepEqual([rest.body.entries.map(({ kind }) => kind), rest.body.nextCursor], [["initial"], null]);
  const without = await start({ workers: 0 });
  await description.send(without, "POST", "/api/credits/webhook", { ...signedEvent(event, "whsec_new"), expected: 404 });
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

const shoot = (more) => ({ name: "shoot", operation: "upscale", data: { scale: 2 }, total_images: 2, ...more });
const pictures = (count) => ({ form: formOf(Array.from({ length: count }, (_, at) =>
  ["images", scene(8, 6, at + 1), `${at}.png`])) });

test("a batch is created, filled, started, paused, resumed, cancelled, listed and forgotten", async () => {
  const [call, other] = [await asUser(), await asUser()];
  const { body: { batchId: id, uploadUrl } } = await call("POST", "/api/batch/create", 201, { json: shoot() });
  const path = `/api/batch/${id}`;
  await call("POST", `${path}/start`, 409);
  assert.equal((await call("POST", `${path}/upload-images`, 200, pictures(1))).body.status, "uploading");
  const last = await description.send(given.server, "POST", localPart(uploadUrl), { expected: 200, ...pictures(1) });
  assert.deepEqual([last.body.status, last.body.received_count, last.body.notStarted], ["processing", 2, null]);
  assert.equal((await call("GET", "/api/credits/balance", 200)).body.reserved, 10);
  assert.equal((await call("POST", `${path}/pause`, 200)).body.status, "paused");
  assert.equal((await call("POST", `${path}/resume`, 200)).body.status, "processing");
  const { body: batch } = await call("GET", path, 200);
  assert.deepEqual([batch.total_images, batch.waiting_count, batch.images.length], [2, 2, 2]);
  assert.equal(batch.images[0].job.operationType, "upscale");
  await call("GET", `${path}/results.zip`, 409);
  await call("POST", `${path}/retry`, 409);
  await call("POST", `${path}/upload-images`, 409, pictures(1));
  await call("DELETE", path, 409);
  const { body: cancelled } = await call("POST", `${path}/cancel`, 200);
  assert.deepEqual([cancelled.cancelled, cancelled.refunded], [2, 10]);
  for (const verb of ["cancel", "pause", "resume"]) await call("POST", `${path}/${verb}`, 409);
  assert.equal((await call("GET", "/api/batch?limit=1", 200)).body.batches[0].status, "cancelled");
  for (const [method, rest] of [["GET", ""], ["DELETE", ""], ["GET", "/results.zip"], ["POST", "/start"],
    ["POST", "/pause"], ["POST", "/resume"], ["POST", "/retry"], ["POST", "/cancel"]]) {
    await other(method, path + rest, 404);
  }
  await other("POST", `${path}/upload-images`, 404, pictures(1));
  await call("DELETE", path, 200);
  await call("GET", path, 404);
});

test("a batch is started with what has arrived, what failed is tried again, and the rest comes as an archive", async () => {
  const working = await start({ set: { "limits.enabled": false, "wallet.initial": 14 } });
  const call = await asUser(working);
  const json = shoot({ data: { scale: 8, format: "webp" }, total_images: 3 });
  const { body: { batchId: id } } = await call("POST", "/api/batch/create", 201, { json });
  const path = `/api/batch/${id}`;
  // The second is too wide for WebP once it is enlarged, which is found out when it is worked on.
  const form = formOf([["images", scene(8, 6), "small.png"], ["images", scene(2100, 4), "wide.png"]]);
  const headers = (key) => ({ "Idempotency-Key": key });
  const uploaded = await call("POST", `${path}/upload-images`, 200, { form, headers: headers("upload") });
  const started = await call("POST", `${path}/start`, 200, { headers: headers("start") });
  assert.deepEqual((await call("POST", `${path}/start`, 200, { headers: headers("start") })).body, started.body);
  const again = formOf([["images", scene(8, 6), "small.png"], ["images", scene(2100, 4), "wide.png"]]);
  const replayed = await call("POST", `${path}/upload-images`, 200, { form: again, headers: headers("upload") });
  assert.deepEqual(replayed.body, uploaded.body);
  const ended = async () => {
    const { body } = await call("GET", path, 200);
    const going = body.images.find(({ status }) => ["queued", "processing"].includes(status));
    if (going) await call("GET", `/api/ai/status/${going.job.jobId}?wait=30`, 200);
    return body.status === "completed" ? body : ended();
  };
  const first = await ended();
  assert.deepEqual([first.completed_count, first.failed_count], [1, 1], JSON.stringify(first.images));
  await call("GET", `${path}/results.zip`, 200);
  await call("POST", `${path}/retry`, 200, { headers: headers("retry") });
  await call("POST", `${path}/retry`, 200, { headers: headers("retry") });
  assert.equal((await ended()).failed_count, 1);
  const { body: { jobId } } = await call("POST", "/api/ai/submit", 202, { json: upscale });
  while (["queued", "processing"].includes((await call("GET", `/api/ai/status/${jobId}?wait=30`, 200)).body.status));
  assert.equal((await call("GET", "/api/credits/balance", 200)).body.available, 4);
  await call("POST", `${path}/retry`, 402);
});

test("an uploadUrl holds for its own batch alone, as it was signed", async () => {
  const user = await signUp(given.server);
  const call = caller(given.server, user);
  const [one, two] = [(await call("POST", "/api/batch/create", 201, { json: shoot() })).body,
    (await call("POST", "/api/batch/create", 201, { json: shoot() })).body];
  const url = localPart(one.uploadUrl);
  for (const wrong of [url.replace(one.batchId, two.batchId), url.replace(/user=./, "user=x"), `${url}x`,
    url.replace(/expires=\d/, "expires=9")]) {
    await description.send(given.server, "POST", wrong, { expected: 401, ...pictures(1) });
  }
  await description.send(given.server, "POST", url, { expected: 200, ...pictures(1) });
});

test("batches are refused by what is wrong with them", async () => {
  const call = await asUser();
  for (const [json, field] of [[shoot({ total_images: 0 }), "total_images"], [shoot({ name: "" }), "name"],
    [shoot({ operation: "generate", data: { prompt: "x" } }), "operation"], [shoot({ data: { scale: 9 } }), "scale"],
    [shoot({ data: { nothing: 1 } }), "nothing"], [shoot({ data: 1 }), "data"]]) {
    assert.equal((await call("POST", "/api/batch/create", 422, { json })).body.details.field, field);
  }
  const headers = { "Idempotency-Key": "batch" };
  const first = await call("POST", "/api/batch/create", 201, { json: shoot(), headers });
  assert.deepEqual((await call("POST", "/api/batch/create", 201, { json: shoot(), headers })).body, first.body);
  await call("POST", "/api/batch/create", 422, { json: shoot({ total_images: 3 }), headers });
  const path = `/api/batch/${first.body.batchId}/upload-images`;
  await call("POST", path, 422, pictures(3));
  await call("POST", path, 422, { form: formOf([["images", Buffer.from("no picture"), "a.png"]]) });
  await call("POST", path, 422, { form: formOf([["files", scene(8, 6), "a.png"]]) });
  const poor = await start({ workers: 0, set: { "limits.enabled": false, "wallet.initial": 9 } });
  const poorCall = await asUser(poor);
  const { body } = await poorCall("POST", "/api/batch/create", 201, { json: shoot() });
  const { body: filled } = await poorCall("POST", `/api/batch/${body.batchId}/upload-images`, 200, pictures(2));
  assert.deepEqual([filled.status, filled.notStarted.code, filled.notStarted.required],
    ["ready", "INSUFFICIENT_CREDITS", 10]);
  await poorCall("POST", `/api/batch/${body.batchId}/start`, 402);
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
  assert.deepEqual([body.error, body.code, body.details.bound],
    ["Rate limit exceeded", "RATE_LIMITED", "studio_operations"]);
  assert.ok(body.retryAfter >= 1 && body.retryAfter <= 60);
  for (let at = 0; at < 19; ++at) await call("GET", "/api/credits/balance", 200);
  assert.equal((await call("GET", "/api/credits/balance", 429)).body.details.bound, "studio_address");
  for (const [method, path, options] of [["GET", "/api/ai/operations"], ["GET", "/api/ai/jobs"], ["GET", "/api/credits/history"],
    ["POST", "/api/ai/estimate", { json: upscale }], ["POST", `/api/ai/cancel/${job.jobId}`]]) {
    await call(method, path, 429, options);
  }
  const path = `/api/ai/status/${job.jobId}`;
  for (let at = 0; at < 120; ++at) await call("GET", path, 200);
  assert.equal((await call("GET", path, 429)).body.details.bound, "studio_status");
  await call("GET", `/api/ai/jobs/${job.jobId}/events`, 429);
  await call("GET", "/api/batch/none", 429);
  await call("POST", "/api/batch/none/upload-images", 429, pictures(1));
  await call("POST", "/api/batch/create", 429, { json: shoot() });
  for (const [method, rest] of [["GET", ""], ["DELETE", "/none"], ["GET", "/none/results.zip"], ["POST", "/none/start"],
    ["POST", "/none/pause"], ["POST", "/none/resume"], ["POST", "/none/retry"], ["POST", "/none/cancel"]]) {
    await call(method, `/api/batch${rest}`, 429);
  }
});

testRefusals(description, given, { takesAnyBody: ["hearOfPayment"], bodiesMin: 20 });
testAllSeen(description, {
  ...rarelySeen(description, ["submitOperation"]),
  "cancelOperation 202": "only when a worker takes longer than ten seconds to stop",
});
