// Starts the real program for a test: its own data directory, any free port, ended with the test.
import { spawn, execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
export const binary = process.env.TINTYPE_BINARY ?? join(root, "build/test/tintype");

const sets = (set) => Object.entries(set ?? {}).flatMap(([key, value]) => ["--set", `${key}=${value}`]);

// Runs one command to its end: {code, stdout, stderr}.
export async function tintype(...args) {
  try {
    const { stdout, stderr } = await promisify(execFile)(binary, args, { maxBuffer: 64 << 20 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

// Starts a program that runs until it is stopped, once its log has this event: {pid, logs, logged, exited, kill, end}
// and that line as `ready`.
async function startProgram(program, args, event, env = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  // What a failed test leaves running neither keeps the file from ending nor outlives it.
  process.once("exit", () => child.kill("SIGKILL"));
  const held = (promise) => {
    child.ref();
    child.stderr.ref();
    return promise;
  };
  const logs = [];
  const watchers = new Set();
  // Once all that it logged has come as well.
  const exited = new Promise((done) => child.once("close", (code, signal) => done({ code, signal })));
  createInterface({ input: child.stderr }).on("line", (line) => {
    logs.push(line);
    for (const watcher of watchers) watcher(line);
  });
  const logged = async (name, fields = {}) => {
    const wanted = Object.entries({ event: name, ...fields });
    const fits = (line) => wanted.every(([key, value]) => line.includes(`"${key}":${JSON.stringify(value)}`));
    return JSON.parse(logs.find(fits) ?? await held(new Promise((done, failed) => {
      watchers.add((line) => fits(line) && done(line));
      exited.then(() => failed(new Error(`the program ended without ${name}:\n${logs.join("\n")}`)));
    })));
  };
  const ready = await logged(event);
  child.unref();
  child.stderr.unref();
  return {
    ready,
    logs,
    pid: child.pid,
    get exited() {
      return held(exited);
    },
    // Resolves with the log line of an event, one that was written already or the next; of the event's lines, the one
    // that has these fields.
    logged,
    async kill() {
      child.kill("SIGKILL");
      return held(exited);
    },
    // Asks it to stop and answers how it did.
    async end() {
      child.kill("SIGTERM");
      return held(exited);
    },
  };
}

// What a slow machine takes is no failure; tests that wait for one of these to be over set it.
const kPatience = { "images.unfinished_seconds": 3600, "images.decode_seconds_max": 3600, "studio.preview_seconds": 600,
  "renditions.make_seconds_max": 600 };

export async function startServer({ set = {}, workers = 1, dataDir, env = {}, descriptors } = {}) {
  const data = dataDir ?? (await mkdtemp(join(tmpdir(), "tintype-test-")));
  const limit = descriptors && `ulimit -Sn ${descriptors.soft} && ulimit -Hn ${descriptors.hard} && exec "$0" "$@"`;
  const [program, ...first] = limit ? ["sh", "-c", limit, binary] : [binary];
  const running = await startProgram(
    program,
    [...first, "serve", "--listen", "127.0.0.1:0", "--data", data, "--workers", String(workers),
      ...sets({ "limits.sign_up_per_hour": 100000, ...kPatience, ...set })],
    "listening", env,
  );
  return Object.assign(running, {
    url: `http://127.0.0.1:${running.ready.port}`,
    dataDir: data,
    // Asks it to stop and answers how it did; removes the data unless it was the caller's.
    async stop() {
      const end = await running.end();
      if (!dataDir) await rm(data, { recursive: true, force: true });
      return end;
    },
  });
}

// `tintype worker` on the data of a server.
export async function startWorker({ set = {}, slots = 1, dataDir }) {
  const running = await startProgram(
    binary,
    ["worker", "--data", dataDir, "--slots", String(slots), "--listen", "127.0.0.1:0",
      ...sets({ ...kPatience, ...set })],
    "working",
  );
  return Object.assign(running, { url: `http://127.0.0.1:${running.ready.port}`, stop: running.end });
}

// fetch() for what changes something: no two of these that come one after another fall into the same millisecond. By
// that, lists know which is the newer, and a fast machine makes several things in one.
export async function change(...asked) {
  const answer = await fetch(...asked);
  tick();
  return answer;
}
export function tick() {
  for (const now = Date.now(); Date.now() === now;);
}

let users = 0;

// A new user, signed in: {email, token, refreshToken, id, fetch}. `fetch` takes a path and sends the token.
export async function signUp(server, email = `user-${process.pid}-${++users}@example.org`) {
  const response = await change(`${server.url}/auth/v1/signup`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: "correct horse battery" }),
  });
  const body = await response.json();
  if (response.status !== 200) throw new Error(`sign-up failed: ${JSON.stringify(body)}`);
  const token = body.session_token;
  return {
    email,
    id: body.user.id,
    token,
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    fetch: (path, options = {}) =>
      (options.method ? change : fetch)(path.startsWith("http") ? path : server.url + path, {
        ...options,
        headers: { Authorization: `Bearer ${token}`, ...options.headers },
      }),
    json: async (path, options) => {
      const answer = await (options?.method ? change : fetch)(server.url + path, {
        ...options,
        headers: { Authorization: `Bearer ${token}`, ...options?.headers },
      });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    post: async (path, body, headers = {}) => {
      const answer = await change(server.url + path, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
  };
}

export async function upload(user, bytes, name = "photo.png", fields = {}, headers = {}) {
  const form = new FormData();
  form.append("file", new Blob([bytes]), name);
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  const response = await user.fetch("/api/images/upload", { method: "POST", body: form, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

// Waits, by long polls alone, until every job of an image has ended; answers the image.
export async function settled(user, imageId) {
  for (;;) {
    const { body } = await user.json(`/api/images/${imageId}?wait=25`);
    if (body.image.jobs.every((job) => !["PENDING", "PROCESSING"].includes(job.status))) return body.image;
  }
}
