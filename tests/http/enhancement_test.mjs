// The enhancement surface through its public interface: limits, bad input, waiting, cancelling, deleting.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { settled, signUp, startServer, tintype, upload } from "../support/server.mjs";
import { png, scene } from "../support/pictures.mjs";

let server, user, other;

before(async () => {
  server = await startServer({ set: { "limits.enabled": false, "wallet.initial": 500 } });
  user = await signUp(server);
  other = await signUp(server);
});
after(() => server.stop());

const uploaded = async (who = user, bytes = scene()) => (await upload(who, bytes)).body.image.id;
const count = async (who) => (await who.json("/api/images?limit=100")).body.images.length;
const balance = async (who) => (await who.json("/api/tokens/balance")).body;

// A refusal in the surface's own shape.
function refused({ status, body }, expected, code) {
  assert.equal(status, expected, JSON.stringify(body));
  for (const field of ["error", "title", "suggestion", "code"]) assert.equal(typeof body[field], "string", field);
  if (code) assert.equal(body.code, code);
}

test("an upload is answered as the contract shows it", async () => {
  const { status, headers, body } = await upload(user, scene(), "../../etc/my photo.png");
  assert.equal(status, 200);
  assert.ok(headers.get("x-request-id"));
  assert.deepEqual(Object.keys(body.image), ["id", "name", "url", "width", "height", "size", "format", "isPublic",
    "viewCount", "createdAt"]);
  assert.deepEqual([body.image.name, body.image.width, body.image.height, body.image.format],
    ["my photo.png", 64, 48, "PNG"]);
});

