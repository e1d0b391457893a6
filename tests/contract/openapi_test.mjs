// Holds the program to openapi/enhancement.json, and the file to the program: every answer of a real server is checked
// against it, every operation and status in it has to be seen, and every route has to stand in it.
import assert from "node:assert/strict";
import { readFile, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { scene } from "../support/pictures.mjs";
import { root, signUp, startServer, tintype, upload } from "../support/server.mjs";

const text = await readFile(join(root, "openapi/enhancement.json"), "utf8");
const api = JSON.parse(text);
const password = "correct horse battery";

// What no test can bring about from outside, and why.
const serverFailure = "only when the server fails";
const slow = "only when a body takes a second at least; the server's own tests have it";
const noRoom = "only when more than a thousand requests wait for a thread, or PostgreSQL is slow";
const unseen = {
  "deleteImage 409": "only when a job ends in the same instant",
  ...Object.fromEntries(operations().flatMap(({ operation }) => [
    [`${operation.operationId} 408`, slow],
    [`${operation.operationId} 500`, serverFailure],
    ...["enhanceImage", "enhanceImageInTiers", "enhanceAlbum", "getReadiness"].includes(operation.operationId) ? []
      : [[`${operation.operationId} 503`, noRoom]],
  ])),
};

// ---- the description

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
}
const operationOf = (id) => operations().find(({ operation }) => operation.operationId === id);

function resolved(value) {
  while (value?.$ref) {
    value = value.$ref.slice(2).split("/").reduce((at, name) => at[name.replace(/~1/g, "/").replace(/~0/g, "~")], api);
  }
  return value;
}

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
ajv.addSchema(api, "api");
const compiled = new Map();

// Fails with what is wrong when the value is not as the schema, a part of the description, says.
function hold(value, schema, what) {
  if (!compiled.has(schema)) {
    // References inside the description are made absolute, so that any part of it is a schema by itself.
    const absolute = JSON.parse(JSON.stringify(schema), (key, item) =>
      key === "$ref" && typeof item === "string" && item.startsWith("#") ? `api${item}` : item);
    compiled.set(schema, ajv.compile(absolute));
  }
  const validate = compiled.get(schema);
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 2000)}`);
}
const refuses = (value, schema) => {
  try {
    hold(value, schema, "");
    return false;
  } catch {
    return true;
  }
};

const matches = (template, path) => {
  const [expected, actual] = [template.split("/"), path.split("/")];
  return expected.length === actual.length && expected.every((part, at) => part.startsWith("{") || part === actual[at]);
};

// The description's path of an address: one without parameters wins.
const templateOf = (path) => path in api.paths ? path
  : Object.keys(api.paths).find((template) => matches(template, path));

// ---- sending, with every answer checked

const seen = new Set();
const always = new Set(["date", "content-type", "content-length", "connection"]);

// One request on a connection of its own. `length` announces a body that is never sent.
function exchange(server, method, target, { headers = {}, body, length } = {}) {
  const { port } = new URL(server.url);
  return new Promise((done, failed) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path: target, agent: false, headers: { ...headers,
      ...(length ? { "Content-Length": String(length) } : body ? { "Content-Length": String(body.length) } : {}) } });
    request.on("error", failed);
    request.on("response", (response) => {
      const pieces = [];
      response.on("error", failed).on("data", (piece) => pieces.push(piece)).on("end", () => {
        request.destroy();
        done({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(pieces) });
      });
    });
    if (length) request.flushHeaders();
    else request.end(body);
  });
}

function check(method, target, answer) {
  const path = target.split("?")[0];
  const template = templateOf(path);
  const what = `${method} ${target.slice(0, 200)} -> ${answer.status} ${answer.bytes.toString("utf8").slice(0, 500)}`;
  const own = path.startsWith("/auth/v1") ? "Auth" : "";
  const operation = template && api.paths[template][(method === "HEAD" ? "get" : method).toLowerCase()];
  let response;
  if (operation) {
    response = operation.responses[answer.status];
    assert.ok(response, `a status that is not described: ${what}`);
    if (method !== "HEAD") seen.add(`${operation.operationId} ${answer.status}`);
  } else {
    const expected = { 404: `${own}NotFound`, 405: `${own}MethodNotAllowed` }[answer.status];
    assert.ok(expected, `an address or method that is not described: ${what}`);
    assert.equal(answer.status === 405, Boolean(template), what);
    response = { $ref: `#/components/responses/${expected}` };
  }
  checkAnswer(resolved(response), answer, method, what);
  return operation;
}

