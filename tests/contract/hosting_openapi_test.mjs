// Holds the program to openapi/hosting.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Description, exchange, localPart, needsUser } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { greyJpeg, withExif } from "../support/jpeg.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";
import { kPartBytes, piece } from "../support/uploads.mjs";

const description = await Description.read("openapi/hosting.json");
const kPage = { Accept: "text/html" };
const kProgram = { Accept: "application/json" };

const given = {};
let server, user, other, banned;
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  // A server behind a CDN has every route; that CDN is this test, which asks the origin in its place.
  server = await start({ set: { "uploads.part_size_bytes": kPartBytes, "delivery.mode": "hmac",
    "delivery.cdn_url": "https://cdn.example.com" } });
  [user, other, banned] = [await signUp(server), await signUp(server), await signUp(server)];
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  Object.assign(given, { server, user, banned });
});
after(() => Promise.all(servers.map((one) => one.stop())));

// Sends as the user, unless another is named.
const send = (method, target, options = {}) =>
  description.send(options.server ?? server, method, target, { token: user.token, ...options });
const get = (target, options) => send("GET", target, options);
const post = (target, json, options = {}) => send("POST", target, { json, ...options });
const visit = (target, headers = kProgram, options = {}) => get(target, { token: undefined, headers, ...options });

// PUTs bytes to a signed URL, which is S3's to describe; answers their ETag.
async function put(url, bytes) {
  const answer = await fetch(url, { method: "PUT", body: bytes });
  assert.equal(answer.status, 200, await answer.text());
  return answer.headers.get("etag");
}
const announcement = (file, fields = {}) =>
  ({ filename: "cat.png", content_type: "image/png", size_bytes: file.length, ...fields });
const announced = async (file, fields) =>
  (await post("/v1/images", announcement(file, fields), { expected: 201 })).body;
const startOf = (imageId, file) => ({ image_id: imageId, total_bytes: file.length, content_type: "image/png" });
const uploaded = async (who = user, picture = scene()) => (await upload(who, picture)).body.image.id;
const ready = (imageId) => server.logged("job_succeeded", { operation: "variants", image: imageId });

testFile(description, { apart: ["MethodNotAllowed", "NotFound"], examplesMin: 60 });
testAddresses(description, given, {
  unknown: ["/v1", "/v1/", "/v1/nothing", "/v1/image", "/v1/images/a/b/c", "/v1/uploads", "/v1/uploads:other",
    "/v1/search", "/s", "/s3", "/s3/nothing", "/s/a/b/c/d", "/renditions", "/renditions/a/b/c", "/cdn/a"],
});

// ---- What goes right

