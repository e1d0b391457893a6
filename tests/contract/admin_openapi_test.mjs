// Holds the program to openapi/admin.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Description, formOf } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { modelShelf } from "../support/models.mjs";
import { scene } from "../support/pictures.mjs";
import { fail, signUpAdmin, submit } from "../support/queue.mjs";
import { root, settled, signUp, startServer, tintype, upload } from "../support/server.mjs";

const description = await Description.read("openapi/admin.json",
  { apart: (path) => path.startsWith("/api/") ? "Api" : "" });
const send = description.send.bind(description);

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

// Pages refuse in the words of the enhancement surface, the API in those of the studio.
const given = { invalid: [400, 422] };
const kManyCalls = { "limits.admin_per_minute": 1_000_000 }; // more than anybody asks who asks until something is so
let server, idle, user, admin;
const servers = [], undone = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  server = await start({ set: { "wallet.initial": 5, "providers.replicate_webhook_secret": secret, ...kManyCalls } });
  idle = await start({ workers: 0, set: kManyCalls });
  [user, admin] = [await signUp(server), await signUpAdmin(server)];
  const banned = await signUp(server);
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  Object.assign(given, { server, user: admin, banned });
});
after(async () => {
  await Promise.all(servers.map((one) => one.stop()));
  await Promise.all(undone.map((undo) => undo()));
});

testFile(description, { apart: ["MethodNotAllowed", "ApiMethodNotAllowed"], examplesMin: 20 });
testAddresses(description, given, {
  unknown: ["/api/admin", "/api/admin/", "/api/admin/queue/", "/api/admin/queue/nothing", "/admin/", "/pages",
    "/pages/docs", "/pages/docs/a/b", "/openapi/admin.json/x"],
});

test("a failed job: list, refuse, retry, succeed", async () => {
  const { token } = admin;
  const { jobId, imageId } = await fail(server, user, "TIER_2K");
  const failed = await send(server, "GET", "/api/admin/queue/jobs?state=failed&operation=enhance&lane=operations&limit=1",
    { token, expected: 200 });
  assert.deepEqual(failed.body.jobs.map(({ id, state }) => [id, state]), [[jobId, "failed"]]);
  await send(server, "POST", "/api/admin/queue/pause", { token, json: { lane: "operations" }, expected: 200 });
  const other = await submit(user, imageId, "TIER_2K");
  await send(server, "POST", `/api/admin/queue/jobs/${jobId}/retry`, { token, expected: 402 });
  await send(server, "POST", `/api/admin/queue/jobs/${other}/cancel`, { token, json: {}, expected: 200 });
  const retried = await send(server, "POST", `/api/admin/queue/jobs/${jobId}/retry`, { token, json: {}, expected: 200 });
  assert.equal(retried.body.job.state, "queued");
  await send(server, "POST", `/api/admin/queue/jobs/${jobId}/retry`, { token, expected: 409 });
  const { body } = await send(server, "GET", "/api/admin/queue", { token, expected: 200 });
  assert.deepEqual([body.lanes[0].paused, body.lanes[0].pausedBy, body.lanes[0].waiting], [true, admin.id, 1]);
  await send(server, "POST", "/api/admin/queue/resume", { token, json: { lane: "operations" }, expected: 200 });
  const image = await settled(user, imageId);
  assert.equal(image.jobs.find(({ id }) => id === jobId).status, "COMPLETED");
  await send(server, "POST", `/api/admin/queue/jobs/${jobId}/cancel`, { token, expected: 409 });
  for (const verb of ["retry", "cancel"]) {
    await send(server, "POST", `/api/admin/queue/jobs/none/${verb}`, { token, expected: 404 });
  }
  for (const window of ["hour", "day"]) {
    const series = await send(server, "GET", `/api/admin/queue/series?window=${window}&operation=enhance`,
      { token, expected: 200 });
    assert.equal(series.body.points.reduce((sum, { succeeded }) => sum + succeeded, 0), 1);
  }
});

