// Authenticated status reads, ours and the peer's by turns: per second, latency, and CPU of the server for each.
//   node bench/status_reads.mjs [SECONDS [ROUNDS]]      needs wrk; TINTYPE_BINARY names the program
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { scene } from "../tests/support/pictures.mjs";
import { signUp, upload } from "../tests/support/server.mjs";
import { median, startOurs, startPeer } from "./harness.mjs";

const seconds = Number(process.argv[2] ?? 5), rounds = Number(process.argv[3] ?? 3);

async function reads(server, connections) {
  const before = await server.cpu();
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency",
    "-H", `Authorization: Bearer ${server.token}`, `${server.url}/api/images/${server.image}`]);
  const used = (await server.cpu()) - before;
  if (/Non-2xx/.test(stdout)) throw new Error(stdout);
  const ms = (name) => {
    const [, number, unit] = stdout.match(new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`));
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { rate: Number(stdout.match(/Requests\/sec:\s+(\S+)/)[1]), p50: ms(50), p99: ms(99),
    cpu: used / Number(stdout.match(/(\d+) requests in/)[1]) };
}

const ours = await startOurs(), peer = await startPeer();
const user = await signUp(ours);
ours.token = user.token;
ours.image = (await upload(user, scene())).body.image.id;
await user.post("/api/images/parallel-enhance", { imageId: ours.image, tiers: ["TIER_1K", "TIER_2K"] });
await user.fetch(`/api/images/${ours.image}?wait=25`);
for (const [name, server] of [["ours", ours], ["peer", peer]]) {
  console.log(`${name}: ready after ${server.readyMs.toFixed(0)} ms, ${(await server.residentMb()).toFixed(0)} MB resident`);
}
for (const connections of [1, 64, 512]) {
  const taken = { ours: [], peer: [] };
  for (let round = 0; round < rounds; ++round) {
    taken.ours.push(await reads(ours, connections));
    taken.peer.push(await reads(peer, connections));
  }
  const of = (name, figure) => median(taken[name].map((one) => one[figure]));
  for (const name of ["ours", "peer"]) {
    console.log(`${connections} connections, ${name}: ${of(name, "rate").toFixed(0)}/s, p50 ${of(name, "p50").toFixed(2)} ms, ` +
      `p99 ${of(name, "p99").toFixed(2)} ms, ${of(name, "cpu").toFixed(0)} µs CPU each`);
  }
  console.log(`${connections} connections: ${(of("peer", "cpu") / of("ours", "cpu")).toFixed(1)} times less CPU than the peer`);
}
for (const [name, server] of [["ours", ours], ["peer", peer]]) {
  console.log(`${name}: ${(await server.residentMb()).toFixed(0)} MB resident after it all`);
  await server.stop();
}