test("an image: announced, uploaded in parts, shown, changed, deleted, had back", async () => {
  const file = noise(2000, 1500);
  const key = { headers: { "Idempotency-Key": "announce-1" } };
  const album = (await post("/v1/albums", { title: "Uploads" }, { expected: 201 })).body.album_id;
  const request = announcement(file, { title: "Noise", tags: ["a", "b"], album_id: album });
  const { body: { image_id: id, upload: { session_id: session } } } =
    await post("/v1/images", request, { ...key, expected: 201 });
  const again = await post("/v1/images", request, { ...key, expected: 201 });
  assert.equal(again.headers["idempotency-replayed"], "true");
  await post("/v1/images", { ...request, title: "Other" }, { ...key, expected: 422 });
  assert.equal((await get(`/v1/images/${id}`, { expected: 200 })).body.status, "upload_pending");
  await get(`/v1/images/${id}:view`, { expected: 409 });
  await get(`/v1/images/${id}:download`, { expected: 409 });
  await post(`/v1/uploads/${session}:complete`, undefined, { expected: 409 });
  await post(`/v1/uploads/${session}/parts/1`, undefined, { expected: 409 });
  await post(`/v1/uploads/${session}/parts:batch`, { part_numbers: [1] }, { expected: 409 });

  await post("/v1/uploads:resumable", startOf(id, file), { expected: 200 });
  const whole = { part_size_bytes: kPartBytes };
  const { body: first } = await post(`/v1/uploads/${session}/parts/1`, undefined, { expected: 200 });
  const { body: batch } = await post(`/v1/uploads/${session}/parts:batch`, { part_numbers: [2] }, { expected: 200 });
  const parts = [{ part_number: 1, etag: await put(first.url, piece(whole, file, 1)) },
    { part_number: 2, etag: await put(batch.parts[0].url, piece(whole, file, 2)) }];
  assert.equal((await get(`/v1/uploads/${session}`, { expected: 200 })).body.parts.length, 2);
  await post(`/v1/uploads/${session}:complete`, { parts: parts.slice(1) }, { expected: 400 });
  await post(`/v1/uploads/${session}:complete`, { parts }, { expected: 200 });
  await post("/v1/uploads:resumable", startOf(id, file), { expected: 409 });
  await post("/v1/uploads:single", startOf(id, file), { expected: 409 });
  await send("DELETE", `/v1/uploads/${session}`, { expected: 409 });
  assert.equal((await get(`/v1/uploads/${session}`, { expected: 200 })).body.state, "completed");

  await get(`/v1/images/${id}`, { expected: 200 });
  await send("HEAD", `/v1/images/${id}`, { expected: 200 });
  await get(`/v1/images/${id}`, { token: undefined, expected: 404 });
  await send("PATCH", `/v1/images/${id}`, { json: { visibility: "public", description: "Grey" }, expected: 200 });
  const seen = await get(`/v1/images/${id}`, { token: undefined, expected: 200 });
  assert.ok(!("filename" in seen.body) && !("sha256" in seen.body), "the owner's alone");
  await uploaded();
  const page = await get("/v1/images?limit=1", { expected: 200 });
  await get(`/v1/images?limit=1&cursor=${page.body.next_cursor}`, { expected: 200 });
  const { body: { images: [newest] } } = page;
  const { body: { sha256 } } = await get(`/v1/images/${newest.image_id}`, { expected: 200 });
  const { body: same } = await get(`/v1/images?sha256=${sha256.toUpperCase()}`, { expected: 200 });
  assert.deepEqual(same.images.map((one) => one.image_id), [newest.image_id]);
  await get("/v1/usage", { expected: 200 });

  await send("DELETE", `/v1/images/${id}`, { expected: 200 });
  assert.equal((await get("/v1/images:deleted", { expected: 200 })).body.images.length, 1);
  await post(`/v1/images/${id}:undelete`, undefined, { expected: 200 });
  await send("DELETE", `/v1/images/${id}?permanent=true`, { expected: 200 });
  await post(`/v1/images/${id}:undelete`, undefined, { expected: 404 });
});

test("a library is laid out by its outline, and read where one looks by ids", async () => {
  const owner = await signUp(server), { token } = owner;
  const mine = async (target) => (await get(target, { token, expected: 200 })).body;
  const ids = [];
  for (const [width, height] of [[60, 40], [40, 80], [50, 50]]) {
    ids.unshift(await uploaded(owner, scene(width, height)));
  }
  const whole = await mine("/v1/images:outline");
  assert.deepEqual([whole.image_ids, whole.widths, whole.heights], [ids, [50, 40, 60], [50, 80, 40]]);
  assert.deepEqual(whole.created_at_ms, (await mine("/v1/images")).images.map((one) => one.created_at_ms));
  assert.equal(whole.next_cursor, null);
  const { next_cursor: cursor } = await mine("/v1/images?limit=1");
  assert.deepEqual((await mine(`/v1/images:outline?limit=1&cursor=${cursor}`)).image_ids, [ids[1]]);
  await get("/v1/images:outline?limit=10000", { token, expected: 200 });
  await get("/v1/images:outline?limit=10001", { token, expected: 400 });

  const asked = await mine(`/v1/images?image_ids=${ids[2]},${await uploaded(other)},img_none,${ids[0]}`);
  assert.deepEqual([asked.images.map((one) => one.image_id), asked.next_cursor], [[ids[2], ids[0]], null]);
  for (const wrong of ["", `${ids[0]},`, Array(101).fill(ids[0]).join(","), `${ids[0]}&limit=1`]) {
    await get(`/v1/images?image_ids=${wrong}`, { token, expected: 400 });
  }
});

