// What an operator sees: health, metrics, logs, secrets, the commands, and how the program starts and stops.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binary, settled, signUp, startServer, startWorker, tintype, upload } from "../support/server.mjs";
import { scene } from "../support/pictures.mjs";

const folders = [];
async function folder() {
  const made = await mkdtemp(join(tmpdir(), "tintype-operate-"));
  folders.push(made);
  return made;
}
after(() => Promise.all(folders.map((made) => rm(made, { recursive: true, force: true }))));

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

test("health, readiness and the interface's description", async () => {
  const health = await fetch(`${server.url}/healthz`);
  assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }]);
  const ready = await fetch(`${server.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()],
    [200, { status: "ready", checks: { database: "ok", objects: "ok", engine: "ok" } }]);
  const description = await fetch(`${server.url}/openapi/enhancement.json`);
  assert.match(description.headers.get("content-type"), /^application\/json/);
  assert.match((await description.json()).openapi, /^3\./);
});

test("without its models the program is up and not ready", async () => {
  const bare = await startServer({ workers: 0, set: { "engine.models_directory": await folder() } });
  assert.equal((await fetch(`${bare.url}/healthz`)).status, 200);
  const ready = await fetch(`${bare.url}/readyz`);
  assert.equal(ready.status, 503);
  const { status, checks } = await ready.json();
  assert.deepEqual([status, checks], ["not ready", { database: "ok", objects: "ok", engine: "failing" }]);
  await bare.stop();
});

test("metrics count requests by route and jobs by state", async () => {
  const user = await signUp(server);
  const { body } = await upload(user, scene(20, 16));
  await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
  await settled(user, body.image.id);
  const response = await fetch(`${server.url}/metrics`);
  assert.match(response.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  assert.match(text, /^tintype_http_requests_total\{method="POST",route="\/api\/images\/upload",status="200"\} 1$/m);
  assert.match(text, /^tintype_http_request_seconds_bucket\{.*route="\/api\/images\/upload".*le="\+Inf"\} 1$/m);
  assert.match(text, /^tintype_jobs\{state="succeeded"\} \d+$/m);
  assert.match(text, /^process_resident_memory_bytes [1-9]/m);
  assert.ok(!text.includes(body.image.id), "ids of users' things are no labels");
  for (const line of text.split("\n")) assert.match(line, /^(#.*|[a-z_]+(\{(\w+="[^"]*",?)+\})? \S+|)$/);
});

test("the log has one JSON line for each request and no secret", async () => {
  const user = await signUp(server, "logged@example.org");
  const { body } = await upload(user, scene(20, 16));
  const image = (await user.json(`/api/images/${body.image.id}`)).body.image;
  await fetch(image.url.replace(/^http:\/\/[^/]+/, server.url));
  const asked = await fetch(`${server.url}/healthz`, { headers: { "X-Request-Id": "wanted-by-the-client" } });
  const id = asked.headers.get("x-request-id");
  const line = await server.logged("request", { request_id: id });
  assert.deepEqual([line.level, line.method, line.path, line.status], ["info", "GET", "/healthz", 200]);
  assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const each of server.logs) JSON.parse(each);
  const everything = server.logs.join("\n");
  const secrets = await Promise.all(["admin_key", "jwt_secret", "url_key", "receipt_key"].map((name) =>
    readFile(join(server.dataDir, "secrets", name), "utf8")));
  for (const secret of [user.token, user.accessToken, user.refreshToken, "Signature=", ...secrets]) {
    assert.ok(!everything.includes(secret.trim()));
  }
});

test("secrets are made once and the data is for its owner alone", async () => {
  const dataDir = await folder();
  const first = await startServer({ dataDir, workers: 0 });
  const user = await signUp(first);
  await upload(user, scene(20, 16));
  await first.stop();
  const key = await readFile(join(dataDir, "secrets/admin_key"), "utf8");
  assert.match(key, /^[\w-]{43}\n$/);
  for (const name of await readdir(dataDir, { recursive: true })) {
    assert.equal((await stat(join(dataDir, name))).mode & 0o077, 0, `${name} can be read by others`);
  }
  const second = await startServer({ dataDir, workers: 0 });
  assert.equal(await readFile(join(dataDir, "secrets/admin_key"), "utf8"), key);
  const again = await fetch(`${second.url}/auth/v1/user`, { headers: { Authorization: `Bearer ${user.accessToken}` } });
  assert.ok([200, 401].includes(again.status));
  const session = await fetch(`${second.url}/api/images`, { headers: { Authorization: `Bearer ${user.token}` } });
  assert.equal(session.status, 200, "a session outlives the server");
  await second.stop();
});

test("users by hand", async () => {
  const data = ["--data", server.dataDir];
  const create = spawnSync(binary, ["admin", "user", "create", "--email", "by-hand@example.org", "--password-stdin",
    "--admin", ...data], { input: "correct horse battery\n", encoding: "utf8" });
  assert.equal(create.status, 0, create.stderr);
  assert.ok(!create.stdout.includes("correct horse"));
  const signIn = (password) => fetch(`${server.url}/auth/v1/token?grant_type=password`, { method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "by-hand@example.org", password }) });
  assert.equal((await signIn("correct horse battery")).status, 200);
  assert.equal((await signIn("wrong horse battery")).status, 400);
  const listed = async () => JSON.parse((await tintype("admin", "user", "list", "--json", ...data)).stdout)
    .find((user) => user.email === "by-hand@example.org");
  assert.deepEqual([(await listed()).role, (await listed()).banned], ["admin", false]);
  const run = async (...args) => {
    const { code, stderr } = await tintype("admin", "user", ...args, ...data);
    return [code, stderr];
  };
  assert.deepEqual(await run("role", "by-hand@example.org", "user"), [0, ""]);
  assert.equal((await listed()).role, "user");
  assert.deepEqual(await run("ban", "by-hand@example.org"), [0, ""]);
  assert.equal((await listed()).banned, true);
  assert.notEqual((await signIn("correct horse battery")).status, 200);
  assert.deepEqual(await run("unban", "by-hand@example.org"), [0, ""]);
  const granted = await tintype("admin", "user", "grant", "by-hand@example.org", "50", "--note", "a test", ...data);
  assert.match(granted.stdout, /has 150 tokens/);
  assert.match((await tintype("admin", "user", "grant", "by-hand@example.org", "-30", ...data)).stdout, /120 tokens/);
  for (const wrong of [["grant", "by-hand@example.org", "-1000"], ["grant", "nobody@example.org", "1"],
    ["role", "by-hand@example.org", "emperor"], ["create", "--email", "by-hand@example.org"],
    ["create", "--email", "no address"]]) {
    const [code, stderr] = await run(...wrong);
    assert.equal(code, 1, wrong.join(" "));
    assert.match(stderr, /^tintype: ./);
  }
  assert.equal((await tintype("doctor", ...data)).code, 0);
});

test("the doctor finds what is wrong and says where", async () => {
  const dataDir = await folder();
  const home = await startServer({ dataDir, workers: 0 });
  const { body } = await upload(await signUp(home), scene(20, 16));
  await home.stop();
  const doctor = async () => {
    const { code, stdout } = await tintype("doctor", "--json", "--data", dataDir);
    return { code, ...JSON.parse(stdout) };
  };
  const well = await doctor();
  assert.deepEqual([well.code, well.healthy, well.findings], [0, true, []]);
  assert.deepEqual([well.counts.users, well.counts.images, well.counts.objects.live], [1, 1, 1]);
  const objects = join(dataDir, "objects");
  await mkdir(join(objects, "images/stray"), { recursive: true });
  await writeFile(join(objects, "images/stray/nobody.png"), "x");
  const image = join(objects, "images", body.image.id);
  const original = join(image, (await readdir(image))[0]);
  await chmod(original, 0o600);
  await writeFile(original, "shorter");
  const changed = await doctor();
  assert.equal(changed.code, 1);
  assert.equal(changed.findings.length, 2);
  await rm(original);
  const missing = await doctor();
  const sentences = missing.findings.map(({ sentence }) => sentence).join("\n");
  assert.match(sentences, new RegExp(`images/${body.image.id}/.* missing`));
  assert.match(sentences, /images\/stray\/nobody\.png: .*nobody knows/);
});

test("the configuration is checked before anything starts", async () => {
  const shown = await tintype("config", "--set", "wallet.initial=7", "--set", "auth.admin_key=hunter2hunter2");
  assert.match(shown.stdout, /# tokens of a new user \(from --set\)\ninitial = 7\n/);
  assert.ok(!shown.stdout.includes("hunter2"));
  const data = join(await folder(), "never-made");
  for (const wrong of [["--set", "wallet.inital=7"], ["--set", "wallet.initial=x"], ["--set", "objects.url=ftp:x"],
    ["--set", "database.url=oracle:x"], ["--listen", "nowhere"], ["--listen", "127.0.0.1:99999"]]) {
    const { code, stderr } = await tintype("serve", "--data", data, ...wrong);
    assert.equal(code, 1, wrong.join(" "));
    assert.match(stderr, /tintype: ./);
  }
  const taken = await tintype("serve", "--data", await folder(), "--listen", new URL(server.url).host);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /tintype: ./);
});

// A server with these bounds, a user, and the events of a job of hers that no worker takes up.
async function listening(set) {
  const bounded = await startServer({ workers: 0, set });
  const user = await signUp(bounded);
  const { body } = await upload(user, scene(20, 16));
  const { body: job } = await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
  const events = await user.fetch(`/api/jobs/${job.jobId}/events`);
  assert.equal(events.status, 200);
  return { bounded, user, image: body.image.id, events };
}

test("a user has so many waits open, and no more", async () => {
  const { bounded, user, image, events } = await listening({ "server.waits_per_user_max": 1 });
  const { status, headers, body } = await user.json(`/api/images/${image}?wait=25`);
  assert.deepEqual([status, body.code, headers.get("retry-after")], [429, "RATE_LIMIT", String(body.retryAfter)]);
  await events.body.cancel();
  await bounded.stop();
});

test("event streams end in their time", async () => {
  const { bounded, events } = await listening({ "server.stream_age_seconds": 1 });
  assert.match(await events.text(), /^event: job\ndata: .*"PENDING".*\n\n$/);
  await bounded.stop();
});

// The head of a POST whose body of 100 bytes is not sent.
const postHead = ({ token }, more = "") => `POST /api/albums HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
  `Content-Type: application/json\r\nContent-Length: 100\r\n${more}\r\n`;

test("slow bodies end in their time", async () => {
  const user = await signUp(server);
  // On the same data: where bodies have a second, one of a slow test might end as well.
  const bounded = await startServer({ workers: 0, dataDir: server.dataDir,
    set: { "server.body_grace_seconds": 1, "server.body_bytes_per_second": 1000000 } });
  const { hostname, port } = new URL(bounded.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${postHead(user)}{`);
  let answer = "";
  for await (const piece of socket) answer += piece;
  assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  assert.equal(JSON.parse(answer.split("\r\n\r\n")[1]).code, "BODY_TOO_SLOW");
  await bounded.stop();
});

test("more connections than there are descriptors for leave the others at work", async () => {
  const tight = await startServer({ workers: 0, descriptors: { soft: 64, hard: 400 },
    set: { "server.pool_threads": 2, "database.connections_max": 2, "egress.posts_max": 2 } });
  const clamped = await tight.logged("connections_clamped");
  assert.deepEqual([clamped.level, clamped.connections_max, clamped.configured, clamped.descriptors],
    ["warning", 128, 10000, 400]);
  const link = new URL((await upload(await signUp(tight), scene(20, 16))).body.image.url);
  const ask = (socket) => new Promise((done) => {
    let text = "";
    socket.on("data", function read(piece) {
      text += piece.toString("latin1");
      const [head, body] = text.split("\r\n\r\n", 2);
      if (body === undefined || text.length < head.length + 4 + Number(/length: (\d+)/i.exec(head)[1])) return;
      socket.off("data", read);
      done(head.slice(9, 12));
    });
    socket.once("close", () => done("closed")).once("error", () => done("closed"));
    socket.write(`GET ${link.pathname}${link.search} HTTP/1.1\r\nHost: x\r\n\r\n`);
  });
  const sockets = [];
  for (let answer = "200"; answer === "200"; ) {
    sockets.push(connect(Number(link.port), "127.0.0.1"));
    answer = await ask(sockets.at(-1));
    assert.ok(answer === "200" || sockets.length > 120, `${answer} at connection ${sockets.length}`);
  }
  assert.ok(sockets.length <= 130);
  assert.deepEqual(new Set(await Promise.all(sockets.slice(0, -1).map(ask))), new Set(["200"]));
  for (const socket of sockets) socket.destroy();
  await tight.stop();
});

test("links lead to the port that was free", async () => {
  const { port } = new URL(server.url);
  assert.equal((await server.logged("listening")).url, `http://localhost:${port}`);
  const user = await signUp(server);
  const { url } = (await upload(user, scene(20, 16))).body.image;
  assert.ok(url.startsWith(`http://localhost:${port}/objects/`), url);
  const providers = await (await fetch(`${server.url}/api/auth/providers`)).json();
  assert.ok(providers.credentials.signinUrl.startsWith(`http://localhost:${port}/`));
  const { iss } = JSON.parse(Buffer.from(user.accessToken.split(".")[1], "base64url"));
  assert.equal(iss, `http://localhost:${port}/auth/v1`);
  const named = await startServer({ workers: 0, set: { "server.public_url": "https://photos.example/" } });
  assert.equal((await named.logged("listening")).url, "https://photos.example");
  await named.stop();
});

test("schema, models and version", async () => {
  assert.equal((await tintype("migrate", "--data", await folder())).code, 0);
  const listed = await tintype("models", "list");
  assert.match(listed.stdout, /^exact-x2 .*x2/m);
  const verified = await tintype("models", "verify");
  assert.equal(verified.code, 0, verified.stdout);
  assert.match((await tintype("version")).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("enhance needs no server, and says what it is asked too much", async () => {
  const directory = await folder();
  const file = join(directory, "scene.png");
  await writeFile(file, scene(90, 60));
  const enhance = (into, ...more) => tintype("enhance", file, "-o", join(directory, into), "--scale", "2", ...more);
  const plain = await enhance("plain", "--compare");
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(plain.stdout, /180 x 120/);
  const result = (into) => readFile(join(directory, into, "scene-enhanced.png"));
  assert.deepEqual((await readdir(join(directory, "plain"))).sort(), ["scene-compared.png", "scene-enhanced.png"]);
  // Nobody is in the picture.
  for (const [into, ...more] of [["faces", "--face"], ["weakly", "--face=0.3"]]) {
    const { code, stderr } = await enhance(into, ...more);
    assert.equal(code, 0, stderr);
    assert.ok((await result(into)).equals(await result("plain")), into);
  }
  for (const [into, ...more] of [["exact"], ["cut", "--tile", "32"]]) {
    const { code, stderr } = await enhance(into, "--backend", "sse2", "--model", "exact-x2", "--denoise", "1", ...more);
    assert.equal(code, 0, stderr);
  }
  assert.ok((await result("exact")).equals(await result("cut")));
  assert.ok(!(await result("exact")).equals(await result("plain")));
  for (const [flag, value] of [["--face", "=2"], ["--model", "=nothing"], ["--backend", "=abacus"], ["--denoise", "=7"]]) {
    const { code, stderr } = await enhance("refused", flag + value);
    assert.notEqual(code, 0, flag);
    assert.notEqual(stderr, "", flag);
  }
  const again = await enhance("plain");
  assert.match(again.stderr, /exists already; --force/);
});

test("workers of their own run the jobs of a server without any", async () => {
  const dataDir = await folder();
  const front = await startServer({ dataDir, workers: 0 });
  const user = await signUp(front);
  const { body } = await upload(user, scene(20, 16));
  const submitted = await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
  assert.equal(submitted.status, 200);
  const worker = await startWorker({ dataDir });
  const image = await settled(user, body.image.id);
  assert.equal(image.jobs[0].status, "COMPLETED");
  assert.deepEqual(await worker.stop(), { code: 0, signal: null });
  assert.deepEqual([(await front.stop()).code, (await tintype("doctor", "--data", dataDir)).code], [0, 0]);
});

test("a second signal does not wait", async () => {
  const dataDir = await folder();
  const busy = await startServer({ dataDir, set: { "server.drain_seconds": 600, "server.read_seconds": 600,
    "server.body_grace_seconds": 600 } });
  const user = await signUp(busy);
  const { body } = await upload(user, scene(900, 700));
  await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_4K" });
  // Whenever the job is done: this request is not.
  const socket = connect(Number(new URL(busy.url).port), "127.0.0.1");
  socket.on("error", () => {}).write(postHead(user, "Expect: 100-continue\r\n"));
  await once(socket, "data");
  process.kill(busy.pid, "SIGTERM");
  await busy.logged("draining");
  process.kill(busy.pid, "SIGINT");
  assert.equal((await busy.exited).signal, "SIGINT");
  assert.equal((await tintype("doctor", "--data", dataDir)).code, 0);
});
