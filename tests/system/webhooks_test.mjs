// Webhooks as their receivers see them: real servers that verify, fail, hang, redirect, go away and come back, beside a
// real program. The contract's verifier is cut out of it as the test runs.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { startLine } from "../support/line.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { scene } from "../support/pictures.mjs";
import { root, signUp, startServer, tintype, upload } from "../support/server.mjs";

// Enough attempts for a receiver that fails a few times or is away; no test waits for the real schedule.
const set = { "egress.allow_private": true, "webhooks.retry_seconds": ["0,0,0,0", ...Array(100).fill("1")].join(),
  "limits.enabled": false };
// For those who wait until an attempt or a lease is over: elsewhere a slow machine would have one over by itself.
const impatient = { ...set, "webhooks.timeout_seconds": 1, "webhooks.lease_seconds": 2 };

const servers = [], receivers = [];
let server, user;

async function start(options = {}) {
  const started = await startServer({ ...options, set: { ...set, ...options.set } });
  servers.push(started);
  return started;
}
async function receiver(options) {
  const started = await startReceiver(options);
  receivers.push(started);
  return started;
}
const answering = (status, headers = {}) => (message, response) => response.writeHead(status, headers).end();

before(async () => {
  server = await start();
  user = await signUp(server);
});
after(async () => {
  for (const one of receivers) await one.close();
  for (const one of servers) await one.stop();
});

const base = "/api/v1/webhooks";
async function call(method, path, json, { who = user } = {}) {
  const response = await who.fetch(base + path, { method,
    ...(json && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) }) });
  const body = await response.json();
  return { status: response.status, headers: response.headers, data: body.data, error: body.error };
}
async function expected(status, ...args) {
  const answer = await call(...args);
  assert.equal(answer.status, status, `${args.slice(0, 2).join(" ")}: ${JSON.stringify(answer)}`);
  return answer.data ?? answer.error;
}
const register = async (url, options) => (await expected(201, "POST", "/endpoints", { url }, options)).id;
const ping = async (endpoint, options) =>
  (await expected(202, "POST", `/endpoints/${endpoint}/ping`, undefined, options)).id;
const secretOf = async (endpoint) => (await expected(200, "GET", `/endpoints/${endpoint}/secret`)).secret;

// The delivery, once it is in this state: asked for when the receiver has heard of it, so the outcome is being written.
async function delivered(id, state, options) {
  for (;;) {
    const delivery = await expected(200, "GET", `/deliveries/${id}`, undefined, options);
    if (delivery.state === state) return delivery;
    await new Promise(setImmediate);
  }
}

// The contract's verifier, unchanged.
async function contractVerifier() {
  const file = join(root, "../shared/contract/upscale.md");
  if (!existsSync(file)) return undefined;
  const blocks = [...(await readFile(file, "utf8")).matchAll(/```javascript\n([^]*?)```/g)].map(([, code]) => code);
  const block = blocks.find((code) => code.includes("function verifyWebhook"));
  const code = block.slice(0, block.indexOf("// In your webhook handler"));
  return new Function("require", `${code}\nreturn verifyWebhook;`)(createRequire(import.meta.url));
}
const verify = await contractVerifier();
const contract = { skip: !verify && "the contract is not here" };
const contractAccepts = (message, secret) =>
  verify(JSON.parse(message.body), message.headers["x-webhook-signature"], secret);
const standardAccepts = (message, secret) => {
  try {
    return Boolean(new Webhook(secret).verify(message.body, message.headers));
  } catch {
    return false;
  }
};

test("what arrives is accepted by the contract's verifier and by Standard Webhooks", contract, async () => {
  const to = await receiver();
  const endpoint = await register(to.url);
  const secret = await secretOf(endpoint);
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const id = await ping(endpoint);
  const message = await to.when(([first]) => first);
  assert.equal(message.method, "POST");
  assert.equal(message.id, id);
  assert.equal(message.headers["content-type"], "application/json");
  assert.equal(JSON.stringify(JSON.parse(message.body)), message.body);
  assert.deepEqual({ ...JSON.parse(message.body), timestamp: undefined },
    { event: "ping", endpoint_id: endpoint, timestamp: undefined });
  assert.ok(contractAccepts(message, secret));
  assert.ok(standardAccepts(message, secret));
  const other = secret.replace(/.{5}=$/, "AAAA=");
  assert.ok(!contractAccepts(message, other) && !standardAccepts(message, other));
  assert.ok(!contractAccepts({ ...message, body: message.body.replace("ping", "pong") }, secret));
  const delivery = await delivered(id, "delivered");
  assert.equal(delivery.attempts, 1);
  assert.equal(delivery.response_status, 204);
  assert.equal(delivery.body, message.body);
});

