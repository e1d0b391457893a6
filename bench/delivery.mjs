// Views of pictures: URLs signed per second, and `:view` through the server at 64 connections beside a status read.
//   node bench/delivery.mjs [SECONDS [ROUNDS]]      needs wrk; TINTYPE_BINARY names the program
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { scene } from "../tests/support/pictures.mjs";
import { binary, signUp, upload } from "../tests/support/server.mjs";
import { median, startOurs } from "./harness.mjs";

const seconds = Number(process.argv[2] ?? 5), rounds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);

const data = mkdtempSync(join(tmpdir(), "tintype-bench-"));
for (const mode of [[], ["--set", "delivery.mode=hmac", "--set", "delivery.cdn_url=https://cdn.example.com"]]) {
  const { stdout } = await run(binary, ["bench-links", "--data", data, ...mode]);
  console.log(`${mode.length ? "by HMAC for a CDN" : "by the local store"}: ${stdout.trim().replaceAll("\n", "; ")}`);
}
rmSync(data, { recursive: true });

const server = await startOurs();
const user = await signUp(server);
const image = (await upload(user, scene(640, 480))).body.image.id;
await user.json(`/v1/images/${image}`, { method: "PATCH", body: JSON.stringify({ visibility: "public" }),
  headers: { "Content-Type": "application/json" } });

async function asked(path, token) {
  const before = await server.cpu();
  const { stdout } = await run("wrk", ["-t1", "-c64", `-d${seconds}s`, "--latency",
    ...(token ? ["-H", `Authorization: Bearer ${token}`] : []), server.url + path]);
  if (/Non-2xx/.test(stdout)) throw new Error(stdout);
  const [, p99, unit] = stdout.match(/99%\s+([\d.]+)(us|ms|s)/);
  return { rate: Number(stdout.match(/Requests\/sec:\s+(\S+)/)[1]),
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit],
    cpu: ((await server.cpu()) - before) / Number(stdout.match(/(\d+) requests in/)[1]) };
}

const kinds = {
  "status read": [`/api/images/${image}`, user.token],
  ":view by its owner": [`/v1/images/${image}:view?variant=medium`, user.token],
  ":view by anybody": [`/v1/images/${image}:view?variant=medium`],
  ":view of a rendition": [`/v1/images/${image}:view?w=320&h=320&fit=cover`, user.token],
};
const taken = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
for (let round = 0; round < rounds; ++round) {
  for (const [kind, ask] of Object.entries(kinds)) taken[kind].push(await asked(...ask));
}
for (const [kind, all] of Object.entries(taken)) {
  const of = (figure) => median(all.map((one) => one[figure]));
  console.log(`${kind}: ${of("rate").toFixed(0)}/s, p99 ${of("p99").toFixed(1)} ms, ${of("cpu").toFixed(0)} µs CPU each`);
}
await server.stop();
