// Holds the program to openapi/upscale.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Description } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { signUp, startServer, tintype } from "../support/server.mjs";

const description = await Description.read("openapi/upscale.json");

const given = {};
let server, user, banned;
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  server = await start({ set: { "keys.per_user_max": 1000 } });
  [user, banned] = [await signUp(server), await signUp(server)];
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  Object.assign(given, { server, user, banned });
});
after(() => Promise.all(servers.map((one) => one.stop())));

// Sends as the user, unless another is named.
const send = (method, target, options = {}) =>
  description.send(options.server ?? server, method, target, { token: user.token, ...options });
const post = (target, json, options = {}) => send("POST", target, { json, ...options });

testFile(description, { apart: ["MethodNotAllowed"], examplesMin: 20 });
testAddresses(description, given, { unknown: ["/api/v1", "/api/v1/", "/api/v1/nothing", "/openapi/upscale.json/x"] });

// ---- What goes right

test("keys: made, listed, rotated, revoked", async () => {
  const key = { headers: { "Idempotency-Key": "key-1" } };
  const wanted = { name: "One", environment: "test", plan: "starter", scopes: ["jobs:read"],
    expires_at: "2999-01-01T00:00:00Z" };
  const { body: { data: made, meta } } = await post("/api/v1/keys", wanted, { ...key, expected: 201 });
  assert.deepEqual([made.name, made.environment, made.plan, made.scopes, made.expires_at],
    ["One", "test", "starter", ["jobs:read"], "2999-01-01T00:00:00.000Z"]);
  assert.ok(made.key.startsWith(made.prefix));
  const again = await post("/api/v1/keys", wanted, { ...key, expected: 201 });
  assert.equal(again.headers["idempotency-replayed"], "true");
  assert.deepEqual(again.body.data, { ...made, key: null });
  assert.notEqual(again.body.meta.requestId, meta.requestId);
  await post("/api/v1/keys", { ...wanted, name: "Other" }, { ...key, expected: 422 });
  const { body: { data: { keys } } } = await send("GET", "/api/v1/keys", { expected: 200 });
  const { key: _, ...listed } = made;
  assert.deepEqual(keys.find(({ id }) => id === made.id), listed);

  const path = `/api/v1/keys/${made.id}`;
  const minute = { overlap_seconds: 60 };
  const rotation = { headers: { "Idempotency-Key": "key-2" } };
  const { body: { data: next } } = await post(`${path}/rotate`, minute, { ...rotation, expected: 201 });
  assert.deepEqual([next.name, next.scopes, next.expires_at], [made.name, made.scopes, made.expires_at]);
  await post(`${path}/rotate`, minute, { ...rotation, expected: 201 });
  await post(`${path}/rotate`, { overlap_seconds: 61 }, { ...rotation, expected: 422 });
  await post(`${path}/rotate`, undefined, { expected: 201 });
  await send("DELETE", path, { expected: 200 });
  await send("DELETE", path, { expected: 404 });
  await post(`${path}/rotate`, undefined, { expected: 404 });
});

test("plans that only the operator gives, and more keys than there may be", async () => {
  await post("/api/v1/keys", { name: "Large", plan: "enterprise" }, { expected: 403 });
  for (const wrong of ["2020-01-01T00:00:00Z", "tomorrow", "2999-02-30T00:00:00Z"]) {
    await post("/api/v1/keys", { name: "Late", expires_at: wrong }, { expected: 400 });
  }
  const narrow = await start({ set: { "keys.per_user_max": 1 } });
  const { token } = await signUp(narrow);
  const sent = { server: narrow, token };
  const { body: { data: { id } } } = await post("/api/v1/keys", { name: "One" }, { ...sent, expected: 201 });
  await post("/api/v1/keys", { name: "Two" }, { ...sent, expected: 409 });
  await post(`/api/v1/keys/${id}/rotate`, undefined, { ...sent, expected: 409 });
  await post(`/api/v1/keys/${id}/rotate`, { overlap_seconds: 0 }, { ...sent, expected: 201 });
});

// ---- What goes wrong

testRefusals(description, given, { takesAnyBody: [], bodiesMin: 60 });

test("somebody else's keys are not there", async () => {
  const other = await signUp(server);
  const { body: { data: { id } } } = await post("/api/v1/keys", { name: "Mine" }, { expected: 201 });
  for (const [method, path] of [["DELETE", ""], ["POST", "/rotate"]]) {
    await send(method, `/api/v1/keys/${id}${path}`, { token: other.token, expected: 404 });
  }
});

// ---- Last: what was seen

testAllSeen(description, rarelySeen(description, []));
