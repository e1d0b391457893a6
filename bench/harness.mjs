// Starts what is measured: ours and the peer, each with its log in a file, as a service has it.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, watch } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../tests/support/server.mjs";

// The first line of `path` that `pick` finds something in.
function lineOf(path, pick) {
  return new Promise((done) => {
    const look = () => {
      const found = readFileSync(path, "utf8").split("\n").slice(0, -1).map(pick).find(Boolean);
      if (found) done(found), watcher.close();
    };
    const watcher = watch(path, look);
    look();
  });
}

async function start(command, args, pick) {
  const folder = mkdtempSync(join(tmpdir(), "tintype-bench-"));
  const log = join(folder, "log");
  const output = openSync(log, "w");
  const began = performance.now();
  const child = spawn(command, args(folder), { stdio: ["ignore", output, output] });
  const found = await lineOf(log, pick);
  const readyMs = performance.now() - began;
  const statusOf = async (name) =>
    Number((await readFile(`/proc/${child.pid}/status`, "utf8")).match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;
  return {
    ...found,
    folder,
    readyMs,
    // Time on a core of all threads so far, in microseconds.
    async cpu() {
      const tasks = await readdir(`/proc/${child.pid}/task`);
      const times = await Promise.all(tasks.map((task) => readFile(`/proc/${child.pid}/task/${task}/schedstat`, "utf8")));
      return times.reduce((sum, text) => sum + Number(text.split(" ")[0]) / 1000, 0);
    },
    residentMb: () => statusOf("VmRSS"),
    peakMb: () => statusOf("VmHWM"),
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

export const startOurs = (set = {}) => start(binary, (folder) => ["serve", "--listen", "127.0.0.1:0",
  "--data", join(folder, "data"), "--workers", "1", "--set", "limits.enabled=false",
  ...Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`])], (line) => {
  const { event, port } = JSON.parse(line);
  return event === "listening" && { url: `http://127.0.0.1:${port}` };
});

export const startPeer = () => start(process.execPath, () => [new URL("peer/server.mjs", import.meta.url).pathname],
  (line) => JSON.parse(line).token && JSON.parse(line));

export const startPartsPeer = () => start(process.execPath,
  () => [new URL("peer/parts.mjs", import.meta.url).pathname], (line) => JSON.parse(line));

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
