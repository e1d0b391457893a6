// Resumable uploads and the life of an image on the hosting surface, on the program's own object store.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { signUp, startServer } from "../support/server.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { announce, begin, complete, kPartBytes, piece, putPart, putParts, sign, start, uploadResumable }
  from "../support/uploads.mjs";

let server, ann, bob;
const big = noise(2000, 1500); // two parts

before(async () => {
  server = await startServer({ set: { "uploads.part_size_bytes": kPartBytes } });
  [ann, bob] = [await signUp(server), await signUp(server)];
});
after(() => server.stop());

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const refused = (answer, status, code, saying) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.code, code);
  assert.match(answer.body.detail, saying);
  assert.ok(answer.body.suggestion, "it says what to do");
};
const remove = (user, path) => user.json(path, { method: "DELETE" });
const patch = (user, path, body) =>
  user.json(path, { method: "PATCH", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

test("the contract's flow, from announcing to stored", async () => {
  const announced = await announce(ann, big, { client_sha256: sha256(big).toUpperCase(), title: "Noise", tags: ["a"] });
  assert.equal(announced.status, 201);
  assert.deepEqual(Object.keys(announced.body), ["image_id", "status", "upload"]);
  assert.equal(announced.body.status, "upload_pending");
  assert.equal(announced.body.upload.mode, "resumable");
  const pending = await ann.json(`/v1/images/${announced.body.image_id}`);
  assert.equal(pending.body.status, "upload_pending");
  assert.equal(pending.body.original.width, null);

  const { body: session } = await start(ann, announced.body.image_id, big);
  assert.equal(session.session_id, announced.body.upload.session_id);
  assert.equal(session.part_size_bytes, kPartBytes);
  assert.ok(session.expires_at_ms > Date.now());
  const again = await start(ann, announced.body.image_id, big);
  assert.deepEqual(again.body, session, "starting again answers the same");

  const parts = await putParts(ann, session, big);
  const done = await complete(ann, session, parts);
  assert.deepEqual(done.body, {
    image_id: announced.body.image_id, status: "stored", original_object_key: session.object_key,
  });
  assert.deepEqual((await complete(ann, session, parts)).body, done.body, "completing twice gives the first answer");
  const { body: image } = await ann.json(`/v1/images/${announced.body.image_id}`);
  assert.deepEqual(image.original, { width: 2000, height: 1500, format: "png", size_bytes: big.length });
  assert.equal(image.sha256, sha256(big));
  assert.equal(image.title, "Noise");
  assert.deepEqual(image.tags, ["a"]);
});

test("an interrupted upload goes on where it was", async () => {
  const session = await begin(ann, big);
  const second = await putPart(ann, session, big, 2);
  const { body: progress } = await ann.json(`/v1/uploads/${session.session_id}`);
  assert.equal(progress.state, "open");
  assert.deepEqual(progress.parts, [
    { part_number: 2, etag: second.etag, size_bytes: big.length - kPartBytes },
  ]);
  const { body: batch } = await ann.post(`/v1/uploads/${session.session_id}/parts:batch`, { part_numbers: [1, 2] });
  assert.deepEqual(batch.parts.map((part) => part.size_bytes), [kPartBytes, big.length - kPartBytes]);
  const answer = await fetch(batch.parts[0].url, { method: "PUT", body: piece(session, big, 1) });
  const first = { part_number: 1, etag: answer.headers.get("etag").replaceAll('"', "") };
  const listed = (await ann.json(`/v1/uploads/${session.session_id}`)).body.parts;
  refused(await complete(ann, session, [listed[0], { ...listed[1], etag: first.etag }]), 400, "INVALID_INPUT", /etag/);
  assert.equal((await complete(ann, session, [first, listed[1]])).status, 200, "etags go with or without quotes");
});

test("a part list that is not the store's changes nothing", async () => {
  const session = await begin(ann, big);
  const [first, second] = await putParts(ann, session, big);
  const tries = [
    [[], /parts must have 1 to/],
    [[first], /lacks part 2/],
    [[second], /lacks part 1/],
    [[second, first], /ascending order/],
    [[first, first, second], /part 1 twice/],
    [[first, second, { part_number: 3, etag: first.etag }], /no part 3/],
    [[first, { ...second, etag: first.etag }], /etag of part 2/],
    [[{ ...first, size: 1 }, second], /parts\[0\]\.size.*not known/],
    [[{ part_number: 0, etag: "x" }], /part_number/],
  ];
  for (const [parts, saying] of tries) {
    refused(await ann.post(`/v1/uploads/${session.session_id}:complete`, { parts }), 400, "INVALID_INPUT", saying);
  }
  refused(await complete(ann, session), 400, "INVALID_INPUT", /provide parts/);
  assert.equal((await ann.json(`/v1/images/${session.imageId}`)).body.status, "upload_pending");
  assert.equal((await complete(ann, session, [first, second])).status, 200, "the session is still good");
});

test("a file that is not what was announced is refused, and the session begins anew", async () => {
  const small = scene(), other = scene(64, 48, 2);
  const cases = [
    [{ content_type: "image/jpeg" }, small, /image\/png, but image\/jpeg was announced/],
    [{ client_sha256: sha256(other) }, small, /SHA-256/],
    [{}, small.subarray(0, small.length - 40), /./],
    [{}, Buffer.from("this is no picture at all"), /./],
  ];
  for (const [fields, file, saying] of cases) {
    const session = await begin(ann, file, fields);
    const answer = await complete(ann, session, await putParts(ann, session, file));
    refused(answer, 400, "INVALID_INPUT", saying);
    const { body: progress } = await ann.json(`/v1/uploads/${session.session_id}`);
    assert.equal(progress.state, "open");
    assert.deepEqual(progress.parts, []);
    const { body: image } = await ann.json(`/v1/images/${session.imageId}`);
    assert.equal(image.status, "upload_pending");
    const fault = { code: answer.body.code, detail: answer.body.detail };
    assert.deepEqual([image.fault, progress.fault], [fault, fault], "who asks later is told why");
  }
  const session = await begin(ann, small, { client_sha256: sha256(small) });
  const damaged = Buffer.from(small);
  damaged[30] ^= 1;
  refused(await complete(ann, session, await putParts(ann, session, damaged)), 400, "INVALID_INPUT", /SHA-256/);
  const done = await complete(ann, session, await putParts(ann, session, small));
  assert.equal(done.status, 200, "the right file may follow");
  assert.equal((await ann.json(`/v1/images/${session.imageId}`)).body.fault, null);
  assert.equal((await ann.json(`/v1/uploads/${session.session_id}`)).body.fault, null);
});

test("sizes that lie are refused by the store itself, and by the session", async () => {
  const file = scene();
  const session = await begin(ann, file);
  const { url } = await sign(ann, session, 1);
  const longer = await fetch(url, { method: "PUT", body: Buffer.concat([file, file]) });
  assert.equal(longer.status, 403, await longer.text());
  refused(await ann.post(`/v1/uploads/${session.session_id}/parts/2`), 400, "INVALID_INPUT", /parts 1 to 1/);
  refused(await ann.post(`/v1/uploads/${session.session_id}/parts/x`), 400, "INVALID_INPUT", /whole number/);
  const { body: announced } = await announce(ann, file);
  refused(await ann.post("/v1/uploads:resumable",
    { image_id: announced.image_id, total_bytes: 5, content_type: "image/png" }), 400, "INVALID_INPUT", /announced/);
  refused(await start(ann, announced.image_id, file, "image/webp"), 400, "INVALID_INPUT", /announced: image\/png/);
});

test("part URLs hold as they are, and not otherwise", async () => {
  const file = scene();
  const session = await begin(ann, file);
  const { url } = await sign(ann, session, 1);
  const put = (to, method = "PUT") => fetch(to, { method, body: method === "GET" ? undefined : file });
  const from = url.indexOf("/objects/");
  for (let at = from + 1; at < url.length; at += 7) {
    const changed = url[at] === "a" ? "b" : "a";
    const answer = await put(url.slice(0, at) + changed + url.slice(at + 1));
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} at ${at}: ${url.slice(at)}`);
  }
  assert.equal((await put(url.replace("partNumber=1", "partNumber=2"))).status, 403);
  assert.equal((await put(url + "&x=1")).status, 403);
  assert.equal((await put(url, "GET")).status, 403);
  assert.equal((await put(url, "DELETE")).status, 403);
  assert.deepEqual((await ann.json(`/v1/uploads/${session.session_id}`)).body.parts, []);
  assert.equal((await put(url)).status, 200);
});

test("nobody but the owner has anything to do with an upload", async () => {
  const file = scene();
  const session = await begin(ann, file);
  const parts = await putParts(ann, session, file);
  const path = `/v1/uploads/${session.session_id}`;
  const foreign = [
    await start(bob, session.imageId, file), await bob.json(path), await remove(bob, path),
    await bob.post(`${path}/parts/1`), await bob.post(`${path}/parts:batch`, { part_numbers: [1] }),
    await complete(bob, session, parts), await bob.json(`/v1/images/${session.imageId}`),
    await remove(bob, `/v1/images/${session.imageId}`), await patch(bob, `/v1/images/${session.imageId}`, { title: "x" }),
  ];
  for (const answer of foreign) refused(answer, 404, "NOT_FOUND", /not found/);
  assert.equal((await fetch(server.url + path)).status, 401);
  assert.equal((await fetch(`${server.url}/v1/images`, { method: "POST" })).status, 401);
  assert.equal((await complete(ann, session, parts)).status, 200);
});

test("an aborted upload is gone with its image", async () => {
  const session = await begin(ann, big);
  await putPart(ann, session, big, 1);
  const { url } = await sign(ann, session, 2);
  assert.deepEqual((await remove(ann, `/v1/uploads/${session.session_id}`)).body, { aborted: true });
  refused(await ann.json(`/v1/uploads/${session.session_id}`), 410, "GONE", /ended/);
  refused(await ann.post(`/v1/uploads/${session.session_id}/parts/1`), 410, "GONE", /ended/);
  assert.equal((await ann.json(`/v1/images/${session.imageId}`)).status, 404);
  assert.equal((await fetch(url, { method: "PUT", body: piece(session, big, 2) })).status, 404, "a late part");
});

test("a small file goes by one PUT", async () => {
  const file = scene(300, 200);
  const { body: announced } = await announce(ann, file);
  const whole = () => ann.post("/v1/uploads:single",
    { image_id: announced.image_id, total_bytes: file.length, content_type: "image/png" });
  const { body: session } = await whole();
  refused(await complete(ann, session), 409, "CONFLICT", /not arrived/);
  assert.equal((await fetch(session.url, { method: "PUT", body: Buffer.from("no picture") })).status, 403, "its size");
  const damaged = Buffer.from(file);
  damaged.fill(0, 40, 80);
  assert.equal((await fetch(session.url, { method: "PUT", body: damaged })).status, 200);
  refused(await complete(ann, session), 400, "INVALID_INPUT", /./);
  const { body: anew } = await whole();
  assert.notEqual(anew.url, session.url);
  assert.equal((await fetch(anew.url, { method: "PUT", body: file })).status, 200);
  const done = await complete(ann, anew);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  assert.equal((await ann.json(`/v1/images/${announced.image_id}`)).body.sha256, sha256(file));
  refused(await start(ann, announced.image_id, file), 409, "CONFLICT", /complete already/);
});

test("announcing checks what it is told", async () => {
  const file = scene();
  const tries = [
    [{ content_type: "text/html" }, 415, "UNSUPPORTED_MEDIA_TYPE", /text\/html/],
    [{ content_type: "image/svg+xml" }, 415, "UNSUPPORTED_MEDIA_TYPE", /svg/],
    [{ size_bytes: 0 }, 400, "INVALID_INPUT", /size_bytes/],
    [{ size_bytes: 1.5 }, 400, "INVALID_INPUT", /size_bytes/],
    [{ size_bytes: 300 << 20 }, 400, "FILE_TOO_LARGE", /limit/],
    [{ visibility: "secret" }, 400, "INVALID_INPUT", /visibility/],
    [{ album_id: "album_none" }, 404, "NOT_FOUND", /Album/],
    [{ client_sha256: "abc" }, 400, "INVALID_INPUT", /client_sha256/],
    [{ tags: ["ok", "  "] }, 400, "INVALID_INPUT", /tag/],
    [{ owner_id: bob.id }, 400, "INVALID_INPUT", /owner_id.*not known/],
  ];
  for (const [fields, status, code, saying] of tries) refused(await announce(ann, file, fields), status, code, saying);
  const key = { "Idempotency-Key": "announce-1" };
  const body = { filename: "a.png", content_type: "image/png", size_bytes: 10 };
  const first = await ann.post("/v1/images", body, key);
  const replay = await ann.post("/v1/images", body, key);
  assert.equal(replay.status, 201);
  assert.deepEqual(replay.body, first.body);
  refused(await ann.post("/v1/images", { ...body, size_bytes: 11 }, key), 422, "IDEMPOTENCY_MISMATCH", /another/);
});

test("an image is described, deleted, had back, and deleted for good", async () => {
  const carol = await signUp(server);
  const file = scene();
  const id = await uploadResumable(carol, file);
  const changed = await patch(carol, `/v1/images/${id}`, { visibility: "public", title: "My cat", tags: ["pets", "cat", "pets"] });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.deepEqual(changed.body.tags, ["pets", "cat"]);
  refused(await patch(carol, `/v1/images/${id}`, { owner_id: "x" }), 400, "INVALID_INPUT", /owner_id/);
  refused(await patch(carol, `/v1/images/${id}`, {}), 400, "INVALID_INPUT", /Nothing to change/);
  const seen = await (await fetch(`${server.url}/v1/images/${id}`)).json();
  assert.equal(seen.title, "My cat");
  assert.equal(seen.sha256, undefined, "nobody learns more than what is shown");

  const deleted = await remove(carol, `/v1/images/${id}`);
  assert.equal(deleted.body.deleted, true);
  assert.ok(Math.abs(deleted.body.deletes_at_ms - Date.now() - 7 * 86_400_000) < 60_000);
  for (const answer of [await carol.json(`/v1/images/${id}`), await remove(carol, `/v1/images/${id}`),
    await carol.json(`/api/images/${id}`)]) assert.equal(answer.status, 404);
  assert.equal((await fetch(`${server.url}/v1/images/${id}`)).status, 404);
  assert.deepEqual((await carol.json("/v1/images:deleted")).body.images.map((image) => image.image_id), [id]);
  assert.deepEqual((await carol.json("/v1/images")).body, { images: [], next_cursor: null });
  assert.equal((await carol.json("/v1/usage")).body.storage.used_bytes, file.length, "the trash counts");

  assert.equal((await carol.post(`/v1/images/${id}:undelete`)).body.title, "My cat");
  assert.equal((await remove(carol, `/v1/images/${id}?permanent=true`)).status, 200);
  assert.equal((await carol.post(`/v1/images/${id}:undelete`)).status, 404);
  assert.equal((await carol.json("/v1/usage")).body.storage.used_bytes, 0);
});

test("two uploads at once cannot pass the quota together", async () => {
  const file = scene();
  const narrow = await startServer({ set: { "plans.free_bytes_max": Math.floor(file.length * 3.5) } });
  try {
    const dora = await signUp(narrow);
    const answers = await Promise.all(Array.from({ length: 12 }, () => announce(dora, file)));
    assert.equal(answers.filter((answer) => answer.status === 201).length, 3);
    for (const answer of answers.filter((answer) => answer.status !== 201)) refused(answer, 403, "QUOTA_EXCEEDED", /plan/);
    const { body: usage } = await dora.json("/v1/usage");
    assert.equal(usage.storage.used_bytes, 3 * file.length);
    assert.equal(usage.images.used, 3);
    const kept = answers.find((answer) => answer.status === 201).body;
    await remove(dora, `/v1/images/${kept.image_id}`);
    assert.equal((await announce(dora, file)).status, 201, "what was only announced makes room at once");
  } finally {
    await narrow.stop();
  }
});

test("whoever waits for an image is answered when it has come further", async () => {
  const file = scene(300, 200);
  const session = await begin(ann, file);
  const path = `/v1/images/${session.imageId}`;
  assert.equal((await ann.json(path)).body.status, "upload_pending");
  assert.equal((await ann.json(`${path}?wait=1`)).body.status, "upload_pending", "the seconds have passed");
  const [arrived] = await Promise.all([ann.json(`${path}?wait=60`),
    putParts(ann, session, file).then((parts) => complete(ann, session, parts))]);
  assert.notEqual(arrived.body.status, "upload_pending");
  assert.equal((await ann.json(`${path}?wait=60`)).body.status, "ready");
  assert.equal((await ann.json(`${path}?wait=60`)).body.status, "ready", "nothing more will come");
  await patch(ann, path, { visibility: "public" });
  assert.equal((await fetch(`${server.url}${path}?wait=60`)).status, 200, "of a public one by anybody");
  for (const wait of ["61", "-1", "1.5", "x", ""]) {
    refused(await ann.json(`${path}?wait=${wait}`), 400, "INVALID_INPUT", /wait must be/);
  }
  const given = await begin(ann, file);
  const [gone] = await Promise.all([ann.json(`/v1/images/${given.imageId}?wait=60`),
    remove(ann, `/v1/uploads/${given.session_id}`)]);
  refused(gone, 404, "NOT_FOUND", /not found/);
});

test("what came by one PUT, and nobody completes, tells its owner why it was refused", async () => {
  const { body: whole } = await ann.json("/s3/params?filename=w.png&type=image%2Fpng");
  const path = `/v1/images/${whole.imageId}`;
  const waiting = ann.json(`${path}?wait=60`);
  const answer = await fetch(whole.url, { method: "PUT", headers: whole.headers, body: Buffer.from("no picture") });
  assert.equal(answer.status, 200);
  const { body: image } = await waiting;
  assert.equal(image.status, "upload_pending");
  assert.equal(image.fault.code, "INVALID_INPUT");
  assert.match(image.fault.detail, /./);
  assert.deepEqual((await ann.json(`/v1/uploads/${whole.sessionId}`)).body.fault, image.fault);
});

test("Uppy's companion calls do the same", async () => {
  const erin = await signUp(server);
  const created = await erin.post("/s3/multipart", { filename: "u.png", type: "image/png", metadata: { name: "u" } });
  assert.equal(created.status, 200, JSON.stringify(created.body));
  const { key, uploadId, imageId } = created.body;
  const query = `key=${encodeURIComponent(key)}`;
  const at = (more = "", extra = "") => `/s3/multipart/${uploadId}${more}?${query}${extra}`;
  const session = { part_size_bytes: kPartBytes };
  const { body: one } = await erin.json(at("/1"));
  const { body: batch } = await erin.json(at("/batch", "&partNumbers=1,2"));
  assert.ok(one.url && one.expires > 0 && batch.presignedUrls["2"]);
  assert.equal((await erin.json("/v1/usage")).body.storage.used_bytes, 2 * kPartBytes, "room for both parts");
  const parts = [];
  for (const [number, url] of [[1, one.url], [2, batch.presignedUrls["2"]]]) {
    const answer = await fetch(url, { method: "PUT", body: piece(session, big, number) });
    parts.push({ PartNumber: number, ETag: answer.headers.get("etag") });
  }
  assert.deepEqual((await erin.json(at())).body.map((part) => part.Size), [kPartBytes, big.length - kPartBytes]);
  assert.equal((await bob.json(at())).status, 404);
  refused(await erin.json(`/s3/multipart/${uploadId}?key=other`), 400, "INVALID_INPUT", /key/);
  const done = await erin.post(at("/complete"), { parts });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  assert.ok(done.body.location.endsWith(imageId));
  assert.equal((await erin.json("/v1/usage")).body.storage.used_bytes, big.length, "now by the truth");

  const elsewhere = { Cookie: `next-auth.session-token=${erin.token}`, "Sec-Fetch-Site": "cross-site" };
  const lured = await fetch(`${server.url}/s3/params?filename=w.png&type=image%2Fpng`, { headers: elsewhere });
  assert.equal(lured.status, 403, "it begins an upload, so no other page may have it fetched");
  const { body: whole } = await erin.json("/s3/params?filename=w.png&type=image%2Fpng&metadata%5Bname%5D=w");
  assert.equal((await fetch(whole.url, { method: whole.method, headers: whole.headers, body: scene() })).status, 200);
  await server.logged("received");
  assert.equal((await erin.json(`/v1/images/${whole.imageId}`)).body.original.width, 64);
  const { body: left } = await erin.post("/s3/multipart", { filename: "u.png", type: "image/png", metadata: {} });
  assert.equal((await remove(erin, `/s3/multipart/${left.uploadId}?key=${encodeURIComponent(left.key)}`)).status, 200);
});
