// Who gets which picture by which URL, and how renditions on request are made, on the real program.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { segments, withPlace } from "../support/jpeg.mjs";
import { png, scene } from "../support/pictures.mjs";
import { root, signUp, startServer, tintype, upload } from "../support/server.mjs";

const kSecret = "52 degrees 31 minutes north";
const kBrowser = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

let server, ann, bob;

before(async () => {
  server = await startServer();
  [ann, bob] = [await signUp(server), await signUp(server)];
});
after(() => server.stop());

// A target as it stands, without what fetch() makes of it: {status, headers, body}.
function raw(base, target, { method = "GET", headers = {} } = {}) {
  const { hostname, port } = new URL(base);
  return new Promise((done, failed) => {
    const sent = request({ hostname, port, method, path: target, headers }, async (answer) => {
      const pieces = [];
      for await (const piece of answer) pieces.push(piece);
      done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) });
    });
    sent.once("error", failed);
    sent.end();
  });
}
const targetOf = (url) => url.slice(url.indexOf("/", url.indexOf("://") + 3));
const get = (url, headers = {}, base = server.url) => raw(base, targetOf(url), { headers });

const nobody = { json: async (path, options = {}) => {
  const answer = await fetch(server.url + path, options);
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
} };
const view = (who, id, query = "", headers = {}) => who.json(`/v1/images/${id}:view${query}`, { headers });
const download = (who, id, query = "") => who.json(`/v1/images/${id}:download${query}`);
const change = (who, id, fields) => who.json(`/v1/images/${id}`, {
  method: "PATCH", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } });

async function uploaded(who, bytes = scene(), name = "photo.png", visibility = "private") {
  const { body } = await upload(who, bytes, name);
  assert.ok(body.image, JSON.stringify(body));
  if (visibility !== "private") assert.equal((await change(who, body.image.id, { visibility })).status, 200);
  return body.image.id;
}

const formatOf = (bytes) =>
  bytes.subarray(0, 3).toString("hex") === "ffd8ff" ? "jpeg"
  : bytes.subarray(1, 4).toString() === "PNG" ? "png"
  : bytes.subarray(8, 12).toString() === "WEBP" ? "webp"
  : bytes.subarray(4, 12).toString() === "ftypavif" ? "avif" : "?";

const refused = (answer, status, code, saying = /./) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get?.("content-type") ?? answer.headers["content-type"], /^application\/problem\+json/);
  const body = Buffer.isBuffer(answer.body) ? JSON.parse(answer.body) : answer.body;
  assert.equal(body.code, code);
  assert.match(body.detail, saying);
};
// How many renditions of an image were made: the log keeps its order, and another's line comes behind all of them.
async function madeOf(id) {
  const last = await uploaded(ann);
  await get((await view(ann, last, "?w=7")).body.url);
  await server.logged("rendition_made", { image: last });
  return server.logs.filter((line) => line.includes('"event":"rendition_made"') && line.includes(id)).length;
}
// A JPEG, drawn by the server itself.
async function jpeg(who = ann, picture = scene(320, 240)) {
  const { body } = await view(who, await uploaded(who, picture), "?w=4096&format=jpeg");
  return (await get(body.url)).body;
}

test("the answer is the contract's, and says what will come", async () => {
  const id = await uploaded(ann, scene(640, 480));
  const { status, body, headers } = await view(ann, id);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ["url", "expires_in_sec", "width", "height", "format", "variant"]);
  assert.equal(body.expires_in_sec, 300);
  assert.deepEqual([body.width, body.height, body.format, body.variant], [640, 480, "jpeg", "large"]);
  assert.equal(headers.get("cache-control"), "private, no-store");
  const picture = await get(body.url);
  assert.equal(picture.status, 200);
  assert.equal(formatOf(picture.body), "jpeg");
  assert.equal(picture.headers["x-content-type-options"], "nosniff");
  for (const [query, format, width] of [["?variant=thumb", "webp", 200], ["?variant=medium", "webp", 640],
    ["?variant=large&format=jpeg", "jpeg", 640], ["?variant=thumb&format=avif", "avif", 200]]) {
    const asked = await view(ann, id, query, { Accept: kBrowser });
    assert.deepEqual([asked.body.format, asked.body.width], [format, width], query);
    assert.equal(formatOf((await get(asked.body.url)).body), format, query);
  }
});