test("a file over 10 MB, an empty one, and one that is no picture are 400", async () => {
  const before = await count(user);
  refused(await upload(user, Buffer.alloc((10 << 20) + 1, 1)), 400, "FILE_TOO_LARGE");
  refused(await upload(user, Buffer.alloc(0)), 400, "INVALID_INPUT");
  refused(await upload(user, Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")), 400, "INVALID_INPUT");
  refused(await upload(user, scene().subarray(0, 200)), 400, "INVALID_INPUT");
  assert.equal(await count(user), before);
});

test("a picture over 64 megapixels is refused by its header", async () => {
  const bomb = Buffer.from(png(1, 1, () => [0, 0, 0]));
  bomb.writeUInt32BE(20000, 16);
  bomb.writeUInt32BE(20000, 20);
  refused(await upload(user, bomb), 400, "INVALID_INPUT");
});

test("a batch keeps its order and takes what is good", async () => {
  const form = new FormData();
  form.append("files", new Blob([scene(40, 30, 2)]), "first.png");
  form.append("files", new Blob(["no picture"]), "second.txt");
  form.append("files", new Blob([scene(50, 30, 3)]), "third.png");
  const response = await user.fetch("/api/images/batch-upload", { method: "POST", body: form });
  const body = await response.json();
  assert.deepEqual(body.results.map((result) => [result.filename, result.success]),
    [["first.png", true], ["second.txt", false], ["third.png", true]]);
  assert.equal(body.results[1].errorType, "validation");
  assert.deepEqual(body.summary, { total: 3, successful: 2, failed: 1 });
});

test("21 files, 50 MB, foreign parts and no file are refused whole", async () => {
  const before = await count(user);
  const send = async (fill, path = "/api/images/batch-upload") => {
    const form = new FormData();
    fill(form);
    const response = await user.fetch(path, { method: "POST", body: form });
    return { status: response.status, body: await response.json() };
  };
  refused(await send((form) => {
    for (let at = 0; at < 21; ++at) form.append("files", new Blob([scene(8, 8)]), `${at}.png`);
  }), 400, "INVALID_INPUT");
  refused(await send((form) => {
    for (let at = 0; at < 6; ++at) form.append("files", new Blob([Buffer.alloc(9 << 20)]), `${at}.png`);
  }), 400, "FILE_TOO_LARGE");
  refused(await send((form) => form.append("other", new Blob([scene(8, 8)]), "a.png")), 400);
  refused(await send((form) => form.append("albumId", "album_x")), 400);
  refused(await send((form) => form.append("file", "text, not a file"), "/api/images/upload"), 400);
  assert.equal(await count(user), before);
});

test("bodies that are not what the address takes", async () => {
  const image = await uploaded();
  const before = await balance(user);
  const send = async (body, headers = { "Content-Type": "application/json" }) => {
    const response = await user.fetch("/api/images/enhance", { method: "POST", body, headers });
    return { status: response.status, body: await response.json() };
  };
  const good = { imageId: image, tier: "TIER_1K" };
  refused(await send(JSON.stringify(good), { "Content-Type": "text/plain" }), 415);
  refused(await send("{"), 400);
  refused(await send("[]"), 400);
  refused(await send('{"imageId":"a","imageId":"b","tier":"TIER_1K"}'), 400);
  refused(await send("[".repeat(5000)), 400);
  refused(await send(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400);
  refused(await send("x".repeat(20000)), 413);
  for (const wrong of [{}, { imageId: image }, { tier: "TIER_1K" }, { ...good, tier: "TIER_8K" },
    { ...good, tier: 1 }, { ...good, extra: 1 }, { ...good, imageId: "" }, { ...good, imageId: "x".repeat(200) },
    { ...good, imageId: null }, { ...good, imageId: "a\u0000b" }]) {
    refused(await send(JSON.stringify(wrong)), 400, "INVALID_INPUT");
  }
  const parallel = (tiers) => user.post("/api/images/parallel-enhance", { imageId: image, tiers });
  for (const tiers of [[], ["TIER_1K", "TIER_1K"], ["TIER_1K", "TIER_2K", "TIER_4K", "TIER_1K"], "TIER_1K", [1]]) {
    refused(await parallel(tiers), 400, "INVALID_INPUT");
  }
  refused(await user.post("/api/images/move-to-album",
    { imageIds: Array.from({ length: 101 }, (_, at) => `img_${at}`), targetAlbumId: "a" }), 400);
  refused(await user.post("/api/albums", { name: "x".repeat(201) }), 400);
  assert.deepEqual(await balance(user), before);
});

test("half a body stores nothing", async () => {
  const before = await count(user);
  const { port } = new URL(server.url);
  await new Promise((done) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.end(`POST /api/images/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.token}\r\n` +
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n" +
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf');
    });
    socket.resume().on("close", done).on("error", done);
  });
  assert.equal(await count(user), before);
});

test("somebody else's and nobody's things look the same", async () => {
  const image = await uploaded();
  const { body: album } = await user.post("/api/albums", { name: "Mine" });
  const { body: job } = await user.post("/api/images/enhance", { imageId: image, tier: "TIER_1K" });
  for (const id of [image, "img_none"]) {
    refused(await other.json(`/api/images/${id}`), 404, "NOT_FOUND");
    refused(await other.json(`/api/images/${id}`, { method: "DELETE" }), 404, "NOT_FOUND");
    refused(await other.post("/api/images/enhance", { imageId: id, tier: "TIER_1K" }), 404, "NOT_FOUND");
  }
  for (const id of [job.jobId, "job_none"]) {
    refused(await other.json(`/api/jobs/${id}`), 404);
    refused(await other.json(`/api/jobs/${id}/events`), 404);
    refused(await other.json(`/api/jobs/${id}/cancel`, { method: "POST" }), 404);
  }
  refused(await other.post(`/api/albums/${album.album.id}/enhance`, { tier: "TIER_1K" }), 403, "FORBIDDEN");
  refused(await other.post("/api/albums/album_none/enhance", { tier: "TIER_1K" }), 404, "NOT_FOUND");
  refused(await other.json(`/api/albums/${album.album.id}`), 403);
  const mine = await uploaded(other);
  const { body: target } = await other.post("/api/albums", { name: "Theirs" });
  const { body: moved } = await other.post("/api/images/move-to-album",
    { imageIds: [image, mine, "img_none"], targetAlbumId: target.album.id });
  assert.deepEqual([moved.moved, moved.failed], [1, 2]);
  await settled(user, image);
});

test("every route asks who is there, and refuses a banned user", async () => {
  const banned = await signUp(server, "banned@example.org");
  const done = await tintype("admin", "user", "ban", "banned@example.org", "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  const routes = [["POST", "/api/images/upload"], ["POST", "/api/images/batch-upload"], ["GET", "/api/images"],
    ["GET", "/api/images/img_x"], ["DELETE", "/api/images/img_x"], ["POST", "/api/images/enhance"],
    ["POST", "/api/images/parallel-enhance"], ["POST", "/api/images/move-to-album"], ["GET", "/api/jobs/job_x"],
    ["GET", "/api/jobs/job_x/events"], ["POST", "/api/jobs/job_x/cancel"], ["GET", "/api/batches/b"],
    ["GET", "/api/albums"], ["POST", "/api/albums"], ["GET", "/api/albums/a"], ["PATCH", "/api/albums/a"],
    ["DELETE", "/api/albums/a"], ["POST", "/api/albums/a/enhance"], ["GET", "/api/tokens/balance"],
    ["GET", "/api/tokens/history"], ["GET", "/api/tokens/prices"]];
  for (const [method, path] of routes) {
    for (const [token, status] of [[null, 401], ["nonsense", 401], ["a.b.c", 401], [banned.token, 403]]) {
      const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(server.url + path, { method, headers });
      refused({ status: response.status, body: await response.json() }, status);
    }
  }
});

test("a long poll answers when a job changes", async () => {
  const image = await uploaded();
  await user.post("/api/images/enhance", { imageId: image, tier: "TIER_1K" });
  const seen = await settled(user, image);
  assert.equal(seen.jobs[0].status, "COMPLETED");
  const result = await fetch(seen.jobs[0].enhancedUrl.replace(/^http:\/\/[^/]+/, server.url));
  assert.equal(result.headers.get("content-type"), "image/png");
  assert.equal((await result.arrayBuffer()).byteLength, seen.jobs[0].enhancedSizeBytes);
  refused(await user.json(`/api/images/${image}?wait=1000`), 400);
});

test("events of a job run to its end", async () => {
  const image = await uploaded(user, scene(200, 150));
  const { body } = await user.post("/api/images/enhance", { imageId: image, tier: "TIER_2K" });
  const response = await user.fetch(`/api/jobs/${body.jobId}/events`);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const events = (await response.text()).split("\n\n").filter((text) => text.startsWith("event: job"))
    .map((text) => JSON.parse(text.split("\ndata: ")[1]));
  assert.equal(events.at(-1).status, "COMPLETED");
  assert.equal(events.at(-1).progress, 100);
  for (let at = 1; at < events.length; ++at) {
    assert.ok(events[at].status !== "PROCESSING" || events[at].progress >= events[at - 1].progress);
  }
});

test("cancelling gives the tokens back", async () => {
  const idle = await startServer({ workers: 0 });
  try {
    const someone = await signUp(idle);
    const image = await uploaded(someone);
    const { body: submitted } = await someone.post("/api/images/parallel-enhance",
      { imageId: image, tiers: ["TIER_4K", "TIER_1K"] });
    assert.deepEqual([submitted.totalCost, submitted.newBalance], [12, 88]);
    refused(await someone.post(`/api/jobs/${submitted.jobs[0].jobId}/cancel`, { why: "x" }), 400, "INVALID_INPUT");
    const { body: cancelled } = await someone.json(`/api/jobs/${submitted.jobs[0].jobId}/cancel`, { method: "POST" });
    assert.deepEqual([cancelled.job.status, cancelled.tokensReleased, cancelled.newBalance], ["CANCELLED", 10, 98]);
    refused(await someone.json(`/api/jobs/${submitted.jobs[0].jobId}/cancel`, { method: "POST" }), 409);
    const { body: now } = await someone.json("/api/tokens/balance");
    assert.deepEqual([now.balance, now.reserved, now.available], [100, 2, 98]);
    const { body: last } = await someone.post(`/api/jobs/${submitted.jobs[1].jobId}/cancel`, {});
    assert.deepEqual([last.job?.status, last.newBalance], ["CANCELLED", 100]);
  } finally {
    await idle.stop();
  }
});

test("a running job stops when it is cancelled", async () => {
  const image = await uploaded(user, scene(1500, 1100));
  let before, cancelled;
  do { // another, where one was done before the cancel came
    before = await balance(user);
    const { body } = await user.post("/api/images/enhance", { imageId: image, tier: "TIER_4K" });
    const events = (await user.fetch(`/api/jobs/${body.jobId}/events`)).body.getReader();
    for (let text = "", done = false; !done && !text.includes("PROCESSING"); ) {
      const piece = await events.read();
      done = piece.done;
      text += new TextDecoder().decode(piece.value);
    }
    cancelled = await user.json(`/api/jobs/${body.jobId}/cancel`, { method: "POST" });
    await events.cancel();
  } while (cancelled.status === 409);
  assert.equal(cancelled.status, 200);
  const now = await settled(user, image);
  assert.equal(now.jobs[0].status, "CANCELLED");
  assert.deepEqual(await balance(user), before);
});

test("too few tokens change nothing", async () => {
  const poor = await startServer({ set: { "wallet.initial": 6 }, workers: 0 });
  try {
    const someone = await signUp(poor);
    const image = await uploaded(someone);
    const answer = await someone.post("/api/images/parallel-enhance", { imageId: image, tiers: ["TIER_1K", "TIER_2K"] });
    refused(answer, 402, "INSUFFICIENT_TOKENS");
    assert.equal(answer.body.required, 7);
    assert.equal((await someone.json(`/api/images/${image}`)).body.image.jobs.length, 0);
    const { body } = await someone.post("/api/albums", { name: "All" });
    const second = await uploaded(someone);
    await someone.post("/api/images/move-to-album", { imageIds: [image, second], targetAlbumId: body.album.id });
    const batch = await someone.post(`/api/albums/${body.album.id}/enhance`, { tier: "TIER_2K" });
    refused(batch, 402);
    assert.deepEqual([batch.body.error, batch.body.required, batch.body.toEnhance], ["Insufficient tokens", 10, 2]);
    assert.equal((await someone.json("/api/tokens/balance")).body.available, 6);
  } finally {
    await poor.stop();
  }
});

test("an album is enhanced in order, and skipped the second time", async () => {
  const images = [await uploaded(), await uploaded(), await uploaded()];
  const { body: made } = await user.post("/api/albums", { name: "Order", description: "three" });
  const album = made.album.id;
  refused(await user.post(`/api/albums/${album}/enhance`, { tier: "TIER_1K" }), 404);
  await user.post("/api/images/move-to-album", { imageIds: images, targetAlbumId: album });
  const { body } = await user.post(`/api/albums/${album}/enhance`, { tier: "TIER_1K" });
  assert.deepEqual([body.totalImages, body.skipped, body.queued, body.totalCost], [3, 0, 3, 6]);
  assert.deepEqual(body.jobs.map((job) => job.imageId), images);
  assert.equal(new Set(body.jobs.map((job) => job.jobId)).size, 1);
  const started = [];
  for (const image of images) started.push((await settled(user, image)).jobs[0]);
  for (let at = 1; at < started.length; ++at) {
    assert.ok(started[at].processingStartedAt >= started[at - 1].processingCompletedAt);
  }
  const { body: batch } = await user.json(`/api/batches/${body.jobs[0].jobId}`);
  assert.deepEqual([batch.batch.status, batch.batch.completed], ["COMPLETED", 3]);
  const { body: again } = await user.post(`/api/albums/${album}/enhance`, { tier: "TIER_1K" });
  assert.deepEqual([again.skipped, again.queued, again.totalCost, again.jobs], [3, 0, 0, []]);
  const { body: changed } = await user.json(`/api/albums/${album}`, { method: "PATCH",
    headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "Renamed" }) });
  assert.equal(changed.album.name, "Renamed");
  const { body: first } = await user.json(`/api/albums/${album}?limit=2`);
  const { body: rest } = await user.json(`/api/albums/${album}?limit=2&cursor=${first.nextCursor}`);
  assert.deepEqual([...first.album.images, ...rest.album.images].map((image) => image.id), images);
  assert.equal(rest.nextCursor, null);
  assert.equal((await user.json(`/api/albums/${album}`, { method: "DELETE" })).status, 200);
  assert.equal((await user.json(`/api/images/${images[0]}`)).status, 200);
});

