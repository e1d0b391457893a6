// `tintype models add NAME` against a real HTTP server that does what servers do.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { on } from "node:events";
import { watch } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { binary, root, tintype } from "../support/server.mjs";

const network = await readFile(join(root, "models/photo-x4.safetensors"));
const half = network.length >> 1;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const undone = [];
after(() => Promise.all(undone.map((undo) => undo())));

// A server that answers each request by `answer(request, response)`; {url, requests}.
async function serve(answer) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  undone.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, requests };
}

// Answers as a server of files does, with ranges and a strong tag.
function send(bytes, request, response, etag = '"v1"') {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  const begin = range && (!condition || condition === etag) ? Number(range[1]) : 0;
  const headers = { ETag: etag, "Content-Length": bytes.length - begin };
  if (begin > 0) headers["Content-Range"] = `bytes ${begin}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(begin > 0 ? 206 : 200, headers);
  return bytes.subarray(begin);
}

// A folder of models, and a catalogue of `published` in which only what differs has to be said.
async function home(published) {
  const folder = await mkdtemp(join(tmpdir(), "tintype-download-"));
  undone.push(() => rm(folder, { recursive: true, force: true }));
  const models = join(folder, "models");
  await mkdir(models);
  const catalogue = join(folder, "catalogue.json");
  await writeFile(catalogue, JSON.stringify({ models: [{ name: "net", architecture: "srvgg", scale: 4,
    licence: "Apache-2.0", description: "A network", ...published }] }));
  const options = ["--set", `engine.models_directory=${models}`];
  return {
    models,
    list: () => tintype("models", "list", ...options),
    available: () => tintype("models", "list", "--available", "--catalogue", catalogue, ...options),
    verify: () => tintype("models", "verify", ...options),
    remove: (name) => tintype("models", "remove", name, ...options),
    arguments: (name = "net") => ["models", "add", name, "--catalogue", catalogue, ...options],
    add(name, ...more) {
      return tintype(...this.arguments(name), ...more);
    },
    downloads: (name = "") => join(models, ".downloads", name),
    installed: async () => (await readdir(models)).filter((name) => !name.startsWith(".")).sort(),
    // What is on its way.
    async kept() {
      const names = await readdir(join(models, ".downloads"), { recursive: true, withFileTypes: true });
      return names.filter((entry) => entry.isFile() && entry.name !== ".lock").map((entry) => entry.name).sort();
    },
  };
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const file = (url, bytes = network) => ({ url, sha256: sha256(bytes), size_bytes: bytes.length });

test("a network of the catalogue is downloaded, verified and used like any other", async () => {
  const server = await serve((request, response) => response.end(send(network, request, response)));
  const there = await home({ files: [file(`${server.url}/strong.safetensors`)],
    weak_files: [file(`${server.url}/weak.safetensors`)] });
  const words = (await there.available()).stdout.trim().split(/ {2,}/);
  assert.deepEqual(words, ["net", "x4", "srvgg", "Apache-2.0", megabytes(2 * network.length), "A network"]);
  const added = await there.add();
  assert.deepEqual([added.code, added.stderr], [0, ""]);
  assert.deepEqual(await there.installed(), ["net-weak.safetensors", "net.json", "net.safetensors"]);
  assert.deepEqual(await readFile(join(there.models, "net.safetensors")), network);
  assert.deepEqual(await there.kept(), []);
  const manifest = JSON.parse(await readFile(join(there.models, "net.json"), "utf8"));
  assert.deepEqual([manifest.licence, manifest.description], ["Apache-2.0", "A network"]);
  const verified = await there.verify();
  assert.deepEqual([verified.code, verified.stdout.includes("verified")], [0, true], verified.stdout);
  assert.match((await there.list()).stdout, /^net .*A network$/m);
  assert.match((await there.available()).stdout, /A network \(installed\)$/m);
  const again = await there.add();
  assert.deepEqual([again.code, server.requests.length], [1, 2]);
  assert.match(again.stderr, /'net' already/);
  assert.equal((await there.remove("net")).code, 0);
  assert.deepEqual(await there.installed(), []);
});

test("progress is shown to people alone", async () => {
  const server = await serve((request, response) => response.end(send(network, request, response)));
  const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
  const command = [binary, ...there.arguments()].map((word) => `'${word}'`).join(" ");
  const { stdout } = await promisify(execFile)("script", ["-qec", command, "/dev/null"]);
  const all = megabytes(network.length);
  assert.ok(stdout.replaceAll("\r\n", "\n").includes(`\rnet.safetensors: ${all.slice(0, -3)} of ${all}\n`), stdout);
});

test("unknown names are told what there is", async () => {
  const there = await home({ files: [file("http://127.0.0.1:9/net.safetensors")] });
  const unknown = await there.add("nothing");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /There is no network 'nothing'.*\n.*net/);
  const newer = await home({ architecture: "of-tomorrow", files: [file("http://127.0.0.1:9/net.safetensors")] });
  assert.match((await newer.available()).stdout, /cannot be run by this version/);
  assert.match((await newer.add()).stderr, /of-tomorrow/);
  for (const wrong of [["a", "b"], ["net", "--licence", "x"], ["net", "--weak", "x"]]) {
    assert.notEqual((await there.add(...wrong)).code, 0, wrong.join(" "));
  }
  const shipped = await tintype("models", "list", "--available");
  assert.equal(shipped.code, 0, "the catalogue that ships with the program can be read");
  assert.match(shipped.stdout, /^realesrgan-x4plus /m);
});

test("a catalogue says what is wrong with it", async () => {
  const good = file("http://127.0.0.1:9/net.safetensors");
  for (const [published, fault] of [
    [{ files: [{ ...good, url: "file:///etc/passwd" }] }, /http or https/],
    [{ files: [{ ...good, url: "http://127.0.0.1/a/.." }] }, /name of a file/],
    [{ files: [{ ...good, url: "http://127.0.0.1/a\r\nHost: b" }] }, /name of a file/],
    [{ files: [{ ...good, sha256: "0" }] }, /sha256/],
    [{ files: [{ url: good.url }] }, /sha256/],
    [{ files: [{ ...good, size_bytes: 1e300 }] }, /size_bytes/],
    [{ files: [{ ...good, size_bytes: -1 }] }, /size_bytes/],
    [{ files: [] }, /one file or two/],
    [{ files: [good], weak_files: [good, good] }, /as many weak/],
    [{ files: [good], name: "../net" }, /name/],
    [{ files: [good], scale: 1e300 }, /scale/],
    [{ files: [good], description: "\x1b[2J" }, /one line/],
  ]) {
    const { code, stderr } = await (await home(published)).add();
    assert.equal(code, 1);
    assert.match(stderr, /entry 1/);
    assert.match(stderr, fault);
  }
});

test("a connection that is cut is taken up where it ended", async () => {
  const server = await serve((request, response) => {
    const bytes = send(network, request, response);
    if (request.headers.range) return response.end(bytes);
    return response.write(bytes.subarray(0, half), () => response.destroy());
  });
  const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
  const { code, stderr } = await there.add();
  assert.equal(code, 0, stderr);
  assert.equal(server.requests.length, 2);
  const { range, "if-range": condition } = server.requests[1].headers;
  assert.match(range, /^bytes=[1-9]\d*-$/);
  assert.equal(condition, '"v1"');
  assert.deepEqual(await readFile(join(there.models, "net.safetensors")), network);
});

test("killed in the middle, it asks for the rest alone", async () => {
  let held = true;
  const server = await serve((request, response) => {
    const bytes = send(network, request, response);
    if (held) response.write(bytes.subarray(0, half));
    else response.end(bytes);
  });
  const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
  const folder = there.downloads(sha256(network));
  await mkdir(folder, { recursive: true });
  const watcher = watch(folder);
  const changes = on(watcher, "change");
  const child = spawn(binary, there.arguments(), { stdio: "ignore" });
  const exited = new Promise((done) => child.once("exit", (code, signal) => done(signal)));
  const part = join(folder, "net.safetensors.part");
  for await (const [, name] of changes) {
    if (name === "net.safetensors.part" && (await stat(part)).size === half) break;
  }
  watcher.close();
  child.kill("SIGKILL");
  assert.equal(await exited, "SIGKILL");
  assert.deepEqual(await there.installed(), []);
  assert.deepEqual(await there.kept(), ["net.safetensors.etag", "net.safetensors.part"]);
  held = false;
  const { code, stderr } = await there.add();
  assert.equal(code, 0, stderr);
  assert.deepEqual(server.requests.map(({ headers }) => [headers.range, headers["if-range"]]),
    [[undefined, undefined], [`bytes=${half}-`, '"v1"']]);
  assert.equal((await there.verify()).code, 0);
  assert.deepEqual(await there.kept(), []);
});

test("a file that has changed in between is fetched from its beginning", async () => {
  const server = await serve((request, response) => response.end(send(network, request, response, '"v2"')));
  const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
  const folder = there.downloads(sha256(network));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "net.safetensors.part"), "of the old file");
  await writeFile(join(folder, "net.safetensors.etag"), '"v1"\n');
  const { code, stderr } = await there.add();
  assert.equal(code, 0, stderr);
  assert.deepEqual(server.requests.map(({ headers }) => headers["if-range"]), ['"v1"']);
});

test("what is not what it should be is named, and nothing of it stays", async () => {
  const wrong = Buffer.from(network);
  wrong[half] ^= 1;
  const gone = await serve((request, response) => response.writeHead(404).end("nothing here"));
  const liar = await serve((request, response) => response.end(send(wrong, request, response)));
  const large = await serve((request, response) => response.end(Buffer.concat([network, network])));
  const endless = await serve((request, response) => {
    response.writeHead(200, { "Transfer-Encoding": "chunked" });
    const more = () => response.write(network, (error) => error || more());
    more();
  });
  const circle = await serve((request, response) => response.writeHead(302, { Location: "/again" }).end());
  for (const [server, sentence] of [[gone, /answers 404/], [liar, new RegExp(sha256(network))],
    [large, /bytes, where \d+ were expected/], [endless, /more bytes, where \d+ were expected/],
    [circle, /could not be fetched/]]) {
    const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
    const { code, stderr } = await there.add();
    assert.equal(code, 1);
    assert.match(stderr, /^tintype: .*net\.safetensors/);
    assert.match(stderr, sentence);
    assert.deepEqual([await there.installed(), await there.kept()], [[], []]);
  }
  assert.equal(circle.requests.length, 6);
});

test("redirects lead to the file", async () => {
  const target = await serve((request, response) => response.end(send(network, request, response)));
  const server = await serve((request, response) =>
    response.writeHead(302, { Location: request.url === "/a" ? "/b" : `${target.url}/signed?key=1` }).end());
  const published = { ...file(`${server.url}/a`), size_bytes: undefined };
  const there = await home({ files: [published] });
  const { code, stderr } = await there.add();
  assert.equal(code, 0, stderr);
  assert.deepEqual([server.requests.length, target.requests.length], [2, 1]);
});

test("nobody there, and nobody who answers", async () => {
  const silent = await serve(() => {});
  const there = await home({ files: [file(`${silent.url}/net.safetensors`)] });
  const stalled = await there.add("net", "--set", "engine.download_stall_seconds=1");
  assert.equal(stalled.code, 1);
  assert.match(stalled.stderr, /could not be fetched/);
  const deaf = await home({ files: [file("http://127.0.0.1:9/net.safetensors")] }); // a port that nobody is given
  assert.match((await deaf.add()).stderr, /could not be fetched from http:.*\n.*cause: /);
});

test("two at the same time do not meet", async () => {
  let release;
  const asked = new Promise((done) => {
    release = done;
  });
  let answer;
  const server = await serve((request, response) => {
    answer = () => response.end(send(network, request, response));
    release();
  });
  const there = await home({ files: [file(`${server.url}/net.safetensors`)] });
  const first = there.add();
  await asked;
  const second = await there.add();
  assert.equal(second.code, 1);
  assert.match(second.stderr, /Another tintype is downloading/);
  answer();
  assert.equal((await first).code, 0);
  assert.equal(server.requests.length, 1);
});

test("what is no network is not installed", async () => {
  const bytes = Buffer.from("no network at all");
  const server = await serve((request, response) => response.end(send(bytes, request, response)));
  const there = await home({ files: [file(`${server.url}/net.safetensors`, bytes)] });
  const { code, stderr } = await there.add();
  assert.equal(code, 1);
  assert.match(stderr, /^tintype: net\.safetensors: /);
  assert.deepEqual([await there.installed(), (await there.list()).stdout], [[], ""]);
});

test("verify names what is damaged, missing, foreign or no manifest", async () => {
  const there = await home({ files: [file("http://127.0.0.1:9/net.safetensors")] });
  for (const name of ["changed", "lost", "well"]) {
    const { code, stderr } = await tintype("models", "add", join(root, "models/exact-x2.safetensors"), "--name", name,
      "--set", `engine.models_directory=${there.models}`);
    assert.equal(code, 0, stderr);
  }
  await writeFile(join(there.models, "stranger.bin"), "x");
  const foreign = await there.verify();
  assert.deepEqual([foreign.code, foreign.stdout.match(/verified/g).length], [0, 3]);
  assert.match(foreign.stdout, /^stranger\.bin: no manifest names it$/m);
  await writeFile(join(there.models, "changed.safetensors"), "x");
  await rm(join(there.models, "lost.safetensors"));
  await writeFile(join(there.models, "damaged.json"), "{");
  const { code, stdout } = await there.verify();
  assert.equal(code, 1);
  assert.match(stdout, /^changed .*\n {2}changed\.safetensors: its SHA-256/m);
  assert.match(stdout, /^lost .*\n {2}.*lost\.safetensors/m);
  assert.match(stdout, /^well .*\n {2}verified$/m);
  assert.match(stdout, /^damaged\.json: it is no manifest/m);
  const listed = await there.list();
  assert.deepEqual([listed.code, listed.stderr.includes("damaged.json")], [0, true]);
  await rm(there.models, { recursive: true });
  assert.equal((await there.verify()).code, 1, "a folder that is not there is not well");
});