test("what waits is drained, and lists go on where a page ends", async () => {
  const headers = { "x-admin-key": "nonsense" };
  await send(idle, "GET", "/api/admin/queue", { headers, expected: 401 });
  const owner = await signUpAdmin(idle);
  const { body } = await upload(owner, scene());
  for (const tier of ["TIER_1K", "TIER_2K", "TIER_4K"]) await submit(owner, body.image.id, tier);
  const { token } = owner;
  const first = await send(idle, "GET", "/api/admin/queue/jobs?limit=3", { token, expected: 200 });
  const rest = await send(idle, "GET", `/api/admin/queue/jobs?cursor=${first.body.nextCursor}`, { token, expected: 200 });
  assert.deepEqual([first.body.jobs.length, rest.body.jobs.length, rest.body.nextCursor], [3, 1, null]);
  const drained = await send(idle, "POST", "/api/admin/queue/drain", { token, json: { operation: "enhance" }, expected: 200 });
  assert.deepEqual([drained.body.cancelled, drained.body.tokensReleased, drained.body.more], [3, 17, false]);
  await send(idle, "POST", "/api/admin/queue/drain", { token, json: { lane: null }, expected: 422 });
});

test("users are searched, looked at and changed, and it is all written down", async () => {
  const { token } = admin;
  const ann = await signUp(server);
  const path = `/api/admin/users/${ann.id}`;
  const list = await send(server, "GET", `/api/admin/users?search=${ann.email.toUpperCase()}&status=active&limit=1&offset=0`,
    { token, expected: 200 });
  assert.deepEqual([list.body.total, list.body.users[0].id], [1, ann.id]);
  for (const [place, total] of [["limit=10", 1], ["limit=10&offset=5", 1], ["limit=10&status=banned", 0]]) {
    const { body } = await send(server, "GET", `/api/admin/users?search=${ann.email}&${place}`, { token, expected: 200 });
    assert.equal(body.total, total, place);
  }
  assert.equal((await send(server, "GET", path, { token, expected: 200 })).body.user.balance, 5);
  const patch = (json, expected, headers) => send(server, "PATCH", path, { token, json, expected, headers });
  const headers = { "Idempotency-Key": "bonus" };
  const bonus = { action: "add_credits", amount: 100, reason: "Promotion bonus" };
  for (const replayed of [undefined, "true"]) {
    const answer = await patch(bonus, 200, headers);
    assert.deepEqual([answer.body.user.available, answer.headers["idempotency-replayed"]], [105, replayed]);
  }
  assert.equal((await patch({ ...bonus, amount: 101 }, 422, headers)).body.code, "IDEMPOTENCY_MISMATCH");
  const { body: poor } = await patch({ action: "remove_credits", amount: 106, reason: "Mistake" }, 402);
  assert.deepEqual([poor.details.required, poor.details.available], [106, 105]);
  await patch({ action: "remove_credits", amount: 5, reason: "Mistake" }, 200);
  await patch({ action: "set_plan", plan: "starter" }, 200);
  assert.deepEqual((await patch({ action: "ban", reason: "Terms violation" }, 200)).body.jobs,
    { cancelled: 0, stopping: 0, tokens_released: 0, more: false });
  assert.equal((await patch({ action: "unban" }, 200)).body.user.banned_at, null);
  await send(server, "PATCH", `/api/admin/users/${admin.id}`, { token, json: { action: "ban", reason: "x" }, expected: 409 });
  for (const [method, tail, json] of [["GET", ""], ["GET", "/ledger"], ["PATCH", "", bonus]]) {
    await send(server, method, `/api/admin/users/none${tail}`, { token, json, expected: 404 });
  }
  const { body: ledger } = await send(server, "GET", `${path}/ledger?limit=2`, { token, expected: 200 });
  assert.deepEqual(ledger.entries.map(({ kind, amount }) => [kind, amount]), [["removal", -5], ["grant", 100]]);
  const { body: rest } = await send(server, "GET", `${path}/ledger?cursor=${ledger.nextCursor}`, { token, expected: 200 });
  assert.deepEqual([rest.entries.map(({ kind }) => kind), rest.nextCursor], [["initial"], null]);
  const audit = await send(server, "GET", `/api/admin/audit?user_id=${ann.id}&actor=${admin.id}`, { token, expected: 200 });
  assert.deepEqual(audit.body.entries.map(({ action, reason }) => [action, reason]), [["unban", null],
    ["ban", "Terms violation"], ["set_plan", null], ["remove_credits", "Mistake"], ["add_credits", "Promotion bonus"]]);
  const first = await send(server, "GET", `/api/admin/audit?user_id=${ann.id}&limit=1`, { token, expected: 200 });
  const next = await send(server, "GET", `/api/admin/audit?user_id=${ann.id}&cursor=${first.body.nextCursor}`,
    { token, expected: 200 });
  assert.equal(next.body.entries[0].action, "ban");
  await send(server, "GET", "/api/admin/stats", { token, expected: 200 });
  const { body: { jobs } } = await send(server, "GET",
    `/api/admin/jobs?status=succeeded&operation=enhance&surface=enhancement&user_id=${user.id}`, { token, expected: 200 });
  assert.ok(jobs.every((job) => job.userId === user.id && job.state === "succeeded"));
});