test("what a query says wrongly is named", async () => {
  const id = await uploaded(ann);
  for (const [query, saying] of [
    ["?variant=huge", /variant must be/], ["?variant=published", /variant must be/], ["?size=3", /no parameter 'size'/],
    ["?variant=thumb&variant=large", /variant stands more than once/], ["?variant=thumb&w=3", /not by both/],
    ["?w=0", /w must be a whole number/], ["?w=4.5", /w must be/], ["?h=-3", /h must be/], ["?w=9999999", /w must be/],
    ["?w=10&q=101", /q must be/], ["?w=10&fit=fill", /fit must be/], ["?w=10&fit=cover", /both w and h/],
    ["?w=10&dpr=9", /dpr must be/], ["?w=10&dpr=1.234", /dpr must be/], ["?w=10&dpr=", /dpr must be/],
    ["?w=10&format=gif", /format must be/], ["?format=jpg", /format must be/],
    ["?variant=original&format=webp", /original is had as png alone/]]) {
    refused(await view(ann, id, query), 400, "INVALID_INPUT", saying);
  }
  refused(await download(ann, id, "?w=10"), 400, "INVALID_INPUT", /no parameter 'w'/);
});

test("every right: owner, stranger, nobody; private, public, deleted, missing", async () => {
  const id = await uploaded(ann);
  for (const ask of [view, download]) {
    assert.equal((await ask(ann, id)).status, 200);
    for (const who of [bob, nobody]) {
      const foreign = await ask(who, id), missing = await ask(who, "img_missing");
      refused(foreign, 404, "NOT_FOUND", /^Image not found$/);
      refused(missing, 404, "NOT_FOUND", /^Image not found$/);
    }
    assert.equal((await ask({ json: (path) => nobody.json(path, { headers: { Authorization: "Bearer wrong" } }) }, id))
      .status, 401);
  }
  await change(ann, id, { visibility: "public" });
  for (const who of [ann, bob, nobody]) {
    for (const ask of [view, download]) {
      const { status, body } = await ask(who, id);
      assert.equal(status, 200);
      assert.equal((await get(body.url)).status, 200);
    }
  }
  const { body: rendition } = await view(nobody, id, "?w=33");
  await ann.fetch(`/v1/images/${id}`, { method: "DELETE" });
  for (const ask of [view, download]) {
    refused(await ask(bob, id), 404, "NOT_FOUND", /^Image not found$/);
    refused(await ask(nobody, id), 404, "NOT_FOUND", /^Image not found$/);
    refused(await ask(ann, id), 404, "NOT_FOUND", /was deleted/);
  }
  refused(await get(rendition.url), 404, "NOT_FOUND");
});

test("an image that was only announced is a conflict for its owner and nothing for others", async () => {
  const { body } = await ann.post("/v1/images",
    { filename: "cat.png", content_type: "image/png", size_bytes: 100, visibility: "public" });
  refused(await view(ann, body.image_id), 409, "CONFLICT", /not arrived yet/);
  refused(await view(nobody, body.image_id), 404, "NOT_FOUND");
});

test("no place on Earth and no other metadata reaches who is not the owner", async () => {
  const original = withPlace(await jpeg(), 6, kSecret);
  const id = await uploaded(ann, original, "trip.jpg", "public");
  const own = await get((await download(ann, id)).body.url);
  assert.deepEqual(own.body, original, "the owner has what he uploaded");
  for (const who of [bob, nobody]) {
    for (const asked of [await download(who, id), await view(who, id, "?variant=original")]) {
      assert.deepEqual([asked.body.format, asked.body.width, asked.body.height], ["jpeg", 240, 320]);
      const { status, body } = await get(asked.body.url);
      assert.equal(status, 200);
      assert.ok(!body.includes(kSecret));
      const exif = segments(body).filter(({ marker }) => marker === 0xe1);
      assert.deepEqual(exif.map(({ payload }) => payload.length), [32], "an orientation alone");
      assert.ok(segments(body).every(({ marker }) => marker !== 0xfe));
    }
    for (const query of ["", "?variant=thumb", "?variant=medium&format=webp", "?w=100&format=png",
      "?w=100&format=avif", "?w=100&format=jpeg"]) {
      const { body } = await get((await view(who, id, query)).body.url);
      assert.ok(!body.includes(kSecret) && !body.includes("GPS") && !body.includes("Exif"), query);
    }
  }
});