function checkAnswer(response, answer, method, what) {
  const described = Object.fromEntries(Object.entries(response.headers ?? {}).map(([name, header]) =>
    [name.toLowerCase(), resolved(header)]));
  for (const [name, header] of Object.entries(described)) {
    const sent = [answer.headers[name] ?? []].flat();
    assert.ok(sent.length > 0 || !header.required, `without the header ${name}: ${what}`);
    for (const value of sent) {
      hold(header.schema.type === "integer" ? Number(value) : value, header.schema, `${name} of ${what}`);
    }
  }
  for (const name of Object.keys(answer.headers)) {
    assert.ok(always.has(name) || name in described, `the header ${name} is not described: ${what}`);
  }
  if (method === "HEAD") return assert.equal(answer.bytes.length, 0, what);
  if (!response.content) return assert.equal(answer.bytes.length, 0, `a body that is not described: ${what}`);
  const type = (answer.headers["content-type"] ?? "").split(";")[0];
  const media = Object.keys(response.content).find((range) => range === type ||
    (range.endsWith("/*") && type.startsWith(range.slice(0, -1))));
  assert.ok(media, `the content type '${type}' is not described: ${what}`);
  const { schema } = response.content[media];
  if (type === "application/json") hold(JSON.parse(answer.bytes), schema, what);
  else if (schema) hold(answer.bytes.toString("utf8"), schema, what);
}

// Sends and checks; the answer's JSON is in `body`.
async function send(server, method, target, { token, json, form, expected, ...options } = {}) {
  const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...options.headers };
  let { body } = options;
  if (json !== undefined) {
    body = Buffer.from(JSON.stringify(json));
    headers["Content-Type"] ??= "application/json";
  } else if (form) {
    const made = new Response(form);
    body = Buffer.from(await made.arrayBuffer());
    headers["Content-Type"] = made.headers.get("content-type");
  }
  const answer = await exchange(server, method, target, { ...options, headers, body });
  check(method, target, answer);
  if (expected) {
    assert.equal(answer.status, expected, `${method} ${target} ${JSON.stringify(json)}: ${answer.bytes}`);
  }
  const isJson = answer.headers["content-type"]?.startsWith("application/json") && method !== "HEAD";
  return { ...answer, body: isJson ? JSON.parse(answer.bytes) : undefined };
}

function formOf(parts) {
  const form = new FormData();
  for (const [name, value, file] of parts) {
    if (file === undefined) form.append(name, value);
    else form.append(name, new Blob([value]), file);
  }
  return form;
}

// A good request for an operation, of things that need not be there.
function sampleOf({ path, method, operation }) {
  const target = path.replace(/\{(\w+)\}/g, "none");
  const query = operation.operationId === "signIn" ? "?grant_type=password" : "";
  const content = resolved(operation.requestBody)?.content ?? {};
  const options = {};
  if ("multipart/form-data" in content) {
    options.form = formOf([[operation.operationId === "uploadImage" ? "file" : "files", scene(8, 8), "a.png"]]);
  } else if ("application/json" in content) {
    options.json = content["application/json"].example;
  }
  return { target: target + query, method, options };
}

const localPart = (url) => url.replace(/^https?:\/\/[^/]+/, "");
const needsUser = (operation) => operation.security.length > 0 && !operation.security.some((one) =>
  Object.keys(one).length === 0);

let server, idle, user, other, banned;
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  const plenty = Object.fromEntries(["upload", "batch_upload", "enhance", "parallel_enhance", "move_to_album",
    "get_image", "password_tries", "password_tries_per_address"].map((name) => [`limits.${name}`, 100000]));
  server = await start({ set: { ...plenty, "wallet.initial": 500 } });
  idle = await start({ set: plenty, workers: 0 });
  user = await signUp(server);
  other = await signUp(server);
  banned = await signUp(server);
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
});
after(() => Promise.all(servers.map((one) => one.stop())));

// ---- the file by itself

test("the description is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(JSON.parse(text));
  assert.ok(result.valid, JSON.stringify(result.errors));
  const names = operations().map(({ operation }) => operation.operationId);
  assert.equal(new Set(names).size, names.length);
});

test("its references lead somewhere, and every component is used", () => {
  const used = new Set();
  JSON.stringify(api, (key, value) => {
    if (key === "$ref") {
      assert.ok(resolved({ $ref: value }), value);
      used.add(value);
    }
    return value;
  });
  const apart = ["MethodNotAllowed", "AuthMethodNotAllowed", "AuthNotFound"];
  for (const [kind, components] of Object.entries(api.components)) {
    if (kind === "securitySchemes") continue;
    for (const name of Object.keys(components)) {
      assert.ok(used.has(`#/components/${kind}/${name}`) || apart.includes(name), `${kind}/${name} is not used`);
    }
  }
});

test("its examples are as its schemas say", () => {
  let examples = 0;
  const visit = (content, what) => {
    for (const [media, { schema, example }] of Object.entries(content ?? {})) {
      if (example === undefined) continue;
      hold(example, schema, `${what} ${media}`);
      ++examples;
    }
  };
  for (const { operation } of operations()) {
    visit(resolved(operation.requestBody)?.content, operation.operationId);
    for (const [status, response] of Object.entries(operation.responses)) {
      visit(resolved(response).content, `${operation.operationId} ${status}`);
    }
  }
  assert.ok(examples > 100);
});

