// Uploads of a 2 MB JPEG, ours and the peer's by turns: ours is decoded to the end before it is accepted, the peer's
// is stored as it came; both are synced to the disk before they are acknowledged.
//   node bench/uploads.mjs [SECONDS [ROUNDS]]      TINTYPE_BINARY names the program
import { signUp } from "../tests/support/server.mjs";
import { median, startOurs, startPeer } from "./harness.mjs";
import { drawnJpeg } from "./pictures.mjs";

const seconds = Number(process.argv[2] ?? 5), rounds = Number(process.argv[3] ?? 3);
const connections = 4;

async function uploads(server, bytes) {
  const before = await server.cpu(), began = performance.now();
  let count = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < began + seconds * 1000) {
      const body = new FormData();
      body.append("file", new Blob([bytes], { type: "image/jpeg" }), "photo.jpg");
      const answer = await fetch(`${server.url}/api/images/upload`,
        { method: "POST", headers: { Authorization: `Bearer ${server.token}` }, body });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
      ++count;
    }
  }));
  return { rate: count / (performance.now() - began) * 1000, cpu: ((await server.cpu()) - before) / count / 1000 };
}

const { bytes, width, height } = await drawnJpeg(720, 540, 4);
const ours = await startOurs(), peer = await startPeer();
ours.token = (await signUp(ours)).token;
const taken = { ours: [], peer: [] };
for (let round = 0; round < rounds; ++round) {
  taken.ours.push(await uploads(ours, bytes));
  taken.peer.push(await uploads(peer, bytes));
}
console.log(`a JPEG of ${(bytes.length / 1e6).toFixed(1)} MB, ${width} x ${height}, ${connections} connections`);
for (const [name, server] of [["ours", ours], ["peer", peer]]) {
  const of = (figure) => median(taken[name].map((one) => one[figure])).toFixed(1);
  console.log(`${name}: ${of("rate")}/s, ${of("cpu")} ms CPU each, ${(await server.peakMb()).toFixed(0)} MB at most`);
  await server.stop();
}