test("a download is saved under the file's name by its owner, and under none of his by others", async () => {
  const id = await uploaded(ann, scene(), "Kätzchen № 1.png", "public");
  for (const [who, query, name] of [[ann, "", "Kätzchen № 1.png"], [bob, "", `${id}.png`],
    [ann, "?variant=thumb&format=webp", "Kätzchen № 1-thumb.webp"],
    [nobody, "?variant=large&format=png", `${id}-large.png`]]) {
    const { status, body } = await download(who, id, query);
    assert.equal(status, 200, JSON.stringify(body));
    const { headers } = await get(body.url);
    const disposition = headers["content-disposition"];
    assert.match(disposition, /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''/);
    assert.equal(decodeURIComponent(disposition.split("filename*=UTF-8''")[1]), name);
  }
});

test("a rendition is made as it was wished, and never larger than the picture", async () => {
  const id = await uploaded(ann, scene(400, 300));
  for (const [query, width, height] of [["?w=100", 100, 75], ["?h=100", 133, 100], ["?w=50&h=50", 50, 38],
    ["?w=50&h=50&fit=cover", 50, 50], ["?w=50&h=50&fit=cover&dpr=2", 100, 100], ["?w=50&dpr=1.5", 75, 56],
    ["?w=4000", 400, 300], ["?w=1000&h=1000&fit=cover", 300, 300], ["?q=10", 400, 300]]) {
    const { body } = await view(ann, id, `${query}&format=png`);
    assert.deepEqual([body.width, body.height, body.format], [width, height, "png"], query);
    const { status, body: bytes } = await get(body.url);
    assert.equal(status, 200, query);
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [width, height], query);
  }
});

test("format=auto is found when it is fetched", async () => {
  const opaque = await uploaded(ann, scene(64, 48));
  const clear = await uploaded(ann, png(64, 48, (x, y) => [x * 3, y * 4, 90, x * 4]));
  for (const [id, accept, format] of [
    [opaque, kBrowser, "avif"], [opaque, "image/webp,*/*", "webp"], [opaque, "*/*", "jpeg"], [opaque, undefined, "jpeg"],
    [opaque, "image/avif;q=0, image/webp;q=0.1", "webp"], [clear, kBrowser, "avif"], [clear, "image/webp", "webp"],
    [clear, "*/*", "png"]]) {
    const { body } = await view(ann, id, "?w=32");
    assert.equal(body.format, "auto");
    const answer = await get(body.url, accept ? { Accept: accept } : {});
    assert.equal(answer.status, 200, `${accept}`);
    assert.equal(answer.headers["content-type"], `image/${format}`, `${accept}`);
    assert.equal(formatOf(answer.body), format);
    assert.equal(answer.headers.vary, "Accept");
  }
  const { body } = await view(ann, opaque, "?w=32&format=webp");
  assert.equal((await get(body.url)).headers.vary, undefined);
});

test("a rendition is made once, however many ask and however it was wished", async () => {
  const id = await uploaded(ann, scene(800, 600));
  const url = (await view(ann, id, "?w=300&format=webp")).body.url;
  const answers = await Promise.all(Array.from({ length: 30 }, () => get(url)));
  for (const { status, body } of answers) {
    assert.equal(status, 200);
    assert.deepEqual(body, answers[0].body);
  }
  assert.equal(await madeOf(id), 1);
  for (const query of ["?w=300&format=webp", "?w=200&dpr=1.5&format=webp", "?w=300&h=225&format=webp", "?h=225&format=webp"]) {
    assert.deepEqual((await get((await view(ann, id, query)).body.url)).body, answers[0].body);
  }
  assert.equal(await madeOf(id), 1);
  const cached = await get(url, { "If-None-Match": answers[0].headers.etag });
  assert.equal(cached.status, 304);
  const part = await get(url, { Range: "bytes=0-3" });
  assert.deepEqual([part.status, part.body.toString()], [206, "RIFF"]);
  assert.match(answers[0].headers["cache-control"], /^private, max-age=(29\d|3[0-5]\d|360), immutable$/);
});

test("no character of a signed URL can be another", async () => {
  const id = await uploaded(ann);
  const target = targetOf((await download(ann, id, "?variant=thumb&format=png")).body.url);
  assert.match(target, /^\/renditions\/.*download=.*&expires=\d+&signature=/);
  assert.equal((await raw(server.url, target)).status, 200);
  const others = [...target].flatMap((character, at) => ["0", "A", "%", "/", "&"]
    .filter((other) => other !== character).map((other) => target.slice(0, at) + other + target.slice(at + 1)));
  others.push(`${target}&a=b`, `${target}&`, target + target.slice(target.indexOf("&expires")), `${target}%00`,
    target.replace("/renditions", "//renditions"), target.replace("?", "?a=b&"), target.replace(/&signature.*/, ""),
    target.replace("renditions", "%72enditions"), target.replace("expires", "Expires"), `${target}=`);
  for (const other of others) {
    const { status } = await raw(server.url, other);
    assert.ok([400, 403, 404].includes(status), `${status} ${other}`);
  }
  refused(await raw(server.url, `${target}0`), 403, "FORBIDDEN", /does not hold or has expired/);
});