test("more than 20 images of an album are refused", async () => {
  const form = new FormData();
  for (let at = 0; at < 20; ++at) form.append("files", new Blob([scene(8, 8, at + 1)]), `${at}.png`);
  const response = await user.fetch("/api/images/batch-upload", { method: "POST", body: form });
  const ids = (await response.json()).results.map((result) => result.imageId);
  ids.push(await uploaded());
  const { body } = await user.post("/api/albums", { name: "Many" });
  await user.post("/api/images/move-to-album", { imageIds: ids, targetAlbumId: body.album.id });
  refused(await user.post(`/api/albums/${body.album.id}/enhance`, { tier: "TIER_1K" }), 400);
});

test("an Idempotency-Key gives the first answer again", async () => {
  const image = await uploaded();
  const key = { "Idempotency-Key": "key-1" };
  const body = { imageId: image, tier: "TIER_1K" };
  const answers = await Promise.all(Array.from({ length: 8 }, () => user.post("/api/images/enhance", body, key)));
  assert.equal(new Set(answers.map((answer) => answer.body.jobId)).size, 1);
  assert.equal((await settled(user, image)).jobs.length, 1);
  refused(await user.post("/api/images/enhance", { ...body, tier: "TIER_2K" }, key), 422, "IDEMPOTENCY_MISMATCH");
  const uploadKey = { "Idempotency-Key": "key-2" };
  const first = await upload(user, scene(30, 30), "same.png", {}, uploadKey);
  const second = await upload(user, scene(30, 30), "same.png", {}, uploadKey);
  assert.equal(second.body.image.id, first.body.image.id);
  assert.equal(second.headers.get("idempotency-replayed"), "true");
  assert.equal(second.headers.get("content-type"), first.headers.get("content-type"));
  refused(await upload(user, scene(31, 30), "same.png", {}, uploadKey), 422);
});

