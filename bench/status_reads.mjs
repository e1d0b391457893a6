// Authenticated status reads: per second, latency, and CPU of the server for each.
//   node bench/status_reads.mjs [SECONDS]      needs wrk; TINTYPE_BINARY names the program
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { signUp, startServer, upload } from "../tests/support/server.mjs";
import { scene } from "../tests/support/pictures.mjs";

const seconds = Number(process.argv[2] ?? 10);
const began = performance.now();
const server = await startServer({ set: { "limits.enabled": false, "log.access": process.env.ACCESS_LOG ?? true }, workers: 0 });
const readyMs = performance.now() - began;
const user = await signUp(server);
const { body } = await upload(user, scene());
await user.post("/api/images/parallel-enhance", { imageId: body.image.id, tiers: ["TIER_1K", "TIER_2K"] });

// Kernel and user time of the server so far, in microseconds.
async function cpu() {
  const fields = (await readFile(`/proc/${server.pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
const resident = async () => Number((await readFile(`/proc/${server.pid}/status`, "utf8")).match(/VmRSS:\s+(\d+)/)[1]) / 1024;

console.log(`ready after ${readyMs.toFixed(0)} ms, ${(await resident()).toFixed(0)} MB resident`);
for (const connections of [1, 64, 512]) {
  const before = await cpu();
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency",
    "-H", `Authorization: Bearer ${user.token}`, `${server.url}/api/images/${body.image.id}`]);
  const used = (await cpu()) - before;
  const requests = Number(stdout.match(/(\d+) requests in/)[1]);
  const rate = stdout.match(/Requests\/sec:\s+(\S+)/)[1];
  const [p50, p99] = ["50%", "99%"].map((name) => stdout.match(new RegExp(`${name}\\s+(\\S+)`))[1]);
  const errors = stdout.match(/Non-2xx.*/)?.[0] ?? "";
  console.log(`${connections} connections: ${rate}/s, p50 ${p50}, p99 ${p99}, ${(used / requests).toFixed(1)} µs CPU each ${errors}`);
}
console.log(`${(await resident()).toFixed(0)} MB resident`);
await server.stop();
