// Operations that a provider does, through the whole program: submit, wait, report, cancel, failure, money.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { withinADay } from "../support/day.mjs";
import { scene } from "../support/pictures.mjs";
import { startOpenAi, startReplicate } from "../support/provider_servers.mjs";
import { signUp, startServer, tintype } from "../support/server.mjs";

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", token = "r8_the_token_of_this_test", key = "sk-of-this-test";
const faults = []; // what the images API answers next, in place of a picture
const held = new Set(); // requests to it that are not answered
const closing = [];
let openAi, replicate, server;

async function start(set = {}, options = {}) {
  const started = await startServer({ ...options, set: { "limits.enabled": false, "providers.retry_pause_ms": 1,
    "providers.openai_url": `${openAi.url}/v1/`, "providers.openai_key": key, "engines.generate": "openai:gpt-image-1",
    "providers.replicate_url": `${replicate.url}/v1`, "providers.replicate_token": token,
    "engines.flux_lora": "replicate:lucataco/flux-dev-lora?hf_lora=ours%2Fjewels", ...set } });
  closing.push(() => started.stop());
  return started;
}

before(async () => {
  openAi = await startOpenAi({ key, answers(call, response) {
    const fault = faults.shift();
    if (!fault) return false;
    if (fault.hangs) return held.add(response);
    response.writeHead(fault.status, { "Content-Type": "application/json", ...fault.headers });
    response.end(JSON.stringify(fault.body ?? {}));
    return true;
  } });
  replicate = await startReplicate({ token, secret });
  server = await start({ "providers.replicate_webhook_secret": secret,
    "engines.relight": "openai:gpt-image-1?quality=low" });
});
after(async () => {
  for (const close of closing) await close();
  for (const response of held) response.destroy();
  await openAi.close();
  await replicate.close();
});

async function submit(user, operationType, data) {
  const { status, body } = await user.post("/api/ai/submit",
    { operationType, data: { prompt: "a gold ring", ...data } });
  assert.equal(status, 202, JSON.stringify(body));
  return body.jobId;
}

async function ended(user, id) {
  for (;;) {
    const { body } = await user.json(`/api/ai/status/${id}?wait=60`);
    if (!["queued", "processing"].includes(body.status)) return body;
  }
}

const run = async (user, operation, data) => ended(user, await submit(user, operation, data));
const balanceOf = async (user) => (await user.json("/api/credits/balance")).body.available;
const errorOf = (code, message, type = "invalid_request_error") => ({ error: { message, type, param: null, code } });

// The prediction that is begun after `before` others.
async function begun(before) {
  const isCreate = (call) => call.method === "POST" && call.path.endsWith("/predictions");
  await replicate.when(() => replicate.heard.filter(isCreate).length > before);
  return [...replicate.predictions.keys()][before];
}

test("words become a picture of the sides that were asked for, stored and paid for like any other", async () => {
  const user = await signUp(server);
  const { body: { operations } } = await user.json("/api/ai/operations");
  assert.ok(operations.find((one) => one.operationType === "generate").ready);
  const { status, result, ...rest } = await run(user, "generate", { image_size: "landscape_16_9" });
  assert.equal(status, "completed", JSON.stringify(rest));
  assert.deepEqual([result.width, result.height], [1024, 576]);
  const picture = Buffer.from(await (await fetch(result.imageUrl)).arrayBuffer());
  assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [1024, 576]);
  assert.equal(await balanceOf(user), 90);
  assert.equal(openAi.heard.at(-1).json.size, "1536x1024");
});

test("what passes is got over, what does not costs nothing", async () => {
  const user = await signUp(server);
  faults.push({ status: 429, headers: { "Retry-After": "1" }, body: errorOf("rate_limit_exceeded", "slow down") },
    { status: 500 });
  assert.equal((await run(user, "generate")).status, "completed");
  faults.push({ status: 400, body: errorOf("moderation_blocked", "Rejected by the safety system") });
  const refused = await run(user, "generate");
  assert.deepEqual([refused.status, refused.code, refused.refunded], ["failed", "CONTENT_REFUSED", 10]);
  assert.match(refused.error, /Rejected by the safety system/);
  faults.push({ status: 200, body: { data: [{ b64_json: Buffer.from("no picture").toString("base64") }] } });
  assert.equal((await run(user, "generate")).code, "PROVIDER_ANSWER_INVALID");
  faults.push({ status: 200, body: { data: [{ url: "http://169.254.169.254/latest" }] } });
  assert.equal((await run(user, "generate")).code, "PROVIDER_ANSWER_INVALID");
  assert.equal(await balanceOf(user), 90);
  assert.ok(!server.logs.join("\n").includes(key));
});

test("a cancel in the middle ends the request and gives the credits back", async () => {
  const user = await signUp(server);
  const before = openAi.heard.length;
  faults.push({ hangs: true });
  const id = await submit(user, "generate");
  await openAi.when(() => openAi.heard.length > before);
  const { body } = await user.post(`/api/ai/cancel/${id}`, {});
  assert.equal(body.refunded, 10);
  assert.equal(await balanceOf(user), 100);
});