test("what a search finds, and what lies in the trash, is laid out and read in the same way", async () => {
  const owner = await signUp(server), { token } = owner;
  const mine = async (target) => (await get(target, { token, expected: 200 })).body;
  const ids = [];
  for (const title of ["Gull one", "Gull two", "Heron", "Gull three"]) {
    ids.unshift(await uploaded(owner, scene(60, 40)));
    await send("PATCH", `/v1/images/${ids[0]}`, { token, json: { title }, expected: 200 });
  }
  const gulls = [ids[0], ids[2], ids[3]];
  const found = await mine("/v1/images:outline?q=gull%20owner:me");
  assert.deepEqual([found.image_ids, found.widths, found.next_cursor], [gulls, [60, 60, 60], null]);
  const { next_cursor: cursor } = await mine("/v1/search/images?q=gull%20owner:me&limit=1");
  const next = await mine(`/v1/images:outline?q=gull%20owner:me&limit=1&cursor=${cursor}`);
  assert.deepEqual([next.image_ids, typeof next.next_cursor], [[gulls[1]], "string"]);
  await get("/v1/images:outline?q=widht:3", { token, expected: 400 });
  await get("/v1/images:outline?q=gull&limit=10001", { token, expected: 400 });

  const [hidden, shown] = [await uploaded(other), await uploaded(other)];
  await send("PATCH", `/v1/images/${shown}`, { token: other.token, json: { visibility: "public" }, expected: 200 });
  const asked = await mine(`/v1/search/images?image_ids=${shown},${hidden},img_none,${ids[0]}`);
  assert.deepEqual(asked.images.map((one) => [one.image_id, "filename" in one]), [[shown, false], [ids[0], true]]);
  await get(`/v1/search/images?image_ids=${ids[0]}&q=gull`, { token, expected: 400 });
  const open = await get(`/v1/search/images?image_ids=${shown},${ids[0]}`, { token: undefined, expected: 200 });
  assert.equal(open.body.images.length, 1);

  await send("DELETE", `/v1/images/${ids[1]}`, { token, expected: 200 });
  assert.deepEqual((await mine("/v1/images:outline?deleted=true")).image_ids, [ids[1]]);
  assert.deepEqual((await mine("/v1/images:outline?deleted=false")).image_ids, [ids[0], ids[2], ids[3]]);
  const { images: [gone, ...rest] } = await mine(`/v1/images:deleted?image_ids=${ids[0]},${ids[1]}`);
  assert.deepEqual([gone.image_id, rest, typeof gone.deletes_at_ms], [ids[1], [], "number"]);
  await get(`/v1/images:deleted?image_ids=${ids[1]}&limit=1`, { token, expected: 400 });
  for (const wrong of ["deleted=yes", "deleted=true&q=gull"]) {
    await get(`/v1/images:outline?${wrong}`, { token, expected: 400 });
  }
});

test("the albums of an image", async () => {
  const id = await uploaded();
  assert.deepEqual((await get(`/v1/images/${id}/albums`, { expected: 200 })).body, { albums: [], next_cursor: null });
  const made = [];
  for (const title of ["First", "Second", "Without"]) {
    made.unshift((await post("/v1/albums", { title }, { expected: 201 })).body.album_id);
  }
  for (const album of made.slice(1)) await post(`/v1/albums/${album}/images`, { image_ids: [id] }, { expected: 200 });
  const { body: { albums } } = await get(`/v1/images/${id}/albums`, { expected: 200 });
  assert.deepEqual(albums.map((one) => one.album_id), made.slice(1));
  const { body: page } = await get(`/v1/images/${id}/albums?limit=1`, { expected: 200 });
  const { body: rest } = await get(`/v1/images/${id}/albums?cursor=${page.next_cursor}`, { expected: 200 });
  assert.deepEqual(rest.albums, albums.slice(1));
  await get(`/v1/images/${id}/albums`, { token: other.token, expected: 404 });
});

test("what a file says of how it was taken is its owner's to read", async () => {
  const id = await uploaded(user, withExif(greyJpeg(), {
    image: { 0x0110: "EOS R6" }, photo: { 0x829a: [[1, 250]], 0x9003: "2024:05:01 12:30:00", 0x9209: 0 },
    place: { 1: "N", 2: [[52, 1], [31, 1], [12, 1]], 3: "E", 4: [[13, 1], [24, 1], [18, 1]], 6: [[34, 1]] },
  }));
  const { body } = await get(`/v1/images/${id}/metadata`, { expected: 200 });
  assert.deepEqual([body.camera.model, body.taken_at], ["EOS R6", "2024-05-01T12:30:00"]);
  assert.deepEqual([body.exposure.time_seconds, body.location.altitude_m], [0.004, 34]);
  const silent = await get(`/v1/images/${await uploaded(user, scene(60, 40))}/metadata`, { expected: 200 });
  assert.deepEqual([silent.body.camera, silent.body.location, silent.body.fields], [null, null, []]);
  await get(`/v1/images/${id}/metadata`, { token: other.token, expected: 404 });
});

test("an image's variants are shown with it", async () => {
  const id = await uploaded(user, scene(300, 200));
  await ready(id);
  const { body } = await get(`/v1/images/${id}`, { expected: 200 });
  assert.equal(body.status, "ready");
  assert.deepEqual(body.variants.map(({ name, width, height, status }) => [name, width, height, status]),
    [["thumb", 200, 133, "ready"], ["medium", 300, 200, "ready"], ["large", 300, 200, "ready"]]);
});