test("a receiver that fails gets the same message again until it takes it", async () => {
  let times = 0;
  const to = await receiver({ answer: (message, response) => answering(++times < 3 ? 500 : 200)(message, response) });
  const id = await ping(await register(to.url));
  await to.when((all) => all.length === 3);
  assert.deepEqual(new Set(to.received.map((one) => one.id)), new Set([id]));
  assert.equal(new Set(to.received.map((one) => one.body)).size, 1);
  assert.equal((await delivered(id, "delivered")).attempts, 3);
});

test("a receiver that is away gets everything once it is back", async () => {
  const to = await receiver();
  const line = await startLine();
  line.target = to.port;
  const endpoint = await register(`${line.url}/hook`);
  line.cut(0);
  const ids = [];
  for (let count = 0; count < 20; ++count) ids.push(await ping(endpoint));
  while ((await expected(200, "GET", `/deliveries/${ids[0]}`)).attempts === 0);
  assert.equal(to.received.length, 0);
  line.mend();
  await to.when((all) => ids.every((id) => all.some((one) => one.id === id)));
  for (const id of ids) await delivered(id, "delivered");
  line.stop();
});

test("a redirect is a failure, and is not followed", async () => {
  const target = await receiver();
  let times = 0;
  const to = await receiver({ answer: (message, response) =>
    answering(++times < 3 ? 307 : 200, times < 3 ? { Location: target.url } : {})(message, response) });
  const id = await ping(await register(to.url));
  await delivered(id, "delivered");
  assert.equal(to.received.length, 3);
  assert.equal(target.received.length, 0);
});

test("a receiver that hangs is given up after the timeout, and asked again", async () => {
  const own = await start({ set: impatient });
  const who = await signUp(own);
  let times = 0;
  const to = await receiver({ answer: (message, response) => ++times > 1 && response.writeHead(200).end() });
  const id = await ping(await register(to.url, { who }), { who });
  const delivery = await delivered(id, "delivered", { who });
  assert.ok(delivery.attempts >= 2, "a slow machine may have been given up more than once");
});

test("slow receivers hold up no other", async () => {
  const slow = await Promise.all([receiver({ answer: () => {} }), receiver({ answer: () => {} })]);
  const quick = await receiver();
  const hanging = [];
  for (const one of slow) hanging.push(await register(one.url));
  for (const endpoint of hanging) for (let count = 0; count < 20; ++count) await ping(endpoint);
  const endpoint = await register(quick.url);
  const ids = [];
  for (let count = 0; count < 20; ++count) ids.push(await ping(endpoint));
  for (const id of ids) await delivered(id, "delivered");
  // None of those that hang has been delivered, and all of the quick one's are: in whatever time the machine takes.
  for (const one of hanging) {
    const { deliveries } = await expected(200, "GET", `/deliveries?endpoint_id=${one}&state=delivered`);
    assert.equal(deliveries.length, 0);
  }
  for (const one of hanging) await expected(200, "DELETE", `/endpoints/${one}`);
});

test("410 disables the endpoint; once enabled, what was given up is sent by hand", async () => {
  let status = 410;
  const to = await receiver({ answer: (message, response) => answering(status)(message, response) });
  const endpoint = await register(to.url);
  const id = await ping(endpoint);
  const failed = await delivered(id, "failed");
  assert.equal(failed.response_status, 410);
  assert.equal(failed.attempts, 1);
  const disabled = await expected(200, "GET", `/endpoints/${endpoint}`);
  assert.equal(disabled.enabled, false);
  assert.equal(disabled.disabled_reason, "It answered 410 Gone");
  assert.equal((await expected(409, "POST", `/endpoints/${endpoint}/ping`)).code, "CONFLICT");
  await expected(409, "POST", `/deliveries/${id}/redeliver`);
  status = 200;
  await expected(200, "PATCH", `/endpoints/${endpoint}`, { enabled: true });
  assert.equal((await expected(202, "POST", `/deliveries/${id}/redeliver`)).id, id);
  await delivered(id, "delivered");
  assert.deepEqual(to.received.map((one) => one.id), [id, id]);
});

test("what was delivered can be sent again", async () => {
  const to = await receiver();
  const id = await ping(await register(to.url));
  await delivered(id, "delivered");
  await expected(202, "POST", `/deliveries/${id}/redeliver`);
  await to.when((all) => all.length === 2);
  assert.equal(to.received[0].body, to.received[1].body);
  await delivered(id, "delivered");
});

test("Retry-After is waited for", async () => {
  let times = 0;
  const to = await receiver({ answer: (message, response) =>
    answering(++times === 1 ? 503 : 200, times === 1 ? { "Retry-After": "1000" } : {})(message, response) });
  const id = await ping(await register(to.url));
  for (;;) {
    const delivery = await expected(200, "GET", `/deliveries/${id}`);
    if (delivery.attempts === 0) continue;
    const pause = new Date(delivery.next_attempt_at) - new Date(delivery.last_attempt_at);
    assert.equal(pause, 1_000_000);
    assert.equal(delivery.response_status, 503);
    break;
  }
  assert.equal(to.received.length, 1);
});

