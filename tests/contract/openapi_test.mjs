// Holds the program to openapi/enhancement.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Description, exchange, formOf, localPart, needsUser } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";

const description = await Description.read("openapi/enhancement.json", {
  apart: (path) => path.startsWith("/auth/v1") ? "Auth" : "",
  samples: {
    uploadImage: () => ({ form: formOf([["file", scene(8, 8), "a.png"]]) }),
    uploadImages: () => ({ form: formOf([["files", scene(8, 8), "a.png"]]) }),
  },
});
const send = description.send.bind(description);
const password = "correct horse battery";

const given = {};
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
  Object.assign(given, { server, user, banned });
});
after(() => Promise.all(servers.map((one) => one.stop())));

testFile(description, { apart: ["MethodNotAllowed", "AuthMethodNotAllowed", "AuthNotFound"], examplesMin: 100 });
testAddresses(description, given, {
  unknown: ["/api", "/api/", "/api/nothing", "/api/images/a/b/c", "/api/image", "/API/images", "/auth/v1",
    "/auth/v1/nothing", "/auth/v1/admin/users", "/object", "/openapi", "/openapi/other.json", "/healthz/x",
    "/api/auth/signin/credentials"],
});

// ---- What goes right

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
      description.hold(JSON.parse(data), { $ref: "#/components/schemas/JobDetail" }, "an event");
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
  const kinds = async (query) => (await send(server, "GET", `/api/tokens/history?${query}`, { token, expected: 200 }))
    .body.entries.map(({ kind }) => kind);
  assert.deepEqual(await kinds("kind=initial,grant"), ["initial"]);
  assert.deepEqual(await kinds("kind=capture,initial,capture&limit=100"), ["capture", "capture", "capture", "initial"]);
  await send(server, "GET", "/api/tokens/history?kind=capture,lost", { token, expected: 400 });
  const { body: { tiers } } = await send(server, "GET", "/api/tokens/prices", { token, expected: 200 });
  assert.deepEqual(tiers.map(({ tier, longestSide, tokens }) => [tier, longestSide, tokens]),
    [["TIER_1K", 1024, 2], ["TIER_2K", 2048, 5], ["TIER_4K", 4096, 10]]);

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
    "/api/auth/providers", "/.well-known/jwks.json", "/openapi/enhancement.json"]) {
    await send(server, "GET", target, { expected: 200 });
    await send(server, "HEAD", target, { expected: 200 });
  }
});

// ---- What goes wrong

testRefusals(description, given, { takesAnyBody: ["signOut"] });

test("things that are not there are 404", async () => {
  const ofOneThing = description.operations()
    .filter(({ path, operation }) => path.includes("{id}") && needsUser(operation));
  for (const one of ofOneThing) {
    const { target, method, options } = description.sampleOf(one);
    await send(server, method, target, { ...options, token: user.token, expected: 404 });
  }
  const { token } = user;
  for (const id of ["enhanceImage", "enhanceImageInTiers", "moveImages"]) {
    const { target, method, options } = description.sampleOf(description.operation(id));
    await send(server, method, target, { ...options, token, expected: 404 });
  }
  for (const [path, field] of [["upload", "file"], ["batch-upload", "files"]]) {
    await send(server, "POST", `/api/images/${path}`, { token, expected: 404,
      form: formOf([["albumId", "album_none"], [field, scene(), "a.png"]]) });
  }
});

test("a grant needs its fields", async () => {
  // The two grants need different fields.
  for (const [grant, fields] of [["password", { email: user.email, password }],
    ["refresh_token", { refresh_token: "x" }], ["nonsense", {}]]) {
    for (const name of [...Object.keys(fields), "grant_type"]) {
      const { [name]: left, ...rest } = fields;
      const target = `/auth/v1/token${name === "grant_type" && grant !== "nonsense" ? "" : `?grant_type=${grant}`}`;
      await send(server, "POST", target, { json: rest, expected: 400 });
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
  for (const one of description.operations().filter(({ operation }) =>
    429 in operation.responses && needsUser(operation) &&
    operation.operationId !== "watchJob")) {
    const { target, method, options } = description.sampleOf(one);
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

// ---- Last: what was seen

testAllSeen(description, {
  ...rarelySeen(description, ["enhanceImage", "enhanceImageInTiers", "enhanceAlbum", "getReadiness"]),
  "deleteImage 409": "only when a job ends in the same instant",
});