test("an upload by one PUT, and one that is aborted", async () => {
  const file = scene();
  const { image_id: id, upload: { session_id: session } } = await announced(file);
  const { body: single } = await post("/v1/uploads:single", startOf(id, file), { expected: 200 });
  await post(`/v1/uploads/${session}:complete`, undefined, { expected: 409 });
  await put(single.url, file);
  await post(`/v1/uploads/${session}:complete`, {}, { expected: 200 });

  const given = await announced(file);
  const path = `/v1/uploads/${given.upload.session_id}`;
  await post("/v1/uploads:resumable", startOf(given.image_id, file), { expected: 200 });
  await send("DELETE", path, { expected: 200 });
  await get(path, { expected: 410 });
  await post(`${path}/parts/1`, undefined, { expected: 410 });
  await post(`${path}/parts:batch`, { part_numbers: [1] }, { expected: 410 });
  await post(`${path}:complete`, { parts: [{ part_number: 1, etag: "x" }] }, { expected: 410 });
});

test("a file that was refused, and waiting for the next", async () => {
  const file = scene(), { image_id: id, upload: { session_id: session } } = await announced(file);
  const whole = async () => (await post("/v1/uploads:single", startOf(id, file), { expected: 200 })).body;
  await put((await whole()).url, Buffer.alloc(file.length));
  await post(`/v1/uploads/${session}:complete`, {}, { expected: 400 });
  assert.equal((await get(`/v1/uploads/${session}`, { expected: 200 })).body.fault.code, "INVALID_INPUT");
  assert.equal((await get(`/v1/images/${id}?wait=1`, { expected: 200 })).body.fault.code, "INVALID_INPUT");
  await put((await whole()).url, file);
  await post(`/v1/uploads/${session}:complete`, {}, { expected: 200 });
  assert.equal((await get(`/v1/images/${id}?wait=60`, { expected: 200 })).body.fault, null);
});

test("a user holds only so many waits open", async () => {
  const narrow = await start({ set: { "server.waits_per_user_max": 1 } });
  const someone = await signUp(narrow);
  const { body: { image_id: id } } = await someone.post("/v1/images", announcement(scene()));
  const waits = [1, 2].map(() => send("GET", `/v1/images/${id}?wait=60`, { server: narrow, token: someone.token }));
  assert.equal((await Promise.any(waits)).status, 429, "one of the two");
  await send("DELETE", `/v1/images/${id}`, { server: narrow, token: someone.token, expected: 200 });
  assert.deepEqual((await Promise.all(waits)).map((answer) => answer.status).sort(), [404, 429]);
});

test("Uppy's companion calls", async () => {
  const file = { filename: "u.png", type: "image/png", metadata: { name: "u" } };
  const begun = async () => (await post("/s3/multipart", file, { expected: 200 })).body;
  const at = ({ key, uploadId }, more = "", extra = "") =>
    `/s3/multipart/${uploadId}${more}?key=${encodeURIComponent(key)}${extra}`;
  const one = await begun(), picture = scene();
  const { body: { url } } = await get(at(one, "/1"), { expected: 200 });
  const { body: { presignedUrls } } = await get(at(one, "/batch", "&partNumbers=1,2"), { expected: 200 });
  assert.deepEqual(Object.keys(presignedUrls), ["1", "2"]);
  const parts = [{ PartNumber: 1, ETag: await put(url, picture) }];
  assert.equal((await get(at(one), { expected: 200 })).body.length, 1);
  await get(`/s3/multipart/${one.uploadId}?key=other`, { expected: 400 });
  await post(at(one, "/complete"), { parts }, { expected: 200 });
  await get(at(one, "/1"), { expected: 409 });
  await get(at(one, "/batch", "&partNumbers=1"), { expected: 409 });
  await send("DELETE", at(one), { expected: 409 });

  const gone = await begun();
  await send("DELETE", at(gone), { expected: 200 });
  await get(at(gone), { expected: 404 });
  const { body: whole } = await get("/s3/params?filename=w.png&type=image%2Fpng", { expected: 200 });
  await put(whole.url, picture);
});

