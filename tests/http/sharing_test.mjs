// Albums and shares on the hosting surface, and what is behind a share's link, on the real program.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";

const kBrowser = "text/html,application/xhtml+xml,image/webp,*/*;q=0.8";
const kProgram = "application/json";

let server, ann, bob;

before(async () => {
  server = await startServer({ set: { "wallet.initial": 500, "limits.enabled": false } });
  [ann, bob] = [await signUp(server), await signUp(server)];
});
after(() => server.stop());

const refused = ({ status, headers, body }, expected, code) => {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(headers.get("content-type"), /^application\/problem\+json/);
  assert.equal(body.code, code);
  assert.ok(body.detail && body.suggestion);
};
const remove = (user, path) => user.json(path, { method: "DELETE" });
const patch = (user, path, body) =>
  user.json(path, { method: "PATCH", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
const uploaded = async (user, seed = 1, [width, height] = [64, 48]) =>
  (await upload(user, scene(width, height, seed))).body.image.id;
const album = async (user, fields = {}) =>
  (await user.post("/v1/albums", { title: "Summer", ...fields })).body.album_id;
const imagesOf = async (user, id, limit = 100) => {
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await user.json(`/v1/albums/${id}/images?limit=${limit}${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.images.map((image) => image.image_id));
    cursor = body.next_cursor;
  }
  return seen;
};
const share = async (user, path, fields = {}) => {
  const answer = await user.post(`/v1/${path}/shares`, { type: "link", ...fields });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
};
// A visitor's look, with no credential.
const visit = async (path, { accept = kBrowser, ...options } = {}) => {
  const answer = await fetch(server.url + path,
    { redirect: "manual", ...options, headers: { Accept: accept, ...options.headers } });
  const text = await answer.text();
  const json = /json/.test(answer.headers.get("content-type") ?? "");
  return { status: answer.status, headers: answer.headers, text, body: json ? JSON.parse(text) : undefined };
};
const nobody = {
  json: async (path, options = {}) => {
    const answer = await fetch(server.url + path, options);
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  },
};

test("an album is made, shown, changed and deleted", async () => {
  const made = await ann.post("/v1/albums", { title: "Sea", description: "Far out" });
  assert.equal(made.status, 201);
  const { body } = made;
  assert.deepEqual(Object.keys(body), ["album_id", "title", "description", "visibility", "image_count",
    "cover_image_id", "created_at_ms", "updated_at_ms"]);
  assert.deepEqual([body.title, body.description, body.visibility, body.image_count, body.cover_image_id],
    ["Sea", "Far out", "private", 0, null]);
  const path = `/v1/albums/${body.album_id}`;
  assert.deepEqual((await ann.json(path)).body, body);
  assert.ok((await ann.json("/v1/albums")).body.albums.some((one) => one.album_id === body.album_id));
  const changed = await patch(ann, path, { title: "Ocean", description: null, visibility: "public" });
  assert.deepEqual([changed.body.title, changed.body.description, changed.body.visibility], ["Ocean", null, "public"]);
  refused(await patch(ann, path, {}), 400, "INVALID_INPUT");
  refused(await patch(ann, path, { owner_id: "me" }), 400, "INVALID_INPUT");
  refused(await patch(ann, path, { visibility: "secret" }), 400, "INVALID_INPUT");
  refused(await ann.post("/v1/albums", { title: "" }), 400, "INVALID_INPUT");
  refused(await ann.post("/v1/albums", { name: "Sea" }), 400, "INVALID_INPUT");
  assert.deepEqual((await remove(ann, path)).body, { deleted: true });
  refused(await ann.json(path), 404, "NOT_FOUND");
});

test("images are put in, taken out, put in order and on the cover", async () => {
  const id = await album(ann);
  const ids = [await uploaded(ann, 1), await uploaded(ann, 2), await uploaded(ann, 3)];
  const theirs = await uploaded(bob);
  const { body: added } = await ann.post(`/v1/albums/${id}/images`,
    { image_ids: [...ids, theirs, "img_none", ids[0]] });
  assert.deepEqual([added.added, added.failed], [3, 2]);
  assert.deepEqual(added.results.map((one) => one.status),
    ["added", "added", "added", "not_found", "not_found", "already_in_album"]);
  assert.deepEqual(await imagesOf(ann, id, 2), ids);
  const moved = await ann.post(`/v1/albums/${id}/images:move`, { image_ids: [ids[2], theirs], before: ids[0] });
  assert.deepEqual(moved.body.results.map((one) => one.status), ["moved", "not_found"]);
  assert.deepEqual(await imagesOf(ann, id), [ids[2], ids[0], ids[1]]);
  await ann.post(`/v1/albums/${id}/images:move`, { image_ids: [ids[2]], after: ids[1] });
  assert.deepEqual(await imagesOf(ann, id), ids);
  for (const body of [{ image_ids: [ids[0]] }, { image_ids: [ids[0]], before: ids[1], after: ids[2] },
    { image_ids: [ids[0]], before: ids[0] }, { image_ids: [], before: ids[0] },
    { image_ids: Array(101).fill("x"), before: ids[0] }]) {
    refused(await ann.post(`/v1/albums/${id}/images:move`, body), 400, "INVALID_INPUT");
  }
  refused(await ann.post(`/v1/albums/${id}/images:move`, { image_ids: [ids[0]], after: "img_none" }), 404, "NOT_FOUND");
  assert.equal((await ann.json(`/v1/albums/${id}`)).body.cover_image_id, ids[0]);
  assert.equal((await patch(ann, `/v1/albums/${id}`, { cover_image_id: ids[1] })).body.cover_image_id, ids[1]);
  refused(await patch(ann, `/v1/albums/${id}`, { cover_image_id: theirs }), 400, "INVALID_INPUT");
  assert.equal((await patch(ann, `/v1/albums/${id}`, { cover_image_id: null })).body.cover_image_id, ids[0]);
  assert.deepEqual((await remove(ann, `/v1/albums/${id}/images/${ids[1]}`)).body, { removed: true });
  refused(await remove(ann, `/v1/albums/${id}/images/${ids[1]}`), 404, "NOT_FOUND");
  assert.equal((await ann.json(`/v1/albums/${id}`)).body.image_count, 2);
});

test("others see a public album with its public images, and nothing else", async () => {
  const id = await album(ann);
  const ids = [await uploaded(ann, 4), await uploaded(ann, 5)];
  await ann.post(`/v1/albums/${id}/images`, { image_ids: ids });
  for (const who of [bob, nobody]) {
    refused(await who.json(`/v1/albums/${id}`), 404, "NOT_FOUND");
    refused(await who.json(`/v1/albums/${id}/images`), 404, "NOT_FOUND");
  }
  await patch(ann, `/v1/albums/${id}`, { visibility: "public" });
  await patch(ann, `/v1/images/${ids[1]}`, { visibility: "public" });
  for (const who of [bob, nobody]) {
    const { body } = await who.json(`/v1/albums/${id}`);
    assert.deepEqual([body.image_count, body.cover_image_id], [1, ids[1]]);
    const { body: seen } = await who.json(`/v1/albums/${id}/images`);
    assert.deepEqual(seen.images.map((image) => image.image_id), [ids[1]]);
    assert.ok(!("filename" in seen.images[0]), "a file's name is its owner's business");
  }
});

test("every route asks who is there, and knows nothing of somebody else's", async () => {
  const id = await album(ann);
  const image = await uploaded(ann);
  const { share_id: shareId } = await share(ann, `albums/${id}`);
  const routes = [["POST", "/v1/albums", { title: "x" }], ["GET", "/v1/albums"], ["GET", "/v1/shares"],
    ["PATCH", `/v1/albums/${id}`, { title: "x" }, 404], ["DELETE", `/v1/albums/${id}`, undefined, 404],
    ["POST", `/v1/albums/${id}/images`, { image_ids: [image] }, 404],
    ["POST", `/v1/albums/${id}/images:move`, { image_ids: [image], before: "img_x" }, 404],
    ["DELETE", `/v1/albums/${id}/images/${image}`, undefined, 404],
    ["POST", `/v1/images/${image}/shares`, { type: "link" }, 404],
    ["GET", `/v1/images/${image}/shares`, undefined, 404],
    ["DELETE", `/v1/images/${image}/shares/${shareId}`, undefined, 404],
    ["POST", `/v1/albums/${id}/shares`, { type: "link" }, 404], ["GET", `/v1/albums/${id}/shares`, undefined, 404],
    ["DELETE", `/v1/albums/${id}/shares/${shareId}`, undefined, 404]];
  for (const [method, path, body, foreign] of routes) {
    const options = { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    refused(await nobody.json(path, options), 401, "UNAUTHORIZED");
    if (foreign) refused(await bob.json(path, options), foreign, "NOT_FOUND");
  }
  assert.deepEqual((await bob.json("/v1/shares")).body, { shares: [], next_cursor: null });
});

test("a share is answered as the contract shows it, and its token once", async () => {
  const image = await uploaded(ann);
  const key = { "Idempotency-Key": `share-${image}` };
  const body = { type: "link", role: "viewer", expires_in_sec: 86400 };
  const first = await ann.post(`/v1/images/${image}/shares`, body, key);
  assert.equal(first.status, 201);
  assert.match(first.body.token, /^t_[0-9A-Za-z]{22}$/);
  assert.ok(first.body.url.endsWith(`/s/${first.body.token}`));
  assert.ok(Math.abs(first.body.expires_at_ms - Date.now() - 86400_000) < 60_000);
  assert.deepEqual([first.body.role, first.body.has_password, first.body.view_count], ["viewer", false, 0]);
  const again = await ann.post(`/v1/images/${image}/shares`, body, key);
  assert.deepEqual(again.body, { ...first.body, token: null, url: null }, "no secret is kept");
  const { body: listed } = await ann.json(`/v1/images/${image}/shares`);
  assert.equal(listed.shares.length, 1);
  assert.ok(!("token" in listed.shares[0]));
  for (const wrong of [{}, { type: "mail" }, { type: "link", role: "owner" }, { type: "link", expires_in_sec: 0 },
    { type: "link", password: "abc" }, { type: "link", more: 1 }]) {
    refused(await ann.post(`/v1/images/${image}/shares`, wrong), 400, "INVALID_INPUT");
  }
});

test("revoking holds from the next request on", async () => {
  const image = await uploaded(ann);
  const { share_id: id, token } = await share(ann, `images/${image}`);
  assert.equal((await visit(`/s/${token}`)).status, 200);
  assert.deepEqual((await remove(ann, `/v1/images/${image}/shares/${id}`)).body, { revoked: true });
  const gone = await visit(`/s/${token}`);
  assert.equal(gone.status, 404);
  assert.match(gone.text, /does not work/);
  for (const below of ["thumb", "large", "download", image]) {
    assert.equal((await visit(`/s/${token}/${below}`)).status, 404);
  }
  refused(await visit(`/s/${token}`, { accept: kProgram }), 404, "NOT_FOUND");
  refused(await remove(ann, `/v1/images/${image}/shares/${id}`), 404, "NOT_FOUND");
});

test("the page escapes what users write, and lets in nothing but itself", async () => {
  const nasty = `<script>alert("1")</script> & 'quoted'`;
  const id = await album(ann, { title: nasty, description: `${nasty}\nsecond line` });
  const image = await uploaded(ann);
  await patch(ann, `/v1/images/${image}`, { title: `"><img src=x onerror=alert(1)>` });
  await ann.post(`/v1/albums/${id}/images`, { image_ids: [image] });
  const { token } = await share(ann, `albums/${id}`);
  for (const path of [`/s/${token}`, `/s/${token}/${image}`]) {
    const { status, headers, text } = await visit(path);
    assert.equal(status, 200);
    assert.doesNotMatch(text, /<script|<img src=x|onerror=alert\(1\)>/);
    assert.doesNotMatch(text, / style=/);
    const style = text.match(/<style>([^]*?)<\/style>/)[1];
    const hash = createHash("sha256").update(style).digest("base64");
    assert.equal(headers.get("content-security-policy"),
      `default-src 'none'; img-src 'self'; style-src 'sha256-${hash}'; ` +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    assert.match(headers.get("x-robots-tag"), /noindex/);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(text, /<meta property="og:title" content="&/);
    assert.ok(!text.includes(ann.email));
  }
});

test("a program gets JSON, in pages", async () => {
  const id = await album(ann, { title: "Three" });
  const ids = [await uploaded(ann, 6), await uploaded(ann, 7), await uploaded(ann, 8)];
  await ann.post(`/v1/albums/${id}/images`, { image_ids: ids });
  const { token } = await share(ann, `albums/${id}`);
  const { status, headers, body } = await visit(`/s/${token}?limit=2`, { accept: kProgram });
  assert.equal(status, 200);
  assert.match(headers.get("cache-control"), /no-cache/);
  assert.deepEqual(body.share, { type: "album", role: "viewer", title: "Three", description: null, owner_name: null,
    image_count: 3, expires_at_ms: null });
  assert.deepEqual(Object.keys(body.images[0]),
    ["image_id", "title", "description", "width", "height", "thumb_hash", "variants"]);
  const next = await visit(`/s/${token}?limit=2&cursor=${body.next_cursor}`, { accept: kProgram });
  assert.deepEqual([...body.images, ...next.body.images].map((image) => image.image_id), ids);
  assert.equal(next.body.next_cursor, null);
  refused(await visit(`/s/${token}?cursor=nonsense`, { accept: kProgram }), 400, "INVALID_INPUT");
  const one = await visit(`/s/${token}/${ids[1]}`, { accept: kProgram });
  assert.deepEqual(one.body.images.map((image) => image.image_id), [ids[1]]);
});

test("pictures are sent as the client reads them, and a downloader gets a copy without metadata", async () => {
  const own = await startServer();
  try {
    const user = await signUp(own);
    const image = await uploaded(user, 9, [640, 480]);
    await own.logged("job_succeeded", { operation: "variants" });
    const viewer = await share(user, `images/${image}`);
    const downloader = await share(user, `images/${image}`, { role: "downloader" });
    const get = (path, headers = {}) => fetch(`${own.url}/s/${path}`, { headers });
    const thumb = await get(`${viewer.token}/thumb`, { Accept: "image/webp,*/*" });
    assert.equal(thumb.status, 200);
    assert.equal(thumb.headers.get("content-type"), "image/webp");
    assert.match(thumb.headers.get("vary"), /Accept/);
    assert.equal(thumb.headers.get("cache-control"), "private, no-cache");
    assert.equal((await get(`${viewer.token}/thumb`, { Accept: "*/*" })).headers.get("content-type"), "image/jpeg");

    const copy = await get(`${downloader.token}/download`);
    assert.equal(copy.status, 200, "whoever asks for it waits until it is made");
    assert.match(copy.headers.get("content-disposition"), /^attachment; filename="(?!photo)[^"]*\.png"/);
    assert.equal(copy.headers.get("content-type"), "image/png");
    assert.equal((await get(`${viewer.token}/download`, { Accept: kProgram })).status, 403);
    const text = await (await get(downloader.token, { Accept: kBrowser })).text();
    assert.match(text, /srcset="[^"]*\/thumb 200w/);
    assert.match(text, /download>Download/);
    for (const path of ["original", "published", `${image}/thumb`, "640x480-cover-q80"]) {
      assert.equal((await get(`${downloader.token}/${path}`)).status, 404, path);
    }

    const known = { Accept: "image/webp", "If-None-Match": thumb.headers.get("etag") };
    assert.equal((await get(`${viewer.token}/thumb`, known)).status, 304);
    await remove(user, `/v1/images/${image}/shares/${viewer.share_id}`);
    assert.equal((await get(`${viewer.token}/thumb`, known)).status, 404, "a browser's own copy is no way around");
  } finally {
    await own.stop();
  }
});

test("an album's pictures are those that are in it", async () => {
  const id = await album(ann);
  const [inside, outside] = [await uploaded(ann, 10), await uploaded(ann, 11)];
  await ann.post(`/v1/albums/${id}/images`, { image_ids: [inside] });
  const { token } = await share(ann, `albums/${id}`, { role: "downloader" });
  assert.equal((await visit(`/s/${token}/${inside}`)).status, 200);
  assert.equal((await visit(`/s/${token}/${inside}/download`)).status, 200);
  for (const path of [outside, `${outside}/thumb`, `${outside}/download`, "thumb", "download"]) {
    assert.equal((await visit(`/s/${token}/${path}`)).status, 404, path);
  }
  await remove(ann, `/v1/albums/${id}/images/${inside}`);
  assert.equal((await visit(`/s/${token}/${inside}/download`)).status, 404);
  assert.match((await visit(`/s/${token}`)).text, /no picture here/);
});

test("for one address so many copies are made in a minute, through whatever link", async () => {
  const small = await startServer({ set: { "limits.renditions_per_minute": 1 }, workers: 0 });
  try {
    const user = await signUp(small);
    const id = await album(user);
    const images = [await uploaded(user, 20), await uploaded(user, 21)];
    await user.post(`/v1/albums/${id}/images`, { image_ids: images });
    const { token } = await share(user, `albums/${id}`, { role: "downloader" });
    const download = (image) => fetch(`${small.url}/s/${token}/${image}/download`, { headers: { Accept: kProgram } });
    assert.equal((await download(images[0])).status, 200);
    const refused = await download(images[1]);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal((await download(images[0])).status, 200, "what was made can be had at any time");
  } finally {
    await small.stop();
  }
});

test("a password is asked for, by people and programs", async () => {
  const image = await uploaded(ann);
  const { token } = await share(ann, `images/${image}`, { password: "open sesame" });
  const path = `/s/${token}`;
  const asked = await visit(path);
  assert.equal(asked.status, 401);
  assert.match(asked.text, /type="password"/);
  assert.doesNotMatch(asked.text, /og:/);
  for (const below of ["thumb", "large"]) assert.equal((await visit(`${path}/${below}`)).status, 401);
  refused(await visit(path, { accept: kProgram }), 401, "UNAUTHORIZED");
  const enter = (password) => visit(path, { method: "POST", body: new URLSearchParams({ password }) });
  const wrong = await enter("sesame");
  assert.equal(wrong.status, 401);
  assert.match(wrong.text, /role="alert"/);
  assert.equal(wrong.headers.get("set-cookie"), null);
  const right = await enter("open sesame");
  assert.deepEqual([right.status, right.headers.get("location")], [303, path]);
  const [cookie, ...attributes] = right.headers.get("set-cookie").split("; ");
  assert.deepEqual(attributes.slice(0, 3), [`Path=${path}`, "HttpOnly", "SameSite=Lax"]);
  assert.equal((await visit(path, { headers: { Cookie: cookie } })).status, 200);
  const [name, value] = cookie.split("=");
  const later = value.replace(/^\d+/, (digits) => String(Number(digits) + 1));
  for (const forged of [`${name}=${later}`, `${name}=${value}x`, `${name}=`, `${name}=9999999999999.x`]) {
    assert.equal((await visit(path, { headers: { Cookie: forged } })).status, 401, forged);
  }
  const other = await share(ann, `images/${image}`, { password: "open sesame" });
  assert.equal((await visit(`/s/${other.token}`, { headers: { Cookie: cookie } })).status, 401);
  const program = await visit(path, { method: "POST", accept: kProgram,
    body: JSON.stringify({ password: "open sesame" }), headers: { "Content-Type": "application/json" } });
  assert.deepEqual(program.body, { entered: true });
  let status;
  do ({ status } = await enter("guess")); while (status === 401);
  assert.equal(status, 429);
});

test("what is deleted, and whose owner is banned, is shared no more", async () => {
  const carl = await signUp(server);
  const [image, kept] = [await uploaded(carl), await uploaded(carl)];
  const id = await album(carl);
  const ofImage = await share(carl, `images/${image}`), ofKept = await share(carl, `images/${kept}`);
  const ofAlbum = await share(carl, `albums/${id}`);
  await remove(carl, `/v1/images/${image}`);
  assert.equal((await visit(`/s/${ofImage.token}`)).status, 404);
  assert.equal((await carl.json(`/v1/images/${image}:undelete`, { method: "POST" })).status, 200);
  assert.equal((await visit(`/s/${ofImage.token}`)).status, 200, "its links come back with it");
  await remove(carl, `/v1/albums/${id}`);
  assert.equal((await visit(`/s/${ofAlbum.token}`)).status, 404);
  const banned = await tintype("admin", "user", "ban", carl.email, "--data", server.dataDir);
  assert.equal(banned.code, 0, banned.stderr);
  assert.equal((await visit(`/s/${ofKept.token}`)).status, 404);
});

test("no token of a share is ever written to the log", async () => {
  const own = await startServer({ set: { "log.access": true, "log.level": "debug" } });
  try {
    const user = await signUp(own);
    const { token } = await share(user, `images/${await uploaded(user)}`, { password: "sesame" });
    for (const path of ["", "/thumb", "/download", "/a/thumb", "/a/b/c"]) await fetch(`${own.url}/s/${token}${path}`);
    await fetch(`${own.url}/s/${token}`, { method: "POST", body: new URLSearchParams({ password: "sesame" }) });
    await fetch(`${own.url}/s/${token}`, { method: "PUT" });
    await fetch(`${own.url}/healthz`);
    await own.logged("request", { path: "/healthz" });
    assert.ok(own.logs.some((line) => line.includes('"/s/{token}"')), own.logs.at(-1));
    for (const line of own.logs) assert.ok(!line.includes(token), line);
  } finally {
    await own.stop();
  }
});

test("looks by others are counted, and written when the program ends", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-test-"));
  try {
    const first = await startServer({ dataDir });
    const dora = await signUp(first);
    const image = await uploaded(dora);
    const { token } = await share(dora, `images/${image}`);
    const look = (options) => fetch(`${first.url}/s/${token}`, options);
    for (let at = 0; at < 3; ++at) assert.equal((await look()).status, 200);
    assert.equal((await dora.fetch(`/s/${token}`)).status, 200);
    assert.equal((await look({ method: "HEAD" })).status, 200);
    await first.stop();
    const second = await startServer({ dataDir });
    const later = { headers: { Authorization: `Bearer ${dora.token}` } };
    const { shares } = await (await fetch(`${second.url}/v1/shares`, later)).json();
    assert.equal(shares[0].view_count, 3);
    assert.equal((await (await fetch(`${second.url}/v1/images/${image}`, later)).json()).view_count, 3);
    await second.stop();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