test("an operation on a picture goes with the picture", async () => {
  const user = await signUp(server);
  const image = `data:image/png;base64,${scene(64, 48).toString("base64")}`;
  const { body } = await user.post("/api/ai/submit",
    { operationType: "relight", data: { image_url: image, azimuth: 90 } });
  const { status, ...rest } = await ended(user, body.jobId);
  assert.equal(status, "completed", JSON.stringify(rest));
  const { path, body: form } = openAi.heard.at(-1);
  assert.equal(path, "/v1/images/edits");
  assert.match(form.toString("latin1"), /name="quality"\r\n\r\nlow\r\n[^]*name="image"; filename=[^]*image\/jpeg/);
});

test("a prediction's signed report ends the job", async () => {
  const user = await signUp(server);
  const before = replicate.predictions.size;
  const job = await submit(user, "flux-lora", { width: 256, height: 192, strength: 0.5 });
  const id = await begun(before);
  const prediction = replicate.predictions.get(id);
  assert.ok(prediction.webhook.endsWith("/api/providers/replicate/webhook"));
  assert.deepEqual([prediction.input.hf_lora, prediction.input.lora_scale], ["ours/jewels", 0.5]);
  replicate.end(id);
  assert.equal((await replicate.report(id)).status, 204);
  const { status, result } = await ended(user, job);
  assert.equal(status, "completed");
  assert.deepEqual([result.width, result.height], [256, 192]);
});

test("a cancel reaches the prediction", async () => {
  const user = await signUp(server);
  const before = replicate.predictions.size;
  const job = await submit(user, "flux-lora");
  const id = await begun(before);
  // It has its id once it looks at it.
  await replicate.when((call) => call.path === `/v1/predictions/${id}`);
  await user.post(`/api/ai/cancel/${job}`, {});
  await replicate.when((call) => call.path === `/v1/predictions/${id}/cancel`);
  assert.equal(await balanceOf(user), 100);
});

test("a prediction that fails, and a file that leads to this very server, fail the job by name", async () => {
  const user = await signUp(server);
  for (const [end, code] of [[{ status: "failed", output: null, error: "CUDA out of memory" }, "PROVIDER_FAILED"],
    [{ status: "failed", output: null, error: "NSFW content detected" }, "CONTENT_REFUSED"],
    [{ output: `${server.url}/healthz` }, "PROVIDER_ANSWER_INVALID"]]) {
    const before = replicate.predictions.size;
    const job = await submit(user, "flux-lora");
    const id = await begun(before);
    replicate.end(id, end);
    await replicate.report(id);
    const failed = await ended(user, job);
    assert.deepEqual([failed.status, failed.code, failed.refunded], ["failed", code, 20]);
  }
  assert.ok(!server.logs.join("\n").includes(token));
});

test("a provider that fails again and again is not asked, and says so at submit", async () => {
  const one = await start({ "providers.attempts_max": 1, "providers.breaker_failures": 2 });
  const user = await signUp(one);
  for (let at = 0; at < 2; ++at) {
    faults.push({ status: 503 });
    assert.equal((await run(user, "generate")).code, "PROVIDER_UNAVAILABLE");
  }
  const { status, body } = await user.post("/api/ai/submit", { operationType: "generate", data: { prompt: "ring" } });
  assert.deepEqual([status, body.code], [503, "ENGINE_UNAVAILABLE"]);
  assert.equal(await balanceOf(user), 100);
});

test("the day's money has a cap, and what is over it fails and costs nothing", () => withinADay(async () => {
  const one = await start({ "providers.prices": "generate=0.4,flux-lora=1", "providers.daily_spend_max": "1" });
  const user = await signUp(one);
  const ends = [];
  for (let at = 0; at < 3; ++at) {
    const { status, code } = await run(user, "generate");
    ends.push(code ?? status);
  }
  assert.deepEqual(ends, ["completed", "completed", "DAILY_SPEND_REACHED"]);
  assert.equal(await balanceOf(user), 80);
}));

test("a server that is killed while a provider works asks again, and takes no credit twice", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-providers-"));
  const leases = { "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1 };
  let one = await start(leases, { dataDir });
  const user = await signUp(one);
  const before = openAi.heard.length;
  faults.push({ hangs: true });
  const id = await submit(user, "generate");
  await openAi.when(() => openAi.heard.length > before);
  await one.kill();
  one = await start(leases, { dataDir });
  const { url } = one;
  const same = { json: async (path) => {
    const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${user.token}` } });
    return { status: answer.status, body: await answer.json() };
  } };
  assert.equal((await ended(same, id)).status, "completed");
  assert.equal(await balanceOf(same), 90);
  await one.stop();
  const doctor = await tintype("doctor", "--data", dataDir);
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  await rm(dataDir, { recursive: true });
});

test("what cannot be configured is said at start", async () => {
  for (const [set, said] of [["engines.generate=openai", "engines.generate"],
    ["engines.generate=somebody:model", "there is no provider 'somebody'"],
    ["engines.upscale=openai:gpt-image-1", "does not do upscale"],
    ["providers.prices=paint=1", "providers.prices"],
    ["providers.daily_spend_max=much", "providers.daily_spend_max"]]) {
    const { code, stdout, stderr } = await tintype("doctor", "--data", server.dataDir, "--set", set);
    assert.notEqual(code, 0, set);
    assert.ok((stdout + stderr).includes(said), stdout + stderr);
  }
  const { stdout } = await tintype("config", "--set", `providers.replicate_token=${token}`);
  assert.ok(stdout.includes("replicate_token = [masked]") && !stdout.includes(token));
});