test("the configuration is shown as it stands, without secrets", async () => {
  const { body: { settings } } = await send(server, "GET", "/api/admin/config", { token: admin.token, expected: 200 });
  const of = (key) => settings.find((setting) => setting.key === key);
  assert.deepEqual([of("wallet.initial").value, of("wallet.initial").default, of("wallet.initial").source],
    ["5", "100", "command"]);
  assert.deepEqual([of("studio.previews_at_once").value, of("studio.previews_at_once").source], ["2", "default"]);
  assert.equal(of("server.public_url").value, server.url.replace("127.0.0.1", "localhost"));
  for (const key of ["auth.admin_key", "auth.jwt_secret", "providers.replicate_webhook_secret"]) {
    assert.deepEqual([of(key).value, of(key).secret], ["[masked]", true], key);
  }
  assert.deepEqual([of("providers.openai_key").value, of("providers.openai_key").secret], ["", true]);
  const { stdout } = await tintype("config");
  for (const { key } of settings) assert.match(stdout, new RegExp(`^(# )?${key.split(".")[1]} = `, "m"), key);
  await send(server, "GET", "/api/admin/config", { token: user.token, expected: 403 });
});

test("networks are installed, chosen and removed", async () => {
  const { set, models, network, close } = await modelShelf();
  undone.push(close);
  const shelf = await start({ workers: 0, set: { ...kManyCalls, ...set } });
  const operator = await signUpAdmin(shelf);
  const call = (method, path, expected, options = {}) =>
    send(shelf, method, path, { token: operator.token, expected, ...options });
  const { body: there } = await call("GET", "/api/admin/models", 200);
  const of = (list, name) => list.find((one) => one.name === name);
  assert.deepEqual(there.models.map(({ name }) => name), ["exact-plus-x2", "exact-plus-x4", "exact-x2", "exact-x4",
    "photo-x2", "photo-x4", "restore-x1"]);
  assert.ok(there.models.every(({ shipped, parameters }) => shipped && parameters > 100_000));
  assert.deepEqual(of(there.models, "photo-x4").used_by, ["TIER_1K", "TIER_2K", "TIER_4K", "upscale"]);
  assert.deepEqual(of(there.models, "exact-x4").used_by, []);
  assert.deepEqual([of(there.catalogue, "net").installed, of(there.catalogue, "net").bytes], [false, network.length]);

  const { body: begun } = await call("POST", "/api/admin/models", 202, { json: { name: "net" } });
  assert.equal(begun.installation.name, "net");
  const ended = async () => {
    for (;;) {
      const { body } = await call("GET", "/api/admin/models", 200);
      if (body.installations[0].state !== "running") return body;
    }
  };
  const { installations: [installed], models: now } = await ended();
  const net = of(now, "net");
  assert.deepEqual([installed.state, installed.error, installed.received_bytes], ["succeeded", null, network.length]);
  assert.deepEqual([net.name, net.purpose, net.scale, net.shipped, net.licence, net.bytes],
    ["net", "enhancement", 4, false, "MIT", network.length]);
  await call("POST", "/api/admin/models", 409, { json: { name: "net" } });
  await call("POST", "/api/admin/models", 404, { json: { name: "nothing" } });
  for (const name of ["other", "unknown"]) {
    await call("POST", "/api/admin/models", 202, { json: { name } });
    const { installations: [failed] } = await ended();
    assert.deepEqual([failed.name, failed.state], [name, "failed"]);
    assert.ok(failed.error);
  }
  assert.deepEqual((await ended()).installations.map(({ name }) => name), ["unknown", "other", "net"]);

  const { body: { model: mine } } = await call("POST", "/api/admin/models", 201, { form: formOf([["name", "mine"],
    ["licence", "Apache-2.0"], ["description", "A network of ours"], ["file", network, "weights.pth"]]) });
  assert.deepEqual([mine.name, mine.sha256, mine.used_by], ["mine", net.sha256, []]);
  await call("POST", "/api/admin/models", 409, { form: formOf([["name", "mine"], ["file", network, "weights.pth"]]) });
  for (const parts of [[["name", "bad"]], [["file", network, "weights.pth"]], [["name", "bad"], ["file", "text"]],
    [["name", "bad"], ["file", network, "weights.txt"]], [["name", "../bad"], ["file", network, "weights.pth"]],
    [["name", "bad"], ["file", Buffer.from("x"), "weights.pth"]], [["name", "bad"], ["other", "x"]],
    [["name", "bad"], ...Array(3).fill(["file", network, "weights.pth"])]]) {
    await call("POST", "/api/admin/models", 422, { form: formOf(parts) });
  }
  assert.deepEqual((await readdir(models)).filter((name) => name.startsWith("bad")), []);

  const { body: { tiers } } = await call("GET", "/api/admin/tiers", 200);
  assert.deepEqual(tiers.map(({ name }) => name), ["TIER_1K", "TIER_2K", "TIER_4K", "upscale", "edit",
    "remove-background", "magic-edit", "expand", "relight", "camera-control", "video-replicate"]);
  assert.deepEqual(of(tiers, "TIER_4K"), { name: "TIER_4K", model: null, default: "photo",
    choices: ["exact-plus-x2", "exact-plus-x4", "exact-x2", "exact-x4", "mine", "net", "photo-x2", "photo-x4"] });
  assert.deepEqual(of(tiers, "relight"), { name: "relight", model: null, default: null, choices: [] });
  const put = (tier, model, expected) => call("PUT", `/api/admin/tiers/${tier}`, expected, { json: { model } });
  assert.equal((await put("TIER_4K", "mine", 200)).body.model, "mine");
  await put("TIER_8K", "mine", 404);
  for (const [tier, model] of [["TIER_4K", "restore-x1"], ["TIER_4K", "nothing"], ["relight", "mine"]]) {
    assert.equal((await put(tier, model, 422)).body.details.field, "model");
  }
  assert.deepEqual(of((await ended()).models, "mine").used_by, ["TIER_4K"]);
  await call("DELETE", "/api/admin/models/mine", 409);
  await call("DELETE", "/api/admin/models/photo-x4", 409);
  await call("DELETE", "/api/admin/models/nothing", 404);
  assert.equal((await put("TIER_4K", null, 200)).body.model, null);
  await call("DELETE", "/api/admin/models/mine", 204);
  assert.deepEqual((await readdir(models)).filter((name) => name.startsWith("mine")), []);
  const { body: audit } = await call("GET", "/api/admin/audit", 200);
  const changes = audit.entries.filter(({ action }) => action.endsWith("_model"));
  assert.deepEqual(changes.map(({ action, before, after }) => [action, before.model ?? null, after.model ?? null]),
    [["remove_model", null, null], ["choose_model", "mine", null], ["choose_model", null, "mine"],
      ["install_model", null, null], ["install_model", null, null], ["install_model", null, null],
      ["install_model", null, null]]);
  assert.ok(changes.every(({ actor }) => actor === operator.id));
});

