// Runs the client code printed in the contract against the real program, unchanged but for the base URL and the
// login. The code is cut out of the contract as the test runs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { root, settled, signUp, startServer, upload } from "../support/server.mjs";
import { scene } from "../support/pictures.mjs";

const folder = join(root, "../shared/contract");
const skip = existsSync(folder) ? false : `${folder} is missing`;
let server, user, blocks, albumBlocks, photo;

const cut = (markdown, language) =>
  [...markdown.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map((match) => match[1]);

const block = (language, needle, from = blocks) => {
  const found = from[language].find((text) => text.includes(needle));
  assert.ok(found, `the contract has no ${language} block with ${needle}`);
  return found;
};

// fetch as the contract's pages have it: relative to the site, with the session's cookie.
const siteFetch = (who = user, base = server.url) => (path, options = {}) =>
  fetch(path.startsWith("http") ? path : base + path, {
    ...options,
    headers: { ...options.headers, Cookie: `next-auth.session-token=${who.token}` },
  });

// Runs a block as the body of an async function; `names` are what it finds around it. Answers its last variable.
const run = (code, names, result = "") =>
  new (Object.getPrototypeOf(async () => {}).constructor)(...Object.keys(names), `${code}\n${result}`)(
    ...Object.values(names),
  );

before(async () => {
  if (skip) return;
  const read = async (name) => {
    const text = await readFile(join(folder, name), "utf8");
    return { javascript: cut(text, "javascript"), bash: cut(text, "bash") };
  };
  blocks = await read("enhancement.md");
  albumBlocks = await read("album-enhancement.md");
  const real = join(root, "../shared/assets/bench/kodak/05.png");
  photo = existsSync(real) ? await readFile(real) : scene(320, 240);
  server = await startServer({});
  user = await signUp(server);
});
after(() => server?.stop());

const quiet = { log: () => {}, error: () => {} };
const file = () => new File([photo], "photo.png", { type: "image/png" });

test("the client class", { skip }, async () => {
  const SpikeImageAPI = await run(block("javascript", "class SpikeImageAPI"), { fetch: siteFetch() },
    "return SpikeImageAPI;");
  const api = new SpikeImageAPI(server.url);
  const { image } = await api.uploadImage(file());
  assert.equal(image.name, "photo.png");
  const enhanced = await api.enhanceImage(image.id, "TIER_1K");
  assert.deepEqual({ success: enhanced.success, tokenCost: enhanced.tokenCost }, { success: true, tokenCost: 2 });
  await settled(user, image.id);
  const { image: now } = await api.getImage(image.id);
  assert.equal(now.jobs[0].status, "COMPLETED");
  assert.equal(Math.max(now.jobs[0].enhancedWidth, now.jobs[0].enhancedHeight), 1024);
  const { body } = await user.post("/api/albums", { name: "Summer" });
  const moved = await api.moveToAlbum([image.id], body.album.id);
  assert.equal(moved.moved, 1);
});

test("the complete workflow", { skip }, async () => {
  const lines = [];
  const console = { log: (line) => lines.push(line), error: (line) => lines.push(line) };
  await run(block("javascript", "async function enhanceImage()") + "\nawait enhanceImage();", {
    fetch: siteFetch(), imageFile: file(), console, FormData, setTimeout,
  });
  assert.match(lines.at(-1), /^Enhanced URL: http/);
});

test("the upload, batch, enhance, parallel and move snippets", { skip }, async () => {
  const fetch = siteFetch();
  const { body } = await user.post("/api/albums", { name: "Snippets" });
  const fileInput = { files: [file()] };
  const uploaded = await run(
    block("javascript", 'formData.append("file", fileInput.files[0])').replaceAll("album_123abc", body.album.id),
    { fetch, fileInput, console: quiet, FormData }, "return result;");
  const id = uploaded.image.id;
  const batch = await run(block("javascript", 'formData.append("files", file)'),
    { fetch, fileInputElement: { files: [file(), file()] }, console: quiet, FormData }, "return result;");
  assert.deepEqual(batch.summary, { total: 2, successful: 2, failed: 0 });
  const one = await run(block("javascript", 'tier: "TIER_2K",').replaceAll("img_123abc", id),
    { fetch, console: quiet }, "return result;");
  assert.equal(one.tokenCost, 5);
  const parallel = await run(block("javascript", 'tiers: ["TIER_2K", "TIER_4K"]').replaceAll("img_123abc", id),
    { fetch, console: quiet }, "return result;");
  assert.equal(parallel.totalCost, 15);
  for (const job of parallel.jobs) await user.post(`/api/jobs/${job.jobId}/cancel`);
  const moved = await run(
    block("javascript", 'imageIds: ["img_123abc", "img_456def"]')
      .replace("album_xyz789", body.album.id).replace("img_123abc", id).replace("img_456def", batch.results[0].imageId),
    { fetch, console: quiet }, "return result;");
  assert.deepEqual([moved.moved, moved.alreadyInAlbum, moved.failed], [1, 1, 0]);
});

test("the backoff loop", { skip }, async () => {
  const limited = await startServer({ set: { "limits.enhance": 1, "limits.window_seconds": 1 }, workers: 0 });
  try {
    const someone = await signUp(limited);
    const { body } = await upload(someone, scene());
    const waits = [];
    const enhanceWithRetry = await run(block("javascript", "async function enhanceWithRetry"), {
      fetch: siteFetch(someone, limited.url), console: quiet,
      setTimeout: (next, delay) => { waits.push(delay); setTimeout(next, delay); },
    }, "return enhanceWithRetry;");
    while (waits.length === 0) { // on a slow machine the second may fall into another window
      assert.equal((await enhanceWithRetry(body.image.id, "TIER_1K")).success, true);
    }
    assert.ok(waits.every((delay) => delay >= 1000), `waited ${waits}`);
  } finally {
    await limited.stop();
  }
});

// Runs a printed curl line in a shell.
const shell = async (command, cwd) => JSON.parse((await promisify(execFile)("bash", ["-c", command], { cwd })).stdout);

test("the curl lines", { skip }, async () => {
  const cwd = await mkdtemp(join(tmpdir(), "tintype-curl-"));
  await writeFile(join(cwd, "photo.jpg"), photo);
  const line = block("bash", "/api/images/upload").replace("http://localhost:3000", server.url)
    .replace("{token}", user.token).replace("curl ", "curl -s ");
  const { image } = await shell(line, cwd);
  const { body } = await user.post("/api/albums", { name: "Curl" });
  await user.post("/api/images/move-to-album", { imageIds: [image.id], targetAlbumId: body.album.id });
  for (const [needle, queued] of [['"tier": "TIER_2K"', 1], ['"skipAlreadyEnhanced": false', 1]]) {
    await user.post("/api/images/move-to-album", { imageIds: [image.id], targetAlbumId: body.album.id });
    const album = block("bash", needle, albumBlocks)
      .replace("https://spike.land/api/albums/abc123", `${server.url}/api/albums/${body.album.id}`)
      .replace("curl ", `curl -s -H "Authorization: Bearer ${user.token}" `);
    const answer = await shell(album, cwd);
    assert.deepEqual([answer.success, answer.totalImages, answer.queued], [true, 1, queued]);
    assert.match(answer.jobs[0].jobId, /^batch_/);
    const { body: batch } = await user.json(`/api/batches/${answer.jobs[0].jobId}`);
    for (const job of batch.batch.jobs) await user.post(`/api/jobs/${job.id}/cancel`);
  }
});