test("deleting takes files, jobs and links with it", async () => {
  const image = await uploaded();
  await user.post("/api/images/enhance", { imageId: image, tier: "TIER_1K" });
  const { url, jobs } = await settled(user, image);
  const own = (link) => link.replace(/^http:\/\/[^/]+/, server.url);
  assert.equal((await fetch(own(url))).status, 200);
  const { status, body } = await user.json(`/api/images/${image}`, { method: "DELETE" });
  assert.deepEqual([status, body], [200, { success: true, message: "Image deleted successfully" }]);
  for (const link of [url, jobs[0].enhancedUrl]) assert.equal((await fetch(own(link))).status, 404);
  refused(await user.json(`/api/images/${image}`), 404);
  refused(await user.json(`/api/jobs/${jobs[0].id}`), 404);
});

test("links cannot be changed, and answer ranges and tags", async () => {
  const bytes = scene(90, 60);
  const { body } = await upload(user, bytes);
  const link = body.image.url.replace(/^http:\/\/[^/]+/, server.url);
  const whole = await fetch(link);
  assert.equal(whole.headers.get("x-content-type-options"), "nosniff");
  assert.match(whole.headers.get("content-security-policy"), /sandbox/);
  assert.ok(Buffer.from(await whole.arrayBuffer()).equals(bytes));
  const part = await fetch(link, { headers: { Range: "bytes=10-19" } });
  assert.deepEqual([part.status, part.headers.get("content-range")], [206, `bytes 10-19/${bytes.length}`]);
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20)));
  assert.equal((await fetch(link, { headers: { Range: `bytes=${bytes.length}-` } })).status, 416);
  const tag = whole.headers.get("etag");
  assert.equal((await fetch(link, { headers: { "If-None-Match": tag } })).status, 304);
  const head = await fetch(link, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(bytes.length));
  for (const changed of [link.replace("Expires=", "Expires=1"), link + "&response-content-disposition=inline",
    link.replace("img_", "img_x"), link.replace(/Signature=./, "Signature=_")]) {
    assert.ok([403, 404].includes((await fetch(changed)).status), changed);
  }
});

