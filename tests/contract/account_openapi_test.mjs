// Holds the program to openapi/account.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Description } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { scene } from "../support/pictures.mjs";
import { submit } from "../support/queue.mjs";
import { settled, signUp, startServer, tintype, upload } from "../support/server.mjs";

const description = await Description.read("openapi/account.json");
const kPassword = "correct horse battery";

const given = {};
let server, user, other;

before(async () => {
  server = await startServer({ set: { "limits.password_tries_per_address": 1000 } });
  user = await signUp(server);
  other = await signUp(server);
  const banned = await signUp(server);
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  Object.assign(given, { server, user, banned });
});
after(() => server.stop());

// Sends as the user, unless another is named.
const send = (method, target, options = {}) => description.send(server, method, target, { token: user.token, ...options });
const get = (target, options) => send("GET", target, { expected: 200, ...options });
const patch = (json, expected, token = user.token) => send("PATCH", "/api/account", { json, expected, token });
const changePassword = (json, expected, token = user.token) =>
  send("POST", "/api/account/password", { json, expected, token });

testFile(description, { apart: ["MethodNotAllowed"], examplesMin: 20 });
testAddresses(description, given, { unknown: ["/api/account/", "/api/account/nothing", "/openapi/account.json/x"] });

// ---- What goes right

test("who one is, and changes of it", async () => {
  const { body: { account } } = await get("/api/account");
  assert.deepEqual([account.id, account.email, account.name, account.role, account.has_password],
    [user.id, user.email, null, "user", true]);
  assert.equal((await patch({ name: "Ann" }, 200)).body.account.name, "Ann");
  assert.equal((await patch({ name: "" }, 200)).body.account.name, null);
  const changed = await patch({ email: " New@Example.org ", current_password: kPassword }, 200);
  assert.equal(changed.body.account.email, "new@example.org");
  await patch({ email: "new@example.org" }, 200);
  await patch({ email: user.email }, 400);
  await patch({ email: "no address", current_password: kPassword }, 400);
  await patch({ email: other.email, current_password: kPassword }, 409);
  await patch({ email: user.email, current_password: "wrong" }, 403);
  await patch({ email: user.email, current_password: kPassword }, 200);
});

test("the password", async () => {
  await changePassword({ current_password: kPassword, new_password: "short" }, 400);
  await changePassword({ current_password: "wrong", new_password: "long enough" }, 403);
  await changePassword({ current_password: kPassword, new_password: kPassword }, 204);
  const guesser = await signUp(server);
  for (let at = 0; at < 10; ++at) {
    await changePassword({ current_password: "wrong", new_password: "long enough" }, 403, guesser.token);
  }
  await changePassword({ current_password: kPassword, new_password: "long enough" }, 429, guesser.token);
  await patch({ email: "guesser@example.org", current_password: kPassword }, 429, guesser.token);
});

test("sessions", async () => {
  const { body: { sessions } } = await get("/api/account/sessions");
  assert.equal(sessions.length, 1);
  assert.ok(sessions[0].current);
  await send("DELETE", "/api/account/sessions/none", { expected: 404 });
  assert.deepEqual((await send("DELETE", "/api/account/sessions", { expected: 200 })).body, { ended: 0 });
  const leaving = await signUp(server);
  const { body } = await get("/api/account/sessions", { token: leaving.token });
  await send("DELETE", `/api/account/sessions/${body.sessions[0].id}`, { token: leaving.token, expected: 204 });
  await get("/api/account", { token: leaving.token, expected: 401 });
});

test("jobs and usage", async () => {
  const { body: { image } } = await upload(user, scene(40, 30));
  for (const tier of ["TIER_1K", "TIER_2K"]) await submit(user, image.id, tier);
  const page = await get("/api/account/jobs?limit=1");
  await get(`/api/account/jobs?limit=1&cursor=${page.body.next_cursor}`);
  await get("/api/account/jobs?state=open");
  await get("/api/account/jobs?state=ended");
  const { body: { image: another } } = await upload(user, scene(30, 40));
  await submit(user, another.id, "TIER_1K");
  await settled(user, another.id);
  const { body: { jobs } } = await get(`/api/account/jobs?image_id=${another.id}`);
  assert.deepEqual(jobs.map((job) => [job.image_id, job.state, job.result.width, job.result.height]),
    [[another.id, "succeeded", 768, 1024]]);
  const file = await fetch(jobs[0].result.url);
  assert.deepEqual([file.status, Number(file.headers.get("content-length"))], [200, jobs[0].result.size_bytes]);
  const ofOthers = await get(`/api/account/jobs?image_id=${another.id}`, { token: other.token });
  assert.deepEqual(ofOthers.body.jobs, []);
  assert.equal((await get("/api/account/usage")).body.days.length, 30);
  assert.equal((await get("/api/account/usage?days=365")).body.days.length, 365);
});

test("suggestions", async () => {
  await get("/api/account/suggestions");
  const { body } = await get("/api/account/suggestions?q=owner:me%20ta&limit=2");
  assert.deepEqual(body.suggestions[0], { kind: "operator", label: "tag:", query: "owner:me tag:" });
  await get(`/api/account/suggestions?q=${"x".repeat(4097)}`, { expected: 400 });
});

test("the description of itself", () => get("/openapi/account.json", { token: undefined }));

// ---- What every operation refuses

testRefusals(description, given, { takesAnyBody: [], bodiesMin: 40 });
testAllSeen(description, rarelySeen(description, []));