test("an operator has so many calls in a minute, and an address so many wrong keys", async () => {
  const few = await start({ workers: 0, set: { "limits.admin_per_minute": 1, "auth.admin_key": "right" } });
  const headers = { "x-admin-key": "right" };
  const { headers: told } = await send(few, "GET", "/api/admin/stats", { headers, expected: 200 });
  assert.deepEqual([told["x-ratelimit-limit"], told["x-ratelimit-remaining"]], ["1", "0"]);
  for (const one of description.operations().filter(({ path }) => path.startsWith("/api/admin"))) {
    const { target, method, options } = description.sampleOf(one);
    const { body } = await send(few, method, target, { ...options, headers, expected: 429 });
    assert.equal(body.error, "Rate limit exceeded");
  }
  const owner = await signUpAdmin(few);
  await send(few, "GET", "/api/admin/stats", { token: owner.token, expected: 200 });
  for (let tries = 0; tries < 10; ++tries) {
    await send(few, "GET", "/api/admin/stats", { headers: { "x-admin-key": "wrong" }, expected: 401 });
  }
  const locked = await send(few, "GET", "/api/admin/stats", { headers: { "x-admin-key": "wrong" }, expected: 429 });
  assert.ok(Number(locked.headers["retry-after"]) > 60);
});

test("the pages are kept by browsers and asked for again", async () => {
  for (const path of ["/pages/docs/docs.js", "/pages/common/base.css", "/pages/common/icon.svg"]) {
    const page = await send(server, "GET", path, { expected: 200 });
    await send(server, "GET", path, { headers: { "If-None-Match": page.headers.etag }, expected: 304 });
    await send(server, "GET", path, { headers: { "If-None-Match": '"another"' }, expected: 200 });
    await send(server, "HEAD", path, { expected: 200 });
  }
  await send(server, "GET", "/pages/docs/none.js", { expected: 404 });
  await send(server, "GET", "/pages/none/docs.js", { expected: 404 });
  const { body } = await send(server, "GET", "/openapi.json", { expected: 200 });
  for (const { url } of body.descriptions) assert.equal((await fetch(server.url + url)).status, 200, url);
});