test("while a rotated secret holds, whoever knows the old or the new one accepts", contract, async () => {
  // Receivers with one secret each, which refuse what they cannot verify.
  const secrets = {};
  const accepts = { contract: contractAccepts, standard: standardAccepts };
  const checking = (name, how) => receiver({ answer: (message, response) =>
    answering(accepts[how](message, secrets[name]) ? 200 : 401)(message, response) });
  for (const how of Object.keys(accepts)) {
    for (const known of ["old", "new"]) {
      const to = await checking(known, how);
      const endpoint = await register(to.url);
      secrets.old = await secretOf(endpoint);
      const rotated = await expected(200, "POST", `/endpoints/${endpoint}/secret/rotate`, { overlap_seconds: 3600 });
      secrets.new = rotated.secret;
      const { secrets: live } = await expected(200, "GET", `/endpoints/${endpoint}/secret`);
      assert.deepEqual(live.map((one) => one.secret), [secrets.new, secrets.old]);
      assert.equal(live[0].expires_at, null);
      assert.ok(live[1].expires_at);
      const delivery = await delivered(await ping(endpoint), "delivered");
      assert.ok(delivery.attempts <= (how === "standard" ? 1 : 2), `${how} with the ${known} secret`);
    }
  }
  const to = await checking("old", "standard");
  const endpoint = await register(to.url);
  secrets.old = await secretOf(endpoint);
  await expected(200, "POST", `/endpoints/${endpoint}/secret/rotate`, { overlap_seconds: 0 });
  await ping(endpoint);
  const message = await to.when(([first]) => first);
  assert.ok(!standardAccepts(message, secrets.old), "a secret whose time is over signs nothing");
  await expected(200, "DELETE", `/endpoints/${endpoint}`);
});

test("an operator's secret signs for all, and is not shown", contract, async () => {
  const own = await start({ set: { "webhooks.secret": "whsec_b3BlcmF0b3JzIG93biBzZWNyZXQ=" } });
  const who = await signUp(own);
  const to = await receiver();
  const endpoint = await register(to.url, { who });
  await ping(endpoint, { who });
  const message = await to.when(([first]) => first);
  assert.ok(contractAccepts(message, "whsec_b3BlcmF0b3JzIG93biBzZWNyZXQ="));
  assert.ok(standardAccepts(message, "whsec_b3BlcmF0b3JzIG93biBzZWNyZXQ="));
  await expected(409, "GET", `/endpoints/${endpoint}/secret`, undefined, { who });
  await expected(409, "POST", `/endpoints/${endpoint}/secret/rotate`, {}, { who });
  assert.ok(!own.logs.join("").includes("b3BlcmF0b3Jz"));
  const shown = await tintype("config", "--set", "webhooks.secret=whsec_b3BlcmF0b3JzIG93biBzZWNyZXQ=");
  assert.ok(!shown.stdout.includes("b3BlcmF0b3Jz"));
});

// ---- Jobs

const everything = ["job.started", "job.progress", "job.completed", "job.failed", "job.cancelled"];
const imageOf = async (who) => (await upload(who, scene(40, 30))).body.image.id;
async function submit(who, call) {
  const { status, body } = await who.post("/api/v1/upscale", { scale: 2, ...call });
  assert.equal(status, 202, JSON.stringify(body));
  return body.data.job_id;
}
const of = (all, job, event) => all.find((one) => one.body.includes(job) && JSON.parse(one.body).event === event);

test("a job tells of its start and of its result, as the contract has it", contract, async () => {
  const to = await receiver();
  const metadata = { order: "A-7", note: "zwei\nZeilen, \u007f, \u2028, \ud83d\ude00 and \"quotes\"", "1a": "" };
  const job = await submit(user, { image_id: await imageOf(user), webhook_url: to.url, webhook_events: everything,
    metadata });
  const message = await to.when((all) => of(all, job, "job.completed"));
  await to.when((all) => of(all, job, "job.started"));
  const { endpoints } = await expected(200, "GET", "/endpoints?limit=1");
  assert.equal(endpoints[0].url, to.url);
  const secret = await secretOf(endpoints[0].id);
  for (const one of to.received) {
    assert.ok(contractAccepts(one, secret) && standardAccepts(one, secret));
    assert.equal(JSON.stringify(JSON.parse(one.body)), one.body);
    assert.deepEqual(JSON.parse(one.body).metadata, metadata);
  }
  const body = JSON.parse(message.body);
  assert.deepEqual(Object.keys(body), ["event", "job_id", "status", "result", "metadata", "timestamp"]);
  assert.equal(body.job_id, job);
  assert.equal(body.status, "completed");
  assert.deepEqual(Object.keys(body.result),
    ["output_url", "original_size", "output_size", "file_size", "processing_time"]);
  assert.deepEqual(body.result.original_size, { width: 40, height: 30 });
  assert.deepEqual(body.result.output_size, { width: 80, height: 60 });
  const picture = await fetch(body.result.output_url);
  assert.equal(picture.status, 200);
  assert.equal((await picture.arrayBuffer()).byteLength, body.result.file_size);
  const { deliveries } = await expected(200, "GET", `/deliveries?job_id=${job}`);
  assert.ok(deliveries.length >= 2 && deliveries.every((one) => one.job_id === job));
});