test("the server serves this very file", async () => {
  const { bytes } = await send(server, "GET", "/openapi/enhancement.json", { expected: 200 });
  assert.ok(bytes.toString("utf8") === text, "it serves another one");
});

// ---- routes

test("every route in the sources is described, and the other way round", async () => {
  const patterns = new Set();
  const folder = join(root, "src/api");
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".cpp") || name.endsWith("_test.cpp")) continue;
    if (name.startsWith("objects/")) continue;  // described by Amazon's S3 API Reference
    const source = await readFile(join(folder, name), "utf8");
    for (const [, pattern] of source.matchAll(/(?:\.pattern = |Method::k\w+, |[{,] ?)"(\/[^"\s?]*)"/g)) {
      patterns.add(pattern);
    }
  }
  assert.deepEqual([...patterns].sort(), Object.keys(api.paths).sort());
});

test("each address takes the described methods and no other", async () => {
  for (const [path, methods] of Object.entries(api.paths)) {
    const target = path.replace(/\{\w+\}/g, "none");
    const described = Object.keys(methods).map((method) => method.toUpperCase());
    const allowed = [...described, ...(described.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((one) => !described.includes(one))) {
      const { headers } = await send(server, method, target, { expected: 405 });
      assert.deepEqual(headers.allow.split(", ").sort(), allowed, `${method} ${path}`);
    }
    const options = await exchange(server, "OPTIONS", target);
    assert.equal(options.status, 204);
    assert.deepEqual(options.headers.allow.split(", ").sort(), allowed, path);
  }
});

test("addresses that are not described are not there", async () => {
  for (const target of ["/", "/api", "/api/", "/api/nothing", "/api/images/a/b/c", "/api/image", "/API/images",
    "/auth/v1", "/auth/v1/nothing", "/auth/v1/admin/users", "/object", "/openapi",
    "/openapi/other.json", "/healthz/x", "/api/auth/signin/credentials"]) {
    await send(server, "GET", target, { expected: 404, token: user.token });
    await send(server, "POST", target, { expected: 404, token: user.token });
  }
  assert.equal((await exchange(server, "PURGE", "/api/images")).status, 501);
});

// ---- what goes right

test("pictures: upload, batch, list, show, delete", async () => {
  const { token } = user;
  const key = { "Idempotency-Key": "upload-1" };
  const photo = () => formOf([["file", scene(), "photo.png"]]);
  const first = await send(server, "POST", "/api/images/upload", { token, form: photo(), headers: key, expected: 200 });
  const again = await send(server, "POST", "/api/images/upload", { token, form: photo(), headers: key, expected: 200 });
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers["idempotency-replayed"], "true");
  await send(server, "POST", "/api/images/upload",
    { token, form: formOf([["file", scene(9, 9), "other.png"]]), headers: key, expected: 422 });
  const files = () => formOf([["files", scene(20, 10), "a.png"], ["files", "no picture", "b.txt"],
    ["files", scene(10, 20), "c.png"]]);
  const many = { token, headers: { "Idempotency-Key": "upload-2" } };
  const batch = await send(server, "POST", "/api/images/batch-upload", { ...many, form: files(), expected: 200 });
  assert.deepEqual(batch.body.results.map(({ success }) => success), [true, false, true]);
  await send(server, "POST", "/api/images/batch-upload", { ...many, form: files(), expected: 200 });
  await send(server, "POST", "/api/images/batch-upload",
    { ...many, form: formOf([["files", scene(5, 5), "d.png"]]), expected: 422 });

  const page = await send(server, "GET", "/api/images?limit=2", { token, expected: 200 });
  assert.equal(page.body.images.length, 2);
  const next = `/api/images?limit=2&cursor=${page.body.nextCursor}`;
  const rest = await send(server, "GET", next, { token, expected: 200 });
  assert.deepEqual([rest.body.images.length, rest.body.nextCursor], [1, null]);
  const { id } = first.body.image;
  await send(server, "GET", `/api/images/${id}`, { token, expected: 200 });
  await send(server, "GET", `/api/images/${id}?wait=60`, { token, expected: 200 });
  await send(server, "HEAD", `/api/images/${id}`, { token, expected: 200 });
  await send(server, "DELETE", `/api/images/${id}`, { token, expected: 200 });
  await send(server, "GET", `/api/images/${id}`, { token, expected: 404 });
});