test("a URL is for reading alone, and ends with its time", async () => {
  const short = await startServer({ set: { "images.view_url_seconds": 30 } });
  const user = await signUp(short);
  const { body: { image } } = await upload(user, scene());
  const before = Date.now() / 1000;
  const { body } = await user.json(`/v1/images/${image.id}:view?w=20`);
  const expires = Number(body.url.match(/expires=(\d+)/)[1]);
  assert.ok(expires >= before + 29 && expires <= Date.now() / 1000 + 91, `${expires - before}`);
  const target = targetOf(body.url);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    assert.equal((await raw(short.url, target, { method })).status, 405, method);
  }
  const head = await raw(short.url, target, { method: "HEAD" });
  assert.deepEqual([head.status, head.body.length], [200, 0]);
  assert.ok(Number(head.headers["content-length"]) > 0);
  await short.stop();
});

test("keys rotate with several live, and views are counted by the time the server has stopped", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-delivery-"));
  const start = (keys) => startServer({ dataDir, set: { "delivery.hmac_keys": keys } });
  const first = await start("old");
  const user = await signUp(first), other = await signUp(first);
  const { id } = (await upload(user, scene())).body.image;
  assert.equal((await change(user, id, { visibility: "public" })).status, 200);
  const { body } = await user.json(`/v1/images/${id}:view?w=20`);
  for (let at = 0; at < 3; ++at) await other.json(`/v1/images/${id}:view?variant=thumb`);
  await other.fetch(`/v1/images/${id}:view`, { method: "HEAD" });
  await fetch(`${first.url}/v1/images/${id}:view`);
  await first.stop();

  const second = await start("new,old");
  assert.equal((await get(body.url, {}, second.url)).status, 200);
  const shown = await fetch(`${second.url}/api/images/${id}`, { headers: { Authorization: `Bearer ${user.token}` } });
  assert.equal((await shown.json()).image.viewCount, 4, "three by a stranger, one by nobody, none by the owner");
  await second.stop();

  const third = await start("new");
  refused(await get(body.url, {}, third.url), 403, "FORBIDDEN");
  await third.stop();
  await rm(dataDir, { recursive: true });
});

test("more renditions than may wait are 429 at once", async () => {
  const small = await startServer({ set: { "renditions.at_once_max": 1, "renditions.waiting_max": 2 }, workers: 0 });
  const user = await signUp(small);
  const { id } = (await upload(user, scene(2000, 1500))).body.image;
  const urls = await Promise.all(Array.from({ length: 24 }, async (_, at) =>
    (await user.json(`/v1/images/${id}:view?w=${1900 + at}&format=webp`)).body.url));
  const answers = await Promise.all(urls.map((url) => get(url, {}, small.url)));
  const full = answers.filter(({ status }) => status === 429);
  for (const answer of full) {
    refused(answer, 429, "RATE_LIMIT", /Too many pictures/);
    assert.ok(Number(answer.headers["retry-after"]) > 0);
  }
  assert.ok(full.length > 0 && full.length < 24, `${full.length} of 24`);
  assert.ok(answers.every(({ status }) => status === 200 || status === 429));
  await small.stop();
});

test("for one address so many renditions are made in a minute, and those that were made can be had at any time", async () => {
  const small = await startServer({ set: { "limits.renditions_per_minute": 2 }, workers: 0 });
  const user = await signUp(small);
  const { id } = (await upload(user, scene(60, 40))).body.image;
  const url = async (width) => (await user.json(`/v1/images/${id}:view?w=${width}&format=webp`)).body.url;
  for (const width of [20, 21]) assert.equal((await get(await url(width), {}, small.url)).status, 200);
  const answer = await get(await url(22), {}, small.url);
  refused(answer, 429, "RATE_LIMIT", /for your address/);
  assert.ok(Number(answer.headers["retry-after"]) > 0);
  assert.equal((await get(await url(20), {}, small.url)).status, 200);
  await small.stop();
});