test("a job that fails says why, by default", async () => {
  const pictures = await receiver({ answer: (message, response) => response.writeHead(200).end("no picture") });
  const to = await receiver();
  const job = await submit(user, { image_url: pictures.url, webhook_url: to.url });
  const body = JSON.parse((await to.when((all) => of(all, job, "job.failed"))).body);
  assert.deepEqual(Object.keys(body), ["event", "job_id", "status", "error", "timestamp"]);
  assert.equal(body.status, "failed");
  assert.equal(typeof body.error.code, "string");
  assert.equal(to.received.length, 1);
});

test("a job that is cancelled says so", async () => {
  const idle = await start({ workers: 0 });
  const who = await signUp(idle);
  const to = await receiver();
  const job = await submit(who, { image_id: await imageOf(who), webhook_url: to.url, webhook_events: everything });
  const { status } = await who.post(`/api/v1/jobs/${job}/cancel`, {});
  assert.equal(status, 200);
  await to.when((all) => of(all, job, "job.cancelled"));
  assert.equal(to.received.length, 1);
});

test("kill -9 while jobs run: each tells of its end, sooner or later", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-webhooks-"));
  const quick = { ...impatient, "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1 };
  let running = await startServer({ dataDir, set: quick });
  const at = { url: running.url };
  const who = await signUp(at);
  let picky = 0;
  const to = await receiver({ answer: (message, response) => answering(++picky % 3 ? 500 : 200)(message, response) });
  const image = await imageOf(who);
  const jobs = [];
  for (let count = 0; count < 6; ++count) {
    jobs.push(await submit(who, { image_id: image, webhook_url: to.url }));
    await to.when((all) => all.length > count / 2);
    await running.kill();
    running = await startServer({ dataDir, set: quick });
    at.url = running.url;
  }
  for (const job of jobs) await to.when((all) => of(all, job, "job.completed"));
  await running.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("kill -9 between taking a message and its outcome loses none", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-webhooks-"));
  const first = await startServer({ dataDir, set: impatient });
  const at = { url: first.url };
  const who = await signUp(at);
  let hangs = true;
  const to = await receiver({ answer: (message, response) => hangs || response.writeHead(200).end() });
  const endpoint = await register(to.url, { who });
  const ids = [];
  for (let count = 0; count < 5; ++count) ids.push(await ping(endpoint, { who }));
  await to.when((all) => all.length > 0);
  await first.kill();
  hangs = false;
  const second = await startServer({ dataDir, set: impatient });
  at.url = second.url;
  await to.when((all) => ids.every((id) => all.some((one) => one.id === id)));
  for (const id of ids) await delivered(id, "delivered", { who });
  await second.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("what is under way when the server is told to stop is written down", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-webhooks-"));
  const first = await startServer({ dataDir, set });
  const at = { url: first.url };
  const who = await signUp(at);
  let release;
  const to = await receiver({ answer: (message, response) => { release = () => response.writeHead(200).end(); } });
  const id = await ping(await register(to.url, { who }), { who });
  await to.when(([message]) => message);
  const stopped = first.stop();
  await first.logged("draining");
  release();
  assert.equal((await stopped).code, 0);
  const second = await startServer({ dataDir, set });
  at.url = second.url;
  assert.equal((await delivered(id, "delivered", { who })).attempts, 1);
  await second.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("two servers on one database send each message once", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-webhooks-"));
  const pair = [await startServer({ dataDir, set }), await startServer({ dataDir, set })];
  const who = await signUp(pair[0]);
  const to = await receiver();
  const endpoint = await register(to.url, { who });
  const ids = [];
  for (let count = 0; count < 50; ++count) ids.push(await ping(endpoint, { who }));
  for (const id of ids) await delivered(id, "delivered", { who });
  assert.equal(to.received.length, ids.length);
  for (const one of pair) await one.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("metrics count what became of attempts", async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(text, /tintype_webhook_attempts_total\{event="ping",outcome="delivered"\} [1-9]/);
  assert.match(text, /tintype_webhook_attempts_total\{event="ping",outcome="failed"\} [1-9]/);
});
