// Networks here and in ONNX Runtime (fp32, as many threads), by turns, on pictures of one size: how many times faster
// we are. Needs the folder that training/bench_networks.py writes:
//
//     node bench/engine.mjs build/bench-networks [BACKEND]
import { execFileSync } from "node:child_process";
import { mkdtempSync, cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../tests/support/server.mjs";
import { median } from "./harness.mjs";

const ort = createRequire(new URL("peer/package.json", import.meta.url))("onnxruntime-node");
const [folder, asked] = process.argv.slice(2);
const TURNS = Number(process.env.TURNS ?? 5);
const threads = availableParallelism();
const cases = [
  { model: "rrdbnet", side: 128 },
  { model: "srvgg-16", side: 256 },
  { model: "srvgg-32", side: 256 },
  { model: "photo-x4", side: 512 },
  { model: "exact-x4", side: 256 },
];

const models = mkdtempSync(join(tmpdir(), "tintype-bench-"));
cpSync(new URL("../models", import.meta.url), models, { recursive: true });
for (const model of ["rrdbnet", "srvgg-16", "srvgg-32"]) {
  execFileSync(binary, ["models", "add", join(folder, `${model}.pth`), "--name", model,
    "--set", `engine.models_directory=${models}`]);
}

function ours(model, side, ...more) {
  const lines = execFileSync(binary, ["bench", "--models", models, "--model", model, "--width", side, "--height", side,
    "--threads", threads, "--repeats", 3, "--json", ...more].map(String), { encoding: "utf8" });
  return JSON.parse(lines.split("\n")[0]);
}
const backend = asked ?? ours("exact-x2", 64).backend;  // the one that is preferred comes first

console.log(`median of ${TURNS} turns, ${threads} threads, milliseconds`);
console.log("model        side      ours  ONNX Runtime  ratio  least  most  backend");
for (const { model, side } of cases) {
  const session = await ort.InferenceSession.create(join(folder, `${model}.onnx`), { intraOpNumThreads: threads });
  const input = new ort.Tensor("float32", new Float32Array(3 * side * side).fill(0.5), [1, 3, side, side]);
  await session.run({ input });
  const our = [], their = [], ratios = [];
  let line;
  for (let turn = 0; turn < TURNS; ++turn) {
    let best = Infinity;
    for (let repeat = 0; repeat < 3; ++repeat) {
      const began = performance.now();
      await session.run({ input });
      best = Math.min(best, performance.now() - began);
    }
    line = ours(model, side, "--backend", backend);
    our.push(line.milliseconds), their.push(best), ratios.push(best / line.milliseconds);
  }
  const row = [model.padEnd(12), String(side).padStart(4), median(our).toFixed(0).padStart(9),
    median(their).toFixed(0).padStart(13), median(ratios).toFixed(2).padStart(6), Math.min(...ratios).toFixed(2).padStart(6),
    Math.max(...ratios).toFixed(2).padStart(5), " " + line.backend];
  console.log(row.join(" "));
}
rmSync(models, { recursive: true });