test("enhancement: one tier, several tiers, events, and the results by their links", async () => {
  const { token } = user;
  const { body: uploaded } = await upload(user, scene());
  const imageId = uploaded.image.id;
  const one = { token, json: { imageId, tier: "TIER_1K" }, headers: { "Idempotency-Key": "enhance-1" } };
  const job = await send(server, "POST", "/api/images/enhance", { ...one, expected: 200 });
  const replayed = await send(server, "POST", "/api/images/enhance", { ...one, expected: 200 });
  assert.equal(replayed.body.jobId, job.body.jobId);
  await send(server, "POST", "/api/images/enhance", { ...one, json: { imageId, tier: "TIER_2K" }, expected: 422 });
  const several = { token, json: { imageId, tiers: ["TIER_1K", "TIER_2K"] },
    headers: { "Idempotency-Key": "enhance-2" } };
  const jobs = await send(server, "POST", "/api/images/parallel-enhance", { ...several, expected: 200 });
  await send(server, "POST", "/api/images/parallel-enhance",
    { ...several, json: { imageId, tiers: ["TIER_4K"] }, expected: 422 });

  for (const { jobId } of [job.body, ...jobs.body.jobs]) {
    const stream = await send(server, "GET", `/api/jobs/${jobId}/events`, { token, expected: 200 });
    const events = stream.bytes.toString("utf8").split("\n\n").filter((event) => event && !event.startsWith(":"));
    for (const event of events) {
      const [, data] = event.match(/^event: job\ndata: (.*)$/) ?? assert.fail(event);
      hold(JSON.parse(data), { $ref: "#/components/schemas/JobDetail" }, "an event");
    }
    assert.match(events.at(-1), /"status":"COMPLETED"/);
    await send(server, "GET", `/api/jobs/${jobId}`, { token, expected: 200 });
    await send(server, "POST", `/api/jobs/${jobId}/cancel`, { token, expected: 409 });
  }
  const { body } = await send(server, "GET", `/api/images/${imageId}`, { token, expected: 200 });
  assert.deepEqual(body.image.jobs.map(({ status }) => status), ["COMPLETED", "COMPLETED", "COMPLETED"]);
  await send(server, "GET", "/api/tokens/balance", { token, expected: 200 });
  const ledger = await send(server, "GET", "/api/tokens/history?limit=3", { token, expected: 200 });
  assert.deepEqual(ledger.body.entries.map(({ kind }) => kind), ["capture", "capture", "capture"]);

  // Links lead to the object store, whose contract is Amazon S3's: see http/objects_test.mjs.
  const statusOf = async (link, headers = {}) => (await exchange(server, "GET", link, { headers })).status;
  const links = [body.image.url, body.image.jobs[0].enhancedUrl].map(localPart);
  for (const link of links) {
    assert.equal(await statusOf(link), 200);
    assert.equal(await statusOf(link, { Range: "bytes=0-9" }), 206);
    assert.equal(await statusOf(`${link}x`), 403);
    assert.equal(await statusOf(link.split("?")[0]), 403);
  }
  await send(server, "DELETE", `/api/images/${imageId}`, { token, expected: 200 });
  for (const link of links) assert.equal(await statusOf(link), 404);
});

test("albums: make, fill, list, change, enhance, delete", async () => {
  const { token } = user;
  const made = { token, json: { name: "Holiday" }, headers: { "Idempotency-Key": "album-1" } };
  const { body: { album } } = await send(server, "POST", "/api/albums", { ...made, expected: 200 });
  await send(server, "POST", "/api/albums", { ...made, expected: 200 });
  await send(server, "POST", "/api/albums", { ...made, json: { name: "Another" }, expected: 422 });
  const described = { name: "Source", description: "of images" };
  await send(server, "POST", "/api/albums", { token, json: described, expected: 200 });
  await send(server, "GET", "/api/albums?limit=1", { token, expected: 200 });
  const image = await send(server, "POST", "/api/images/upload", { token, expected: 200,
    form: formOf([["albumId", album.id], ["file", scene(12, 12), "in.png"]]) });
  const { body: loose } = await upload(user, scene(13, 13));
  const move = { imageIds: [image.body.image.id, loose.image.id, "img_none"], targetAlbumId: album.id };
  const moved = await send(server, "POST", "/api/images/move-to-album", { token, json: move, expected: 200 });
  assert.deepEqual([moved.body.moved, moved.body.alreadyInAlbum, moved.body.failed], [1, 1, 1]);
  await send(server, "GET", `/api/albums/${album.id}?limit=1`, { token, expected: 200 });
  await send(server, "PATCH", `/api/albums/${album.id}`, { token, json: { description: "snow" }, expected: 200 });

  const target = `/api/albums/${album.id}/enhance`;
  const headers = { "Idempotency-Key": "album-2" };
  const batch = await send(server, "POST", target, { token, json: { tier: "TIER_1K" }, headers, expected: 200 });
  await send(server, "POST", target, { token, json: { tier: "TIER_2K" }, headers, expected: 422 });
  const batchId = batch.body.jobs[0].jobId;
  const { body: running } = await send(server, "GET", `/api/batches/${batchId}`, { token, expected: 200 });
  for (const { id } of running.batch.jobs) {
    await send(server, "GET", `/api/jobs/${id}/events`, { token, expected: 200 });
  }
  const { body: ended } = await send(server, "GET", `/api/batches/${batchId}`, { token, expected: 200 });
  assert.equal(ended.batch.status, "COMPLETED");
  const none = await send(server, "POST", target, { token, json: { tier: "TIER_1K" }, expected: 200 });
  assert.deepEqual([none.body.skipped, none.body.jobs], [2, []]);

  // Somebody else's album is refused, for whatever it is wanted.
  const theirs = { token: other.token, expected: 403 };
  await send(server, "GET", `/api/albums/${album.id}`, theirs);
  await send(server, "PATCH", `/api/albums/${album.id}`, { ...theirs, json: { name: "Mine" } });
  await send(server, "POST", target, { ...theirs, json: { tier: "TIER_1K" } });
  await send(server, "POST", "/api/images/move-to-album", { ...theirs, json: move });
  await send(server, "POST", "/api/images/upload", { ...theirs,
    form: formOf([["albumId", album.id], ["file", scene(), "a.png"]]) });
  await send(server, "DELETE", `/api/albums/${album.id}`, theirs);
  await send(server, "DELETE", `/api/albums/${album.id}`, { token, expected: 200 });
});

