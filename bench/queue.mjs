// Jobs that do nothing, by turns: through our queue on SQLite and BullMQ on a Redis that syncs every write, and through
// our queue on PostgreSQL and graphile-worker with its defaults. From the first submit to the last end; ours with a
// reservation and a ledger row each.
//   node bench/queue.mjs [JOBS [ROUNDS]]      TINTYPE_BINARY names the program
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { binary, root } from "../tests/support/server.mjs";
import { median } from "./harness.mjs";

const jobs = Number(process.argv[2] ?? 10_000), rounds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);
// On the disk that data is on: a /tmp in memory would sync nothing.
const folder = mkdtempSync(join(process.env.TINTYPE_BENCH_FOLDER ?? tmpdir(), "tintype-queue-"));
chmodSync(folder, 0o711);  // PostgreSQL's server is another user

// Redis prints that it is ready; a socket of its own costs it less than a port.
const socket = join(folder, "redis.sock");
const redis = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
  "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"], { stdio: ["ignore", "pipe", "inherit"] });
for (let said = ""; !/ready to accept/i.test(said); ) said += (await once(redis.stdout, "data"))[0];

const postgresql = (command) =>
  execFileSync(join(root, "tests/servers/postgresql"), [command, join(folder, "postgresql")], { encoding: "utf8" }).trim();
const postgres = postgresql("start");
// The test server's settings are for tests: back to what one is installed with, but for the place of its socket.
appendFileSync(join(folder, "postgresql/data/postgresql.conf"), [
  "fsync = on", "full_page_writes = on", "autovacuum_naptime = 1min", "autovacuum_analyze_threshold = 50",
  "autovacuum_vacuum_threshold = 50", "autovacuum_vacuum_insert_threshold = 1000", ""].join("\n"));
postgresql("restart");

let data = 0;
const figures = async (command, args) => JSON.parse((await run(command, args.map(String))).stdout.trim().split("\n").pop());
const ours = (set, submitters, bulk) => figures(binary, ["bench-queue", "--json", "--data", join(folder, `data${++data}`),
  "--jobs", jobs, "--submitters", submitters, "--bulk", bulk, "--slots", submitters > 1 ? 16 : 4, "--claims", bulk > 1 ? 16 : 4,
  "--set", "log.level=error", ...set]);
const peer = (name, ...args) => figures(process.execPath, [new URL(`peer/${name}.mjs`, import.meta.url).pathname, ...args]);

const onPostgres = ["--set", `database.url=${postgres}`];
const contests = [
  ["BullMQ", "one by one, 1 submitter", () => ours([], 1, 1), () => peer("bullmq", socket, jobs, 1, 1, 50)],
  ["BullMQ", "one by one, 32 submitters", () => ours([], 32, 1), () => peer("bullmq", socket, jobs, 32, 1, 50)],
  ["BullMQ", "in bulk, 500 at a time", () => ours([], 2, 500), () => peer("bullmq", socket, jobs, 2, 500, 50)],
  ["graphile-worker", "one by one, 32 submitters", () => ours(onPostgres, 32, 1),
    () => peer("graphile", postgres, jobs, 32, 1)],
  ["graphile-worker", "in bulk, 500 at a time", () => ours(onPostgres, 2, 500),
    () => peer("graphile", postgres, jobs, 2, 500)],
];

console.log("| jobs | | a second | | a second | ratio | least | most |\n|---|---|---|---|---|---|---|---|");
for (const [name, how, measureOurs, measurePeer] of contests) {
  const taken = [];
  for (let round = 0; round < rounds; ++round) {
    const [mine, theirs] = [await measureOurs(), await measurePeer()].map(({ seconds }) => jobs / seconds);
    taken.push({ mine, theirs, ratio: mine / theirs });
  }
  const ratios = taken.map(({ ratio }) => ratio);
  const rate = (figure) => Math.round(median(taken.map((one) => one[figure]))).toLocaleString("en");
  console.log(`| ${how} | ours | ${rate("mine")} | ${name} | ${rate("theirs")} | **${median(ratios).toFixed(1)}** | ` +
    `${Math.min(...ratios).toFixed(1)} | ${Math.max(...ratios).toFixed(1)} |`);
}
redis.kill();
await once(redis, "exit");
postgresql("stop");
rmSync(folder, { recursive: true });