test("albums", async () => {
  const key = { headers: { "Idempotency-Key": "album-1" } };
  const { body: album } = await post("/v1/albums", { title: "Sea" }, { ...key, expected: 201 });
  await post("/v1/albums", { title: "Sea" }, { ...key, expected: 201 });
  await post("/v1/albums", { title: "Lake" }, { ...key, expected: 422 });
  await get("/v1/albums?limit=1", { expected: 200 });
  const path = `/v1/albums/${album.album_id}`;
  const [one, two] = [await uploaded(), await uploaded(user, scene(20, 20))];
  const adding = { headers: { "Idempotency-Key": "album-2" } };
  await post(`${path}/images`, { image_ids: [one, two, "img_none"] }, { ...adding, expected: 200 });
  await post(`${path}/images`, { image_ids: [one, two, "img_none"] }, { ...adding, expected: 200 });
  await post(`${path}/images`, { image_ids: [one] }, { ...adding, expected: 422 });
  await post(`${path}/images:move`, { image_ids: [two, "img_none"], before: one }, { expected: 200 });
  await post(`${path}/images:move`, { image_ids: [two], before: one, after: one }, { expected: 400 });
  await post(`${path}/images:move`, { image_ids: [two], before: "img_none" }, { expected: 404 });
  const { body: page } = await get(`${path}/images?limit=1`, { expected: 200 });
  assert.deepEqual(page.images.map((image) => image.image_id), [two]);
  await get(`${path}/images?cursor=${page.next_cursor}`, { expected: 200 });
  await send("PATCH", path, { json: { visibility: "public", cover_image_id: one, description: null }, expected: 200 });
  await get(path, { expected: 200 });
  await get(path, { token: undefined, expected: 200 });
  await get(`${path}/images`, { token: other.token, expected: 200 });
  await get(path, { token: banned.token, expected: 403 });
  await send("DELETE", `${path}/images/${one}`, { expected: 200 });
  await send("DELETE", `${path}/images/${one}`, { expected: 404 });
  await send("DELETE", path, { expected: 200 });
});

test("searches, and images that look alike", async () => {
  const id = await uploaded(user, scene(120, 80, 3));
  await ready(id);
  await send("PATCH", `/v1/images/${id}`, { json: { title: "Lighthouse", tags: ["sea"] }, expected: 200 });
  const { body } = await get("/v1/search/images?q=light%20tag:sea%20owner:me", { expected: 200 });
  assert.deepEqual(body.images.map((image) => image.image_id), [id]);
  const page = await get("/v1/search/images?limit=1", { expected: 200 });
  await get(`/v1/search/images?limit=1&cursor=${page.body.next_cursor}&sort=newest`, { expected: 200 });
  await get("/v1/search/images?sort=relevance&q=light", { token: undefined, expected: 200 });
  const wrong = await get("/v1/search/images?q=cat%20widht:3", { expected: 400 });
  assert.deepEqual([wrong.body.position, wrong.body.detail.slice(0, 43)],
    [4, "The search cannot be read at character 5, '"]);
  const copy = await uploaded(user, scene(120, 80, 3));
  await ready(copy);
  const alike = await get(`/v1/images/${id}/similar`, { expected: 200 });
  assert.deepEqual(alike.body.images.map(({ image_id, exact }) => [image_id, exact]), [[copy, true]]);
});

test("views and downloads, and what is behind their URLs", async () => {
  const id = await uploaded(user, scene(300, 200));
  await ready(id);
  for (const query of ["", "?variant=thumb", "?variant=original", "?w=50&h=50&fit=cover&dpr=1.5&q=70&format=png"]) {
    await get(`/v1/images/${id}:view${query}`, { expected: 200 });
  }
  for (const query of ["?variant=thumb&variant=large", "?other=1", "?variant=thumb&w=3", "?fit=cover&w=3"]) {
    await get(`/v1/images/${id}:view${query}`, { expected: 400 });
  }
  for (const query of [":view?variant=thumb", ":view?w=50", ":download?variant=thumb"]) {
    await get(`/v1/images/${id}${query}&redirect=true`, { expected: 302 });
    await get(`/v1/images/${id}${query}&redirect=yes`, { expected: 400 });
  }
  const { body: rendition } = await get(`/v1/images/${id}:view?w=60`, { expected: 200 });
  const { body: object } = await get(`/v1/images/${id}:download`, { expected: 200 });
  for (const { url } of [rendition, object]) {
    const target = localPart(url);
    const look = (headers, expected) => visit(target, headers, { expected });
    const { headers } = await look({}, 200);
    await send("HEAD", target, { expected: 200 });
    await look({ Range: "bytes=0-3" }, 206);
    await look({ "If-None-Match": headers.etag }, 304);
    await look({ "If-Match": '"other"' }, 412);
    await look({ Range: "bytes=99999999-" }, 416);
    await visit(`${target}0`, {}, { expected: 403 });
  }
  await visit(localPart(rendition.url), { Accept: "image/avif,image/webp" }, { expected: 200 });
  await send("DELETE", `/v1/images/${id}?permanent=true`, { expected: 200 });
  for (const { url } of [rendition, object]) await visit(localPart(url), {}, { expected: 404 });
});