test("lists go on where they left off", async () => {
  const reader = await signUp(server);
  const ids = [];
  for (let at = 0; at < 5; ++at) ids.push(await uploaded(reader, scene(9 + at, 9)));
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await reader.json(`/api/images?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.images.map((image) => image.id));
    cursor = body.nextCursor;
  }
  assert.deepEqual(seen, ids.reverse());
  refused(await reader.json("/api/images?limit=0"), 400);
  refused(await reader.json("/api/images?cursor=!!!"), 400);
});

test("the rate-limit table and its headers", async () => {
  const limited = await startServer({ workers: 0 });
  try {
    const someone = await signUp(limited);
    const image = await uploaded(someone);
    let answer;
    // No worker: the job never changes, and the wait runs to its end.
    await someone.post("/api/images/enhance", { imageId: image, tier: "TIER_1K" });
    const waited = await someone.json(`/api/images/${image}?wait=1`);
    for (let at = 1; at < 100; ++at) answer = await someone.json(`/api/images/${image}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-ratelimit-remaining"), "0");
    assert.equal(waited.headers.get("x-ratelimit-limit"), answer.headers.get("x-ratelimit-limit"));
    assert.equal(waited.headers.get("x-ratelimit-remaining"), "99");
    answer = await someone.json(`/api/images/${image}`);
    refused(answer, 429, "RATE_LIMIT");
    assert.equal(answer.body.error, "You've exceeded the rate limit");
    assert.equal(answer.headers.get("retry-after"), String(answer.body.retryAfter));
    assert.ok(Number(answer.headers.get("x-ratelimit-reset")) > Date.now() / 1000);
  } finally {
    await limited.stop();
  }
});

