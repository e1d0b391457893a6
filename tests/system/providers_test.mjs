// Operations that a provider does, through the whole program: submit, wait, webhook, cancel, failure. An upscale is what
// every surface can ask for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { made, startReplicate } from "../support/provider_servers.mjs";
import { signUp, startServer, tintype } from "../support/server.mjs";

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", token = "r8_the_token_of_this_test";
const closing = [];
let replicate, server;

async function start(provider, set = {}) {
  const started = await startServer({ set: { "engines.upscale": "replicate:nightmareai/real-esrgan?face=1",
    "providers.replicate_url": `${provider.url}/v1`, "providers.replicate_token": token,
    "providers.retry_pause_ms": 1, "limits.enabled": false, ...set } });
  closing.push(() => started.stop());
  return started;
}

before(async () => {
  replicate = await startReplicate({ token, secret });
  closing.push(() => replicate.close());
  server = await start(replicate, { "providers.replicate_webhook_secret": secret });
});
after(async () => {
  for (const close of closing.reverse()) await close();
});

// Asks for a picture to be enlarged: {call, id}.
async function submit(on = server, scale = 4) {
  const user = await signUp(on);
  const form = new FormData();
  form.append("file", new Blob([scene(64, 48)]), "photo.png");
  form.append("scale", String(scale));
  const response = await user.fetch("/api/v1/upscale", { method: "POST", body: form });
  const body = await response.json();
  assert.equal(response.status, 202, JSON.stringify(body));
  const call = async (path, options) => (await (await user.fetch(`/api/v1/jobs/${body.data.job_id}${path}`, options)).json()).data;
  return { user, call, id: body.data.job_id };
}

async function ended({ call }) {
  for (let round = 0; round < 20; ++round) {
    const job = await call("?wait=60");
    if (["completed", "failed", "cancelled"].includes(job.status)) return job;
  }
  throw new Error("the job does not end");
}

// The prediction that was begun after `before` others.
async function begun(provider, before) {
  await provider.when(() => provider.heard.filter((call) => call.path.endsWith("/predictions")).length > before);
  return [...provider.predictions.keys()][before];
}

test("a prediction's signed report ends the job, and its result is stored like any other", async () => {
  const before = replicate.predictions.size;
  const job = await submit();
  const id = await begun(replicate, before);
  const prediction = replicate.predictions.get(id);
  assert.equal(prediction.webhook, `${server.url.replace("127.0.0.1", "localhost")}/api/providers/replicate/webhook`);
  assert.deepEqual([prediction.input.scale, prediction.input.face], [4, 1]);
  assert.match(prediction.input.image, /^data:image\/jpeg;base64,/);
  replicate.end(id);
  assert.equal((await replicate.report(id)).status, 204);
  const { status, result } = await ended(job);
  assert.equal(status, "completed");
  assert.deepEqual([result.width, result.height], [256, 192]);
  const picture = await fetch(result.download_url ?? result.url ?? result.image_url);
  assert.equal(picture.status, 200);
});

test("a cancel reaches the prediction", async () => {
  const before = replicate.predictions.size;
  const job = await submit();
  const id = await begun(replicate, before);
  await job.call("/cancel", { method: "POST" });
  await replicate.when((call) => call.path === `/v1/predictions/${id}/cancel`);
  assert.equal((await ended(job)).status, "cancelled");
});

test("a model that fails and a file that leads inside fail the job by name, and the token stands in no log", async () => {
  for (const [end, code] of [[{ status: "failed", output: null, error: "CUDA out of memory" }, "PROVIDER_FAILED"],
    [{ status: "failed", output: null, error: "NSFW content detected" }, "CONTENT_REFUSED"],
    [{ output: `${server.url}/healthz` }, "PROVIDER_ANSWER_INVALID"],
    [{ output: "http://169.254.169.254/latest" }, "PROVIDER_ANSWER_INVALID"]]) {
    const before = replicate.predictions.size;
    const job = await submit();
    const id = await begun(replicate, before);
    replicate.end(id, end);
    await replicate.report(id);
    const failed = await ended(job);
    assert.deepEqual([failed.status, failed.error?.code], ["failed", code]);
  }
  assert.ok(!server.logs.join("\n").includes(token));
});

test("the day's money is one for all, and what is over it fails and costs nothing", async () => {
  const provider = await startReplicate({ token, picture: made(128, 96) });
  closing.push(() => provider.close());
  const on = await start(provider, { "providers.prices": "upscale=0.4", "providers.daily_spend_max": "1" });
  const ends = [];
  for (let at = 0; at < 3; ++at) {
    const job = await submit(on, 2);
    if (at < 2) provider.end(await begun(provider, at));
    const { status, error } = await ended(job);
    ends.push(error?.code ?? status);
  }
  assert.deepEqual(ends, ["completed", "completed", "DAILY_SPEND_REACHED"]);
  assert.equal(provider.predictions.size, 2);
});

test("what cannot be configured is said at start", async () => {
  for (const [set, said] of [["engines.generate=openai", "engines.generate"],
    ["engines.generate=somebody:model", "there is no provider 'somebody'"],
    ["engines.upscale=openai:gpt-image-1", "does not do upscale"],
    ["providers.prices=paint=1", "providers.prices"], ["providers.daily_spend_max=much", "providers.daily_spend_max"]]) {
    const { code, stderr } = await tintype("doctor", "--data", server.dataDir, "--set", set);
    assert.notEqual(code, 0, set);
    assert.ok(stderr.includes(said), stderr);
  }
  const { stdout } = await tintype("config", "--set", `providers.replicate_token=${token}`, "--set", "providers.openai_key=k");
  assert.ok(stdout.includes("openai_key = [masked]") && !stdout.includes(token));
});