test("a waiting job is cancelled, and watching it ends when its image is deleted", async () => {
  const someone = await signUp(idle);
  const { token } = someone;
  const { body: { image } } = await upload(someone, scene());
  const tiers = { imageId: image.id, tiers: ["TIER_1K", "TIER_2K"] };
  const { body } = await send(idle, "POST", "/api/images/parallel-enhance", { token, json: tiers, expected: 200 });
  const cancelled = await send(idle, "POST", `/api/jobs/${body.jobs[0].jobId}/cancel`, { token, expected: 200 });
  assert.equal(cancelled.body.tokensReleased, 2);
  const watching = someone.fetch(`/api/jobs/${body.jobs[1].jobId}/events`);
  const reader = (await watching).body.getReader();
  let events = new TextDecoder().decode((await reader.read()).value);
  await send(idle, "DELETE", `/api/images/${image.id}`, { token, expected: 200 });
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    events += new TextDecoder().decode(piece.value);
  }
  assert.match(events, /event: deleted\ndata: \{"id":"job_\w+"\}\n\n$/);
});

test("a long poll that waited has the rate-limit headers too", async () => {
  const someone = await signUp(idle);
  const { body: { image } } = await upload(someone, scene());
  await someone.post("/api/images/enhance", { imageId: image.id, tier: "TIER_1K" });
  await send(idle, "GET", `/api/images/${image.id}?wait=1`, { token: someone.token, expected: 200 });
});

test("a user holds only so many waits open", async () => {
  const narrow = await start({ workers: 0, set: { "server.waits_per_user_max": 1 } });
  const someone = await signUp(narrow);
  const { token } = someone;
  const { body: { image } } = await upload(someone, scene());
  const { body: { jobId } } = await someone.post("/api/images/enhance", { imageId: image.id, tier: "TIER_1K" });
  const watching = (await someone.fetch(`/api/jobs/${jobId}/events`)).body.getReader();
  await watching.read();
  await send(narrow, "GET", `/api/jobs/${jobId}/events`, { token, expected: 429 });
  await send(narrow, "GET", `/api/images/${image.id}?wait=1`, { token, expected: 429 });
  await watching.cancel();
});

test("accounts: sign up, in and out, renew, change", async () => {
  const email = "contract@example.org";
  const up = await send(server, "POST", "/auth/v1/signup", { json: { email, password, data: { name: "C" } },
    expected: 200 });
  await send(server, "POST", "/auth/v1/signup", { json: { email, password }, expected: 422 });
  const inside = await send(server, "POST", "/auth/v1/token?grant_type=password", { json: { email, password },
    expected: 200 });
  const { refresh_token } = inside.body;
  const renew = () => send(server, "POST", "/auth/v1/token?grant_type=refresh_token", { json: { refresh_token } });
  assert.equal((await renew()).status, 200);
  assert.equal((await renew()).body.error_code, "refresh_token_not_found");
  const wrong = await send(server, "POST", "/auth/v1/token?grant_type=password",
    { json: { email, password: "something else" }, expected: 400 });
  assert.equal(wrong.body.error_code, "invalid_credentials");
  await send(server, "POST", "/auth/v1/token?grant_type=password",
    { json: { email: banned.email, password }, expected: 403 });
  for (const token of [up.body.session_token, up.body.access_token]) {
    await send(server, "GET", "/auth/v1/user", { token, expected: 200 });
  }
  const token = up.body.session_token;
  const changed = await send(server, "PUT", "/auth/v1/user", { token, json: { data: { name: "D" } }, expected: 200 });
  assert.equal(changed.body.user_metadata.name, "D");
  await send(server, "PUT", "/auth/v1/user", { token, json: { email: user.email }, expected: 422 });
  await send(server, "POST", "/auth/v1/logout?scope=others", { token, expected: 204 });
  await send(server, "POST", "/auth/v1/logout", { token, expected: 204 });
  await send(server, "GET", "/auth/v1/user", { token, expected: 401 });
});