test("where objects are in a bucket, pictures are redirects to it", async () => {
  // The bucket is that of another server's store, which speaks S3.
  const key = (await readFile(join(server.dataDir, "secrets/url_key"), "utf8")).trim();
  const behind = await start({ set: { "objects.url": `s3://objects?endpoint=${server.url}`,
    "objects.access_key_id": `TT${createHash("sha256").update(key).digest("hex").slice(0, 18)}`,
    "objects.secret_access_key": key, "delivery.mode": "hmac", "delivery.cdn_url": "https://cdn.example.com" } });
  const someone = await signUp(behind);
  const sent = { server: behind, token: someone.token };
  const id = await uploaded(someone);
  await behind.logged("job_succeeded", { operation: "variants", image: id });
  const { body: { album_id: album } } = await post("/v1/albums", { title: "A" }, { ...sent, expected: 201 });
  await post(`/v1/albums/${album}/images`, { image_ids: [id] }, { ...sent, expected: 200 });
  const shared = async (path) => (await post(`/v1/${path}/shares`, { type: "link" }, sent)).body.token;
  const targets = [`/s/${await shared(`images/${id}`)}/thumb`, `/s/${await shared(`albums/${album}`)}/${id}/thumb`];
  for (const query of [":view?w=20", ":download"]) {
    targets.push(localPart((await get(`/v1/images/${id}${query}`, { ...sent, expected: 200 })).body.url));
  }
  for (const target of targets) {
    let { headers: { location } } = await visit(target, {}, { server: behind, expected: 302 });
    // A rendition's leads to the CDN, which would ask this server.
    if (location.startsWith("https://cdn.example.com")) {
      ({ headers: { location } } = await visit(localPart(location), {}, { server: behind, expected: 302 }));
    }
    const picture = await fetch(location);
    assert.equal(picture.status, 200, location);
    assert.match(picture.headers.get("content-type"), /^image\//);
  }
});

test("links: made, listed, looked at, revoked", async () => {
  const id = await uploaded(user, scene(300, 200)), two = await uploaded();
  await Promise.all([id, two].map(ready));
  const { body: { album_id: album } } = await post("/v1/albums", { title: "Shared" }, { expected: 201 });
  await post(`/v1/albums/${album}/images`, { image_ids: [id, two] }, { expected: 200 });
  const tokens = {};
  for (const [thing, path] of [["image", `/v1/images/${id}/shares`], ["album", `/v1/albums/${album}/shares`]]) {
    const key = { headers: { "Idempotency-Key": `share-${thing}` } };
    const request = { type: "link", role: "downloader", expires_in_sec: 3600 };
    const { body: share } = await post(path, request, { ...key, expected: 201 });
    const { body: again } = await post(path, request, { ...key, expected: 201 });
    assert.deepEqual(again, { ...share, token: null, url: null });
    await post(path, { type: "link" }, { ...key, expected: 422 });
    await get(path, { expected: 200 });
    const { body: second } = await post(path, { type: "link" }, { expected: 201 });
    await send("DELETE", `${path}/${second.share_id}`, { expected: 200 });
    await send("DELETE", `${path}/${second.share_id}`, { expected: 404 });
    await visit(`/s/${second.token}`, kPage, { expected: 404 });
    tokens[thing] = share.token;
  }
  await get("/v1/shares?limit=1", { expected: 200 });

  for (const headers of [kPage, kProgram]) {
    await visit(`/s/${tokens.image}`, headers, { expected: 200 });
    await visit(`/s/${tokens.album}?limit=1`, headers, { expected: 200 });
    await visit(`/s/${tokens.album}?limit=x`, headers, { expected: 400 });
    await visit(`/s/${tokens.album}/${id}`, headers, { expected: 200 });
    await visit(`/s/${tokens.album}/${id}/nothing`, headers, { expected: 404 });
  }
  for (const [path, name] of [[`/s/${tokens.image}`, "thumb"], [`/s/${tokens.image}`, "download"],
    [`/s/${tokens.album}/${id}`, "large"], [`/s/${tokens.album}/${two}`, "download"]]) {
    const look = (headers, expected) => visit(`${path}/${name}`, headers, { expected });
    const { headers } = await look({ Accept: "image/webp" }, 200);
    await send("HEAD", `${path}/${name}`, { token: undefined, expected: 200 });
    await look({ Accept: "image/webp", Range: "bytes=0-3" }, 206);
    await look({ Accept: "image/webp", "If-None-Match": headers.etag }, 304);
    await look({ "If-Match": '"other"' }, 412);
    await look({ Range: "bytes=99999999-" }, 416);
  }
});

test("links that ask for a password, are for looking only, or have expired", async () => {
  const id = await uploaded();
  await ready(id);
  const { body: { album_id: album } } = await post("/v1/albums", { title: "Locked" }, { expected: 201 });
  await post(`/v1/albums/${album}/images`, { image_ids: [id] }, { expected: 200 });
  const shared = async (path, fields) => (await post(`/v1/${path}/shares`, { type: "link", ...fields })).body.token;
  const password = "open sesame";
  const locked = `/s/${await shared(`images/${id}`, { password })}`;
  const lockedAlbum = `/s/${await shared(`albums/${album}`, { password })}`;
  const open = `/s/${await shared(`images/${id}`)}`, openAlbum = `/s/${await shared(`albums/${album}`)}`;
  const short = [`/s/${await shared(`images/${id}`, { expires_in_sec: 1 })}`,
    `/s/${await shared(`albums/${album}`, { expires_in_sec: 1 })}`];
  for (const headers of [kPage, kProgram]) {
    for (const target of [locked, `${locked}/thumb`, `${lockedAlbum}/${id}/thumb`]) {
      await visit(target, headers, { expected: 401 });
    }
    for (const target of [`${open}/download`, `${openAlbum}/${id}/download`]) {
      await visit(target, headers, { expected: 403 });
    }
  }
  const enter = (fields, headers, expected) => send("POST", locked, { token: undefined, expected,
    headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
    body: Buffer.from(new URLSearchParams(fields).toString()) });
  await enter({ password: "wrong" }, kPage, 401);
  await enter({ password }, kPage, 303);
  const { headers } = await enter({ password }, kProgram, 200);
  const cookie = { ...kProgram, Cookie: headers["set-cookie"][0].split(";")[0] };
  await visit(locked, cookie, { expected: 200 });
  const json = (body, expected) => send("POST", locked, { token: undefined, headers: kProgram, json: body, expected });
  await json({ password }, 200);
  for (const wrong of [{}, { password: "" }, { password: 1 }, { password, more: 1 }]) await json(wrong, 400);
  let status;
  do ({ status } = await json({ password: "wrong" })); while (status === 401);
  assert.equal(status, 429);
  await enter({ password }, kPage, 429);
  await send("POST", "/s/none", { token: undefined, json: { password }, expected: 404 });
  await visit("/s/none/thumb", kPage, { expected: 404 });

  // A poll, as there is nothing that tells when a second has gone by but the answer itself.
  for (const target of short) while ((await visit(target)).status !== 410);
  for (const target of [`${short[0]}/thumb`, `${short[1]}/${id}/thumb`]) await visit(target, kPage, { expected: 410 });
  await send("POST", short[0], { token: undefined, json: { password }, expected: 410 });
});

// ---- What goes wrong

testRefusals(description, given, { takesAnyBody: ["signPart"] });

test("things that are not there, or are somebody else's, are 404", async () => {
  const ofOneThing = description.operations().filter(({ path, operation }) => path.includes("{") &&
    path.startsWith("/v1") || path.startsWith("/s3/multipart/{") && needsUser(operation));
  assert.ok(ofOneThing.length > 25);
  for (const one of ofOneThing) {
    const { target, method, options } = description.sampleOf(one);
    await send(method, target, { ...options, expected: 404 });
  }
  await post("/v1/images", announcement(scene(), { album_id: "album_none" }), { expected: 404 });
  for (const id of ["startUpload", "startSingleUpload"]) {
    const { target, options } = description.sampleOf(description.operation(id));
    await post(target, options.json, { expected: 404 });
  }
});

test("types that are no picture's are 415", async () => {
  const type = "image/svg+xml";
  await post("/v1/images", announcement(scene(), { content_type: type }), { expected: 415 });
  await post("/s3/multipart", { filename: "a.svg", type }, { expected: 415 });
  await get(`/s3/params?filename=a.svg&type=${encodeURIComponent(type)}`, { expected: 415 });
  await get("/s3/params?filename=a.png", { expected: 415 });
  await get("/s3/params?type=image%2Fpng", { expected: 400 });
  await send("POST", "/s/none", { token: undefined, headers: { ...kProgram, "Content-Type": "text/plain" },
    body: Buffer.from("x"), expected: 415 });
});

test("a plan that is full", async () => {
  const small = await start({ set: { "plans.free_images_max": 1, "plans.free_bytes_max": 6 << 20 } });
  const { token } = await signUp(small);
  const sent = { server: small, token };
  const { body } = await post("/s3/multipart", { filename: "u.png", type: "image/png" }, { ...sent, expected: 200 });
  const query = `?key=${encodeURIComponent(body.key)}`;
  await get(`/s3/multipart/${body.uploadId}/2${query}`, { ...sent, expected: 403 });
  await get(`/s3/multipart/${body.uploadId}/batch${query}&partNumbers=1,2`, { ...sent, expected: 403 });
  const full = await post("/v1/images", announcement(scene()), { ...sent, expected: 403 });
  assert.equal(full.body.code, "QUOTA_EXCEEDED");
  await post("/s3/multipart", { filename: "u.png", type: "image/png" }, { ...sent, expected: 403 });
});

test("uploads that nobody goes on with", async () => {
  const small = await start({ set: { "uploads.open_max": 2, "uploads.unknown_size_open_max": 1 } });
  const { token } = await signUp(small);
  const sent = { server: small, token };
  await get("/s3/params?filename=u.png&type=image%2Fpng", { ...sent, expected: 200 });
  await get("/s3/params?filename=u.png&type=image%2Fpng", { ...sent, expected: 429 });
  await post("/s3/multipart", { filename: "u.png", type: "image/png" }, { ...sent, expected: 429 });
  await post("/v1/images", announcement(scene()), { ...sent, expected: 201 });
  await post("/v1/images", announcement(scene()), { ...sent, expected: 429 });
});

test("more links than there may be, and more pictures than can be made", async () => {
  const narrow = await start({ workers: 0,
    set: { "shares.of_one_thing_max": 1, "renditions.at_once_max": 1, "renditions.waiting_max": 1 } });
  const someone = await signUp(narrow);
  const sent = { server: narrow, token: someone.token };
  const images = [];
  for (let seed = 1; seed <= 8; ++seed) images.push(await uploaded(someone, noise(1600, 1200)));
  const { body: { album_id: album } } = await post("/v1/albums", { title: "All" }, { ...sent, expected: 201 });
  await post(`/v1/albums/${album}/images`, { image_ids: images }, { ...sent, expected: 200 });
  const share = async (path, expected) =>
    (await post(`/v1/${path}/shares`, { type: "link", role: "downloader" }, { ...sent, expected })).body.token;
  const token = await share(`albums/${album}`, 201);
  await share(`albums/${album}`, 409);
  const tokens = [];
  for (const image of images) tokens.push(await share(`images/${image}`, 201));
  await share(`images/${images[0]}`, 409);

  // One picture is being made and one waits: whoever comes now is sent away. When the first was quicker, once more.
  const wanted = { rendition: [], shared: [], sharedOfAlbum: [] };
  for (let round = 0; Object.values(wanted).some((statuses) => !statuses.includes(429)); ++round) {
    assert.ok(round < images.length, JSON.stringify(wanted));
    const urls = await Promise.all([1, 2, 3, 4].map(async (less) =>
      localPart((await get(`/v1/images/${images[round]}:view?w=${1600 - less}&format=webp`, sent)).body.url)));
    const asked = urls.map((target) => visit(target, {}, { server: narrow }));
    const refused = await Promise.any(asked.map(async (answer) => assert.equal((await answer).status, 429)))
      .then(() => true, () => false);
    if (refused) wanted.rendition.push(429);
    const copies = [`/s/${tokens[round]}/download`, `/s/${token}/${images.at(-1 - round)}/download`]
      .map((target) => visit(target, kPage, { server: narrow }));
    const [one, two] = await Promise.all(copies);
    wanted.shared.push(one.status);
    wanted.sharedOfAlbum.push(two.status);
    await Promise.all(asked);
  }
});

// ---- Last: what was seen

const over = "only when an upload's day is over";
testAllSeen(description, {
  ...rarelySeen(description, []),
  "deleteImage 409": "only when a job ends in the same instant",
  "completeCompanionUpload 409": "only when the upload ends in the same instant",
  "listAlbumImages 410": "only when an album was laid out anew and the cursor's image has left it; app's tests have it",
  ...Object.fromEntries(["startUpload", "startSingleUpload", "listCompanionParts", "signCompanionParts",
    "signCompanionPart", "completeCompanionUpload"].map((id) => [`${id} 410`, over])),
});
