// How the console's files are served: every page's address, compressed, kept by browsers, and nothing from elsewhere.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, startServer } from "../support/server.mjs";

let server;
before(async () => {
  server = await startServer({ set: { "delivery.mode": "hmac", "delivery.cdn_url": "https://cdn.example.com/pictures" } });
});
after(() => server.stop());

// Without what fetch() does to what is compressed: {status, headers, bytes}.
function get(path, headers = {}) {
  return new Promise((done, failed) => {
    request(server.url + path, { headers }, async (answer) => {
      const pieces = [];
      for await (const piece of answer) pieces.push(piece);
      done({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(pieces) });
    }).once("error", failed).end();
  });
}

async function pages() {
  const source = await readFile(join(root, "src/api/pages/console.cpp"), "utf8");
  return [...source.matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path);
}

test("every page of the console answers by its address, and every route of the console is one", async () => {
  const first = await get("/");
  for (const path of await pages()) {
    const page = await get(path.replaceAll(/\{\w+\}/g, "x1"));
    assert.equal(page.status, 200, path);
    if (path !== "/admin/{section}") assert.deepEqual(page.bytes, first.bytes, path);
  }
  const app = await readFile(join(root, "web/src/app.tsx"), "utf8");
  const routes = [...app.matchAll(/<Route path="([^"]+)"/g)].map(([, path]) => path.replaceAll(/:(\w+)/g, "{$1}"));
  assert.deepEqual(routes.sort(), (await pages()).sort());
});

test("where nothing is, a person gets a page that says so, and a program what it can read", async () => {
  const first = await get("/");
  const page = await get("/none", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
  assert.equal(page.status, 404);
  assert.deepEqual(page.bytes, first.bytes);
  assert.equal(page.headers["content-security-policy"], first.headers["content-security-policy"]);
  const known = await get("/none", { accept: "text/html", "if-none-match": page.headers.etag });
  assert.equal(known.status, 404);
  assert.deepEqual(known.bytes, first.bytes);
  for (const accept of ["*/*", "application/json", "text/html;q=0"]) {
    const spelled = await get("/none", { accept });
    assert.equal(spelled.status, 404, accept);
    assert.equal(JSON.parse(spelled.bytes).code, "NOT_FOUND", accept);
  }
});

test("nothing comes from elsewhere, and nothing is in line", async () => {
  const { headers, bytes } = await get("/library");
  const policy = Object.fromEntries(headers["content-security-policy"].split("; ").map((part) => {
    const [name, ...from] = part.split(" ");
    return [name, from];
  }));
  assert.deepEqual(policy["default-src"], ["'none'"]);
  assert.deepEqual(policy["script-src"], ["'self'"]);
  assert.deepEqual(policy["style-src"], ["'self'"]);
  assert.ok(policy["img-src"].includes("https://cdn.example.com"));
  assert.ok(policy["connect-src"].includes(server.url.replace("127.0.0.1", "localhost")));
  assert.deepEqual(policy["frame-ancestors"], ["'none'"]);
  assert.equal(headers["x-content-type-options"], "nosniff");
  const page = bytes.toString();
  assert.doesNotMatch(page, /<script(?![^>]* src=)|<style| style=| on\w+=|https?:/);
});

test("files are compressed for who reads that, kept for good when their name says what they hold, else asked for again", async () => {
  const [asset] = (await get("/")).bytes.toString().match(/\/assets\/[^"]+\.js/);
  const plain = await get(asset);
  assert.equal(plain.headers["content-encoding"], undefined);
  for (const [accepted, encoding] of [["gzip, deflate, br", "br"], ["gzip", "gzip"], ["br;q=0, gzip", "gzip"]]) {
    const packed = await get(asset, { "Accept-Encoding": accepted });
    assert.equal(packed.headers["content-encoding"], encoding);
    assert.ok(packed.bytes.length < plain.bytes.length / 2);
    assert.equal(packed.headers.vary, "Accept-Encoding");
    assert.notEqual(packed.headers.etag, plain.headers.etag);
    const again = await get(asset, { "Accept-Encoding": accepted, "If-None-Match": packed.headers.etag });
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  }
  assert.equal(plain.headers["cache-control"], "public, max-age=31536000, immutable");
  for (const path of ["/", "/theme.js", "/icon.svg"]) assert.equal((await get(path)).headers["cache-control"], "no-cache");
  assert.equal((await get("/assets/none.js")).status, 404);
});

test("the first load has less than 180 kB of compressed script", async () => {
  const page = (await get("/")).bytes.toString();
  let bytes = 0;
  for (const [path] of page.matchAll(/\/[\w./-]+\.js/g)) {
    bytes += (await get(path, { "Accept-Encoding": "gzip" })).bytes.length;
  }
  assert.ok(bytes > 0 && bytes < 180 * 1000, `${bytes} bytes`);
});