test("signing in by cookie", async () => {
  const form = (fields, cookie) => ({ headers: { "Content-Type": "application/x-www-form-urlencoded",
    ...(cookie ? { Cookie: cookie } : {}) }, body: Buffer.from(new URLSearchParams(fields).toString()) });
  await send(server, "GET", "/api/auth/providers", { expected: 200 });
  const { body: { csrfToken }, headers } = await send(server, "GET", "/api/auth/csrf", { expected: 200 });
  const cookie = headers["set-cookie"][0].split(";")[0];
  await send(server, "GET", "/api/auth/csrf", { headers: { Cookie: cookie }, expected: 200 });
  const address = "/api/auth/callback/credentials";
  const good = { csrfToken, email: user.email, password };
  await send(server, "POST", address, { ...form({ ...good, json: "true" }), expected: 403 });
  await send(server, "POST", address, { ...form({ ...good, password: "wrong", json: "true" }, cookie), expected: 401 });
  await send(server, "POST", address, { ...form({ ...good, password: "wrong" }, cookie), expected: 302 });
  await send(server, "POST", address, { ...form({ ...good, email: banned.email }, cookie), expected: 403 });
  await send(server, "POST", address, { ...form(good, cookie), expected: 302 });
  await send(server, "POST", address, { headers: { Cookie: cookie }, json: { ...good, json: "true" }, expected: 200 });
  const inside = await send(server, "POST", address, { ...form({ ...good, json: "true" }, cookie), expected: 200 });
  const jar = `${cookie}; ${inside.headers["set-cookie"][0].split(";")[0]}`;
  assert.deepEqual((await send(server, "GET", "/api/auth/session", { expected: 200 })).body, {});
  const session = await send(server, "GET", "/api/auth/session", { headers: { Cookie: jar }, expected: 200 });
  assert.equal(session.body.user.email, user.email);
  await send(server, "GET", "/api/images", { headers: { Cookie: jar }, expected: 200 });
  await send(server, "POST", "/api/albums", { headers: { Cookie: jar, Origin: "https://elsewhere.example" },
    json: { name: "x" }, expected: 403 });
  await send(server, "POST", "/api/auth/signout", { ...form({ json: "true" }, jar), expected: 403 });
  await send(server, "POST", "/api/auth/signout", { ...form({ csrfToken, json: "true" }, jar), expected: 200 });
  await send(server, "POST", "/api/auth/signout", { ...form({ csrfToken }, jar), expected: 302 });
  for (const target of [address, "/api/auth/signout"]) {
    await send(server, "POST", target, { headers: { "Content-Type": "application/json" }, body: Buffer.from("{"),
      expected: 400 });
    await send(server, "POST", target, { headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: Buffer.from("a=%zz"), expected: 400 });
  }
});

test("what is open to everybody", async () => {
  for (const target of ["/healthz", "/readyz", "/metrics", "/auth/v1/settings", "/auth/v1/health",
    "/api/auth/providers", "/openapi/enhancement.json"]) {
    await send(server, "GET", target, { expected: 200 });
    await send(server, "HEAD", target, { expected: 200 });
  }
});

// ---- what goes wrong

test("every operation refuses a bad query, a long body, a long header, and no or a suspended user", async () => {
  for (const one of operations()) {
    const { target, method, options } = sampleOf(one);
    const secured = needsUser(one.operation);
    const token = secured ? user.token : undefined;
    await send(server, method, `${target.split("?")[0]}?a=%zz`, { token, expected: 400 });
    const headers = { "Content-Type": options.form ? "multipart/form-data; boundary=b" : "application/json" };
    await send(server, method, target, { token, headers, length: 1e12, expected: 413 });
    await send(server, method, target, { token, headers: { "X-Padding": "x".repeat(40_000) }, expected: 431 });
    if (secured) {
      await send(server, method, target, { ...options, expected: 401 });
      await send(server, method, target, { ...options, token: "nonsense", expected: 401 });
      await send(server, method, target, { ...options, token: "a.b.c", expected: 401 });
      await send(server, method, target, { ...options, token: banned.token, expected: 403 });
    }
    if (one.operation.requestBody) {
      const wrong = { headers: { "Content-Type": "text/plain" }, body: Buffer.from("x"), token, expected: 415 };
      await send(server, method, target, wrong);
    } else if (one.operation.operationId !== "signOut") {
      await send(server, method, target, { token, body: Buffer.from("x"), expected: 400 });
    }
  }
});

