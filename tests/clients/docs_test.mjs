// Cuts the examples out of README.md, docs/api.md, docs/hosting.md and docs/upscale.md and runs them as they stand,
// against a real server. Only its address and the program's place are put in.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Description } from "../support/description.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { binary, root, signUp, startServer, upload } from "../support/server.mjs";
import { kPartBytes } from "../support/uploads.mjs";

const folders = [];
let server, address;
before(async () => {
  server = await startServer({ set: { "uploads.part_size_bytes": kPartBytes } });
  address = new URL(server.url).host;
});
after(async () => {
  await server.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

async function examplesOf(file) {
  const text = await readFile(join(root, file), "utf8");
  const examples = [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, code]) => ({ language, code }));
  assert.equal(text.match(/^```/gm).length, 2 * examples.length, "a fence does not close, or stands inside another");
  return examples;
}

// A folder of its own with photo.jpg in it. That is a PNG in truth, as the content counts and not the name.
async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), "tintype-docs-"));
  folders.push(folder);
  await writeFile(join(folder, "photo.jpg"), scene());
  return folder;
}

async function run(folder, program, name, code) {
  await writeFile(join(folder, name), code.replaceAll("localhost:3000", address)
    .replaceAll("build/release/tintype", binary));
  const { stdout } = await promisify(execFile)(program[0], [...program.slice(1), name],
    { cwd: folder, maxBuffer: 64 << 20 });
  return stdout;
}
const bash = ["bash", "-euo", "pipefail"];

async function sizeOf(folder, name) {
  const bytes = await readFile(join(folder, name));
  assert.equal(bytes.toString("latin1", 1, 4), "PNG", name);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test("every example is of a language that is run here", async () => {
  for (const [file, languages] of [["README.md", ["sh"]], ["docs/api.md", ["bash", "js", "json", "python"]],
    ["docs/hosting.md", ["bash", "json"]], ["docs/upscale.md", ["bash", "json"]]]) {
    const found = (await examplesOf(file)).map(({ language }) => language);
    assert.deepEqual([...new Set(found)].sort(), languages, file);
  }
});

test("README: a photo is enhanced by the server, and without it", async () => {
  const examples = (await examplesOf("README.md")).map(({ code }) => code);
  // The first builds the program that is tested here.
  const [build, serve, enhance, ...rest] = examples;
  assert.match(build, /^\.\/run .*\n\.\/test .*\n$/);
  assert.deepEqual(rest, []);

  const served = await makeFolder();
  await run(served, bash, "example.sh", serve);
  assert.deepEqual(await sizeOf(served, "enhanced.jpg"), [2048, 1536]);

  const alone = await makeFolder();
  await run(alone, bash, "example.sh", enhance);
  assert.deepEqual(await sizeOf(alone, "photo-enhanced.png"), [128, 96]);
  assert.deepEqual(await sizeOf(alone, "out/photo-enhanced.png"), [4096, 3072]);
});

test("docs/api.md in bash", async () => {
  const examples = (await examplesOf("docs/api.md")).filter(({ language }) => language === "bash");
  assert.ok(examples.length >= 12);
  const folder = await makeFolder();
  // They belong together; a line behind each shows whose output is whose.
  const outputs = (await run(folder, bash, "examples.sh",
    examples.map(({ code }) => `${code}echo; echo ----\n`).join(""))).split("\n----\n");
  const outputOf = (part) => outputs[examples.findIndex(({ code }) => code.includes(part))] ?? assert.fail(part);

  assert.deepEqual(await sizeOf(folder, "enhanced.jpg"), [1024, 768]);
  assert.deepEqual(JSON.parse(outputOf("batch-upload")).summary, { total: 2, successful: 2, failed: 0 });
  const events = outputOf("/events\" -H \"Authorization: Bearer $token\"\n").split("\n").filter(Boolean);
  assert.match(events.at(-1), /^data: .*"status":"COMPLETED".*"progress":100/);
  const [moved, shown] = outputOf("move-to-album").split(/(?<=\})(?=\{)/).map(JSON.parse);
  assert.deepEqual([moved.moved, shown.album.images.length], [1, 1]);
  const { batch } = JSON.parse(outputOf("$album/enhance"));
  assert.deepEqual([batch.status, batch.total, batch.completed], ["COMPLETED", 1, 1]);
  assert.equal(JSON.parse(outputOf("-X DELETE")).message, "Image deleted successfully");
  const [balance, history] = outputOf("tokens/balance").split(/(?<=\})(?=\{)/).map(JSON.parse);
  assert.deepEqual([balance.balance, balance.available], [96, 96]);
  assert.deepEqual(history.entries.map(({ kind }) => kind), ["capture", "capture", "initial"]);
  const made = outputOf("Idempotency-Key").split(/(?<=\})(?=\{)/);
  assert.equal(made.length, 2);
  assert.equal(made[0], made[1]);
  const [, images] = outputOf("csrf").split(/(?<=\})(?=\{)/).map(JSON.parse);
  assert.equal(images.images.length, 2);
});

for (const [language, program, name] of [["js", [process.execPath], "example.mjs"],
  ["python", ["python3"], "example.py"]]) {
  test(`docs/api.md in ${language}`, async () => {
    const examples = (await examplesOf("docs/api.md")).filter((example) => example.language === language);
    assert.equal(examples.length, 1);
    const folder = await makeFolder();
    assert.equal((await run(folder, program, name, examples[0].code)).trim(), "2048 x 1536");
    assert.deepEqual(await sizeOf(folder, `enhanced-by-${language}.jpg`), [2048, 1536]);
  });
}

// A JPEG of several parts, which the server itself makes of a drawing.
async function photo() {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, noise(2000, 1500));
  const { body: { url } } = await user.json(`/v1/images/${image.id}:view?q=100&format=jpeg`);
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  assert.ok(bytes.length > kPartBytes, `${bytes.length}`);
  return bytes;
}

test("docs/hosting.md in bash", async () => {
  const examples = (await examplesOf("docs/hosting.md")).filter(({ language }) => language === "bash");
  const folder = await makeFolder();
  const original = await photo();
  await writeFile(join(folder, "photo.jpg"), original);
  const outputs = (await run(folder, bash, "examples.sh",
    examples.map(({ code }) => `${code}echo; echo ----\n`).join(""))).split("\n----\n");
  const outputOf = (part) => outputs[examples.findIndex(({ code }) => code.includes(part))] ?? assert.fail(part);
  const jsonOf = (part) => outputOf(part).split(/(?<=\})(?=\{)/).map((text) => JSON.parse(text));

  const [progress] = jsonOf('call "/v1/uploads/$upload"');
  assert.equal(progress.parts.length, Math.ceil(original.length / kPartBytes));
  assert.equal(jsonOf(":complete")[0].status, "stored");
  const image = progress.image_id;
  assert.equal(jsonOf('call "/v1/images/$image"\n')[0].original.size_bytes, original.length);
  const [library, looked, search, found] = jsonOf("images:outline");
  assert.deepEqual([library.image_ids, looked.images.length, search.image_ids, found.images.length], [[image], 1, [image], 1]);
  assert.deepEqual(await sizeOf(folder, "square.png"), [640, 640]);
  assert.equal((await readFile(join(folder, "thumb.jpg"))).toString("hex", 0, 3), "ffd8ff");
  const [changed, deleted, trash, restored] = jsonOf("-X PATCH");
  assert.deepEqual([changed.title, deleted.deleted, trash.images.length, restored.image_id],
    ["My cat asleep", true, 1, image]);
  const [added, page] = jsonOf("/v1/albums/$album/images");
  assert.deepEqual([added.added, page.images[0].image_id], [1, image]);
  assert.match(await readFile(join(folder, "page.html"), "utf8"), /My cat asleep/);
  assert.equal(jsonOf("Accept: text/html")[0].images[0].image_id, image);
  const [, revoked] = outputOf("share_id").match(/^(\{.*\})404$/) ?? assert.fail(outputOf("share_id"));
  assert.deepEqual(JSON.parse(revoked), { revoked: true });
  assert.deepEqual(jsonOf("q=asleep")[0].images.map((found) => found.image_id), [image]);
  assert.deepEqual(jsonOf("/similar"), [{ images: [] }]);
});

test("docs/upscale.md in bash", async () => {
  const examples = (await examplesOf("docs/upscale.md")).filter(({ language }) => language === "bash");
  const outputs = (await run(await makeFolder(), bash, "examples.sh",
    examples.map(({ code }) => `${code}echo; echo ----\n`).join(""))).split("\n----\n");
  const jsonOf = (part) => (outputs[examples.findIndex(({ code }) => code.includes(part))] ?? assert.fail(part))
    .split(/(?<=\})(?=\{)/).map((text) => JSON.parse(text));

  const [listed] = jsonOf('"name":"Production Key"');
  assert.deepEqual(listed.data.keys.map(({ name, plan }) => [name, plan]), [["Production Key", "professional"]]);
  assert.deepEqual(listed.meta.rateLimit.limit, 10, "the session's own plan");
  const [images, balance] = jsonOf("as_key()");
  assert.deepEqual([images.images, balance.success], [[], true]);
  const [revoked, refused, shown] = jsonOf("-X DELETE");
  assert.deepEqual([revoked.data.revoked, refused.status, shown.images], [true, 401, []]);
  assert.match(refused.detail, /revoked/);
});

test("docs/upscale.md shows JSON as the description has it", async () => {
  const upscale = await Description.read("openapi/upscale.json");
  const [success, error] = (await examplesOf("docs/upscale.md")).filter(({ language }) => language === "json")
    .map(({ code }) => JSON.parse(code));
  const { content } = upscale.operation("revokeKey").operation.responses[200];
  upscale.hold(success, content["application/json"].schema, "200");
  upscale.hold(error, { $ref: "#/components/schemas/NotFoundError" }, "404");
});

test("docs/hosting.md shows JSON as the description has it", async () => {
  const hosting = await Description.read("openapi/hosting.json");
  const shown = (await examplesOf("docs/hosting.md")).filter(({ language }) => language === "json")
    .map(({ code }) => JSON.parse(code));
  const names = ["UploadProgress", "Image", "ConflictProblem"];
  assert.equal(shown.length, names.length);
  for (const [at, name] of names.entries()) {
    hosting.hold(shown[at], { $ref: `#/components/schemas/${name}` }, name);
    assert.deepEqual(Object.keys(shown[at]).sort(), Object.keys(hosting.api.components.schemas[name].properties).sort());
  }
});

test("docs/api.md shows JSON with the fields that the description names", async () => {
  const { components: { schemas } } = JSON.parse(await readFile(join(root, "openapi/enhancement.json"), "utf8"));
  const shown = (await examplesOf("docs/api.md")).filter(({ language }) => language === "json")
    .map(({ code }) => JSON.parse(code));
  const names = (schema) => Object.keys(schemas[schema].properties).sort();
  const [uploaded, submitted, job, error, ...rest] = shown;
  assert.deepEqual(rest, []);
  assert.deepEqual(Object.keys(uploaded.image).sort(), names("Image"));
  assert.deepEqual(Object.keys(submitted), ["success", "jobId", "tokenCost", "newBalance"]);
  assert.deepEqual(Object.keys(job).sort(), names("Job"));
  assert.deepEqual(Object.keys(error).sort(), names("LowBalanceError"));
});