test("a CDN gets URLs of its own, whose origin the server is", async () => {
  const behind = await startServer({ set: { "delivery.mode": "hmac", "delivery.cdn_url": "https://cdn.example.com/",
    "delivery.hmac_keys": "one,two" } });
  const user = await signUp(behind);
  const { id } = (await upload(user, scene(), "cat.png")).body.image;
  const ask = async (path) => (await user.json(`/v1/images/${id}${path}`)).body.url;
  const url = await ask(":download");
  assert.match(url, new RegExp(`^https://cdn.example.com/cdn/images/${id}/original-[^?]+\\.png\\?download=cat\\.png&expires=`));
  const target = targetOf(url);
  const answer = await raw(behind.url, target);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, scene());
  assert.match(answer.headers["cache-control"], /^public, max-age=\d+, immutable$/);
  assert.match(answer.headers["content-disposition"], /^attachment; filename="cat\.png"/);
  assert.equal(await ask(":download"), await ask(":download"), "one thing has one URL for a while");
  for (let at = 0; at < target.length; ++at) {
    const other = target.slice(0, at) + (target[at] === "x" ? "y" : "x") + target.slice(at + 1);
    const { status } = await raw(behind.url, other);
    assert.ok([400, 403, 404].includes(status), `${status} ${other}`);
  }
  const rendition = await ask(":view?w=20");
  assert.match(rendition, /^https:\/\/cdn\.example\.com\/renditions\//);
  assert.match((await get(rendition, {}, behind.url)).headers["cache-control"], /^public/);
  await behind.stop();
  const plain = await raw(server.url, target);
  assert.equal(plain.status, 404, "without a CDN there is no origin");
});

test("a CDN that cannot work is refused at the start", async () => {
  const data = await mkdtemp(join(tmpdir(), "tintype-delivery-"));
  const start = (...sets) => tintype("serve", "--listen", "127.0.0.1:0", "--data", data,
    ...sets.flatMap((set) => ["--set", set]));
  for (const [sets, saying] of [
    [["delivery.mode=hmac"], /needs delivery\.cdn_url/],
    [["delivery.mode=cloudfront", "delivery.cdn_url=https://d1.cloudfront.net"], /needs objects in S3/],
    [["delivery.mode=fastly"], /one of store, hmac, cloudfront/]]) {
    const { code, stderr } = await start(...sets);
    assert.notEqual(code, 0);
    assert.match(stderr, saying);
  }
  await rm(data, { recursive: true });
});

test("real pictures of every format are shown and published", async (t) => {
  const folder = join(root, "../shared/assets/odd");
  if (!existsSync(folder)) return t.skip(`${folder} is missing`);
  for (const [name, format] of [["Portrait_8.jpg", "jpeg"], ["winter_1440x960.heic", "jpeg"],
    ["with-alpha-512x512.heic", "png"], ["animated-loop-3.gif", undefined], ["hopper_orientation_6.webp", "webp"],
    ["Channel_digital_image_CMYK_color.jpg", "jpeg"], ["example.avif", "jpeg"], ["tree_alpha_16bit.png", "png"]]) {
    const { status, body } = await upload(ann, readFileSync(join(folder, name)), name);
    assert.equal(status, 200, `${name} ${JSON.stringify(body)}`);
    const { id } = body.image;
    await change(ann, id, { visibility: "public" });
    const copy = await download(nobody, id);
    const fetched = await get(copy.body.url);
    assert.equal(fetched.status, 200, `${name} ${fetched.body.toString("latin1", 0, 300)}`);
    assert.equal(formatOf(fetched.body), copy.body.format, name);
    if (format) assert.equal(copy.body.format, format, name);
    const shown = await view(nobody, id, "?w=160&h=160&fit=cover", { Accept: kBrowser });
    const picture = await get(shown.body.url, { Accept: kBrowser });
    assert.equal(picture.status, 200, name);
    assert.equal(formatOf(picture.body), "avif", name);
  }
});

test("with redirect=true the answer is the way to the picture, for an <img> with a cookie", async () => {
  const { body: { image } } = await upload(ann, scene(300, 200));
  const Cookie = `next-auth.session-token=${ann.token}`;
  const answer = await raw(server.url, `/v1/images/${image.id}:view?variant=thumb&redirect=true`, { headers: { Cookie } });
  assert.equal(answer.status, 302);
  assert.equal(answer.headers["cache-control"], "private, max-age=150");
  assert.equal(answer.headers.vary, "Accept, Authorization, Cookie");
  const picture = await get(answer.headers.location);
  assert.equal(picture.status, 200);
  assert.match(picture.headers["content-type"], /^image\//);
  assert.equal((await raw(server.url, `/v1/images/${image.id}:view?redirect=true`)).status, 404);
});