test("things that are not there are 404", async () => {
  for (const one of operations().filter(({ path, operation }) => path.includes("{id}") && needsUser(operation))) {
    const { target, method, options } = sampleOf(one);
    await send(server, method, target, { ...options, token: user.token, expected: 404 });
  }
  const { token } = user;
  for (const id of ["enhanceImage", "enhanceImageInTiers", "moveImages"]) {
    const { target, method, options } = sampleOf(operationOf(id));
    await send(server, method, target, { ...options, token, expected: 404 });
  }
  for (const [path, field] of [["upload", "file"], ["batch-upload", "files"]]) {
    await send(server, "POST", `/api/images/${path}`, { token, expected: 404,
      form: formOf([["albumId", "album_none"], [field, scene(), "a.png"]]) });
  }
});

// Values that a schema refuses, made from the schema.
function* wrongValues(given) {
  const schema = resolved(given);
  const types = [schema.type].flat();
  const samples = { string: "text", integer: 1, boolean: true, array: [], object: {}, null: null };
  if (schema.type) {
    for (const [type, sample] of Object.entries(samples)) if (!types.includes(type)) yield sample;
  }
  if (schema.enum) yield "nonsense";
  if (schema.minLength > 0) yield "";
  if (schema.maxLength) yield "x".repeat(schema.maxLength + 1);
  if (types.includes("array")) {
    const items = resolved(schema.items);
    const item = (at) => items.enum ? items.enum[at % items.enum.length] : `item-${at}`;
    if (schema.minItems) yield [];
    if (schema.maxItems) yield Array.from({ length: schema.maxItems + 1 }, (_, at) => item(at));
    if (schema.uniqueItems) yield [item(0), item(0)];
    for (const wrong of wrongValues(items)) yield [wrong];
  }
}

function* wrongBodies(schema, good) {
  for (const name of schema.required ?? []) {
    const { [name]: left, ...rest } = good;
    yield rest;
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    for (const wrong of wrongValues(property)) yield { ...good, [name]: wrong };
  }
  if (schema.additionalProperties === false) yield { ...good, unknown: 1 };
  if (schema.minProperties) yield {};
}

test("bodies that the description refuses are refused", async (t) => {
  let sent = 0;
  for (const one of operations()) {
    const content = resolved(one.operation.requestBody)?.content ?? {};
    if (Object.keys(content).join() !== "application/json") continue;
    await t.test(one.operation.operationId, async () => {
      const { target, method, options: { json: good = {} } } = sampleOf(one);
      const token = needsUser(one.operation) ? user.token : undefined;
      const schema = content["application/json"].schema;
      for (const wrong of wrongBodies(resolved(schema), good)) {
        assert.ok(refuses(wrong, schema), `the description takes ${JSON.stringify(wrong)}`);
        await send(server, method, target, { token, json: wrong, expected: 400 });
        ++sent;
      }
      const twice = `{"a":1,"a":2,${JSON.stringify(good).slice(1)}`;
      const nothing = resolved(one.operation.requestBody).required ? [""] : [];
      for (const raw of [...nothing, "{", "[]", "null", '"text"', "1", twice, "[".repeat(5000), "{\"\xff\":1}"]) {
        await send(server, method, target, { token, headers: { "Content-Type": "application/json" },
          body: Buffer.from(raw, "latin1"), expected: 400 });
        ++sent;
      }
    });
  }
  // The two grants need different fields.
  for (const [grant, fields] of [["password", { email: user.email, password }],
    ["refresh_token", { refresh_token: "x" }], ["nonsense", {}]]) {
    for (const name of [...Object.keys(fields), "grant_type"]) {
      const { [name]: left, ...rest } = fields;
      const target = `/auth/v1/token${name === "grant_type" && grant !== "nonsense" ? "" : `?grant_type=${grant}`}`;
      await send(server, "POST", target, { json: rest, expected: 400 });
    }
  }
  assert.ok(sent > 100, `only ${sent} were made`);
});

test("parameters that the description refuses are refused", async () => {
  const wrongTexts = (schema) => {
    if (schema.type === "integer") {
      const out = [schema.minimum - 1, schema.maximum + 1].filter(Number.isFinite).map(String);
      return [...out, "x", "", "1.5", "9".repeat(30)];
    }
    return schema.enum ? ["nonsense", ""] : ["!!!", "AAAA"];
  };
  for (const one of operations()) {
    const { target, method, options } = sampleOf(one);
    const token = needsUser(one.operation) ? user.token : undefined;
    for (const parameter of (one.operation.parameters ?? []).map(resolved)) {
      if (parameter.in === "query") {
        for (const wrong of wrongTexts(parameter.schema)) {
          await send(server, method, `${target.split("?")[0]}?${parameter.name}=${wrong}`, { ...options, token,
            expected: 400 });
        }
      }
      if (parameter.name === "Idempotency-Key") {
        for (const wrong of ["", "a b", "\u00e9", "k".repeat(256), ["one", "two"]]) {
          await send(server, method, target, { ...options, token, headers: { "Idempotency-Key": wrong },
            expected: 400 });
        }
      }
    }
  }
});