test("HEAD, OPTIONS, CORS, unknown addresses and methods", async () => {
  const open = await startServer({ set: { "cors.origins": "https://shop.example" }, workers: 0 });
  try {
    const preflight = await fetch(`${open.url}/api/images/enhance`, { method: "OPTIONS", headers: {
      Origin: "https://shop.example", "Access-Control-Request-Method": "POST" } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "https://shop.example");
    const stranger = await fetch(`${open.url}/healthz`, { headers: { Origin: "https://else.example" } });
    assert.equal(stranger.headers.get("access-control-allow-origin"), null);
    assert.equal((await fetch(`${open.url}/healthz`, { method: "HEAD" })).status, 200);
    const wrong = await fetch(`${open.url}/api/images/enhance`, { method: "PUT" });
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "POST, OPTIONS"]);
    assert.equal((await fetch(`${open.url}/api/nothing`)).status, 404);
  } finally {
    await open.stop();
  }
});

test("NextAuth's sign-in sets the cookie, and other sites cannot use it", async () => {
  const csrf = await fetch(`${server.url}/api/auth/csrf`);
  const { csrfToken } = await csrf.json();
  const cookie = csrf.headers.get("set-cookie").split(";")[0];
  const form = new URLSearchParams({ email: user.email, password: "correct horse battery", csrfToken, json: "true" });
  const signIn = (headers) => fetch(`${server.url}/api/auth/callback/credentials`, { method: "POST", body: form, headers });
  assert.equal((await signIn({})).status, 403);
  const signedIn = await signIn({ Cookie: cookie });
  assert.equal(signedIn.status, 200);
  const session = signedIn.headers.get("set-cookie");
  assert.match(session, /^next-auth\.session-token=.*HttpOnly; SameSite=Lax/);
  const jar = `${cookie}; ${session.split(";")[0]}`;
  const who = await (await fetch(`${server.url}/api/auth/session`, { headers: { Cookie: jar } })).json();
  assert.equal(who.user.email, user.email);
  const create = (headers) => fetch(`${server.url}/api/albums`, { method: "POST",
    headers: { Cookie: jar, "Content-Type": "application/json", ...headers }, body: '{"name":"x"}' });
  assert.equal((await create({})).status, 200);
  assert.equal((await create({ Origin: server.url })).status, 200);
  assert.equal((await create({ Origin: "https://evil.example" })).status, 403);
  assert.equal((await create({ "Sec-Fetch-Site": "cross-site" })).status, 403);
  const out = await fetch(`${server.url}/api/auth/signout`, { method: "POST", headers: { Cookie: jar },
    body: new URLSearchParams({ csrfToken, json: "true" }) });
  assert.equal(out.status, 200);
  assert.deepEqual(await (await fetch(`${server.url}/api/auth/session`, { headers: { Cookie: jar } })).json(), {});
});

test("SIGTERM lets what runs finish and gives jobs back", async () => {
  const ending = await startServer({ set: { "server.drain_seconds": 1 } });
  const someone = await signUp(ending);
  const image = await uploaded(someone, scene(1500, 1100));
  await someone.post("/api/images/enhance", { imageId: image, tier: "TIER_4K" });
  const waiting = someone.json(`/api/images/${image}?wait=25`).then(() => someone.json(`/api/images/${image}?wait=25`));
  waiting.catch(() => {});
  const { code, signal } = await ending.stop();
  assert.deepEqual([code, signal], [0, null], ending.logs.slice(-5).join("\n"));
});