test("a report of Replicate is believed by its signature and time", async () => {
  const body = Buffer.from(JSON.stringify({ id: "gm3qorzdhgbfurvjtvhg6dckhu", status: "succeeded", output: [1.50, "é"] }));
  const report = (expected, { seconds = Math.floor(Date.now() / 1000), key = secret, to = server } = {}) => {
    const signature = createHmac("sha256", Buffer.from(key.slice("whsec_".length), "base64"))
      .update(`msg_1.${seconds}.`).update(body).digest("base64");
    return send(to, "POST", "/api/providers/replicate/webhook", { expected, body, headers: {
      "Content-Type": "application/json", "webhook-id": "msg_1", "webhook-timestamp": String(seconds),
      "webhook-signature": `v1,${signature}` } });
  };
  await report(204);
  await report(204);
  await report(400, { key: "whsec_AAAA" });
  await report(400, { seconds: Math.floor(Date.now() / 1000) - 3600 });
  await report(400, { to: idle });
  await send(server, "POST", "/api/providers/replicate/webhook", { json: { id: "x" }, expected: 400 });
});

test("the operations that are described are those that there are", async () => {
  const source = await readFile(join(root, "src/domain/operation.cpp"), "utf8");
  const [names] = source.match(/^const char\* operation_name[^]*?^}/m);
  const there = new Set([...names.matchAll(/case .*?return "(.*?)"/g)].map(([, name]) => name));
  assert.deepEqual(new Set(description.api.components.schemas.Operation.enum), there);
});

testRefusals(description, given, { takesAnyBody: [], bodiesMin: 50 });
testAllSeen(description, rarelySeen(description, []));