test("forms that the description refuses are refused", async () => {
  const { token } = user;
  const picture = scene(8, 8);
  for (const [path, field] of [["/api/images/upload", "file"], ["/api/images/batch-upload", "files"]]) {
    const file = [field, picture, "a.png"];
    for (const parts of [[], [["albumId", "album_x"]], [[field, "text"]], [file, ["other", "text"]],
      [["other", picture, "a.png"]], [file, ["albumId", "a"], ["albumId", "b"]], [file, ["albumId", "x".repeat(129)]],
      [file, ["albumId", "x".repeat(20_000)]],
      Array.from({ length: field === "file" ? 2 : 21 }, () => file)]) {
      await send(server, "POST", path, { token, form: formOf(parts), expected: 400 });
    }
    for (const raw of ["", "--b\r\n", '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ncut off']) {
      await send(server, "POST", path, { token, headers: { "Content-Type": "multipart/form-data; boundary=b" },
        body: Buffer.from(raw), expected: 400 });
    }
  }
  for (const bytes of [Buffer.alloc(0), Buffer.from("no picture"), picture.subarray(0, 60),
    Buffer.alloc((10 << 20) + 1)]) {
    await send(server, "POST", "/api/images/upload", { token, form: formOf([["file", bytes, "a.png"]]),
      expected: 400 });
  }
});

test("limits: 429 with its headers", async () => {
  const names = ["upload", "batch_upload", "enhance", "parallel_enhance", "move_to_album", "get_image",
    "password_tries", "sign_up_per_hour"];
  const tight = await start({ workers: 0, set: Object.fromEntries(names.map((name) => [`limits.${name}`, 1])) });
  const someone = await signUp(tight);
  await send(tight, "POST", "/auth/v1/signup", { json: { email: "next@example.org", password }, expected: 429 });
  for (const one of operations().filter(({ operation }) => 429 in operation.responses && needsUser(operation) &&
    operation.operationId !== "watchJob")) {
    const { target, method, options } = sampleOf(one);
    const call = () => send(tight, method, target, { ...options, token: someone.token });
    await call();
    const { status, headers, body } = await call();
    assert.equal(status, 429, one.operation.operationId);
    assert.equal(headers["retry-after"], String(body.retryAfter));
    assert.equal(headers["x-ratelimit-remaining"], "0");
  }
  const credentials = { email: someone.email, password };
  await send(tight, "POST", "/auth/v1/token?grant_type=password", { json: credentials, expected: 200 });
  await send(tight, "POST", "/auth/v1/token?grant_type=password", { json: credentials, expected: 429 });
  const { body: { csrfToken }, headers } = await send(tight, "GET", "/api/auth/csrf");
  await send(tight, "POST", "/api/auth/callback/credentials", { json: { ...credentials, csrfToken },
    headers: { Cookie: headers["set-cookie"][0].split(";")[0] }, expected: 429 });
});

test("too few tokens, too many jobs, closed doors, and a server that is not ready", async () => {
  const small = await start({ workers: 0, set: { "wallet.initial": 3, "jobs.unfinished_max": 1 } });
  const someone = await signUp(small);
  const { token } = someone;
  const { body: { image } } = await upload(someone, scene());
  const { body: { album } } = await someone.post("/api/albums", { name: "A" });
  await someone.post("/api/images/move-to-album", { imageIds: [image.id], targetAlbumId: album.id });
  const three = async (tier, expected) => {
    const imageId = image.id;
    await send(small, "POST", "/api/images/enhance", { token, json: { imageId, tier }, expected });
    await send(small, "POST", "/api/images/parallel-enhance", { token, json: { imageId, tiers: [tier] }, expected });
    return send(small, "POST", `/api/albums/${album.id}/enhance`, { token, json: { tier }, expected });
  };
  assert.deepEqual((await three("TIER_2K", 402)).body.required, 5);
  await send(small, "POST", "/api/images/enhance", { token, json: { imageId: image.id, tier: "TIER_1K" },
    expected: 200 });
  assert.equal((await three("TIER_1K", 503)).headers["retry-after"], "30");
  await rm(join(small.dataDir, "objects"), { recursive: true });
  const { body } = await send(small, "GET", "/readyz", { expected: 503 });
  assert.deepEqual(body.checks, { database: "ok", objects: "failing", engine: "ok" });

  const closed = await start({ workers: 0, set: { "auth.signup": "closed" } });
  await send(closed, "POST", "/auth/v1/signup", { json: { email: "a@example.org", password }, expected: 403 });
  assert.equal((await send(closed, "GET", "/auth/v1/settings")).body.disable_signup, true);
});

// ---- last: what was seen

test("every operation and every status that is described was seen", () => {
  const described = operations().flatMap(({ operation }) =>
    Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`));
  assert.deepEqual(described.filter((pair) => !seen.has(pair) && !(pair in unseen)), []);
  assert.deepEqual(Object.keys(unseen).filter((pair) => seen.has(pair)), [], "these can be seen after all");
});
