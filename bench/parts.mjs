// Parts of 8 MiB sent to signed URLs, ours and a plain Node.js service's by turns: one connection, and 64 at once. Each
// part is digested (MD5), synced to the disk and only then acknowledged, by either.
//   node bench/parts.mjs [SECONDS [ROUNDS]]      TINTYPE_BINARY names the program
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { median, startOurs, startPartsPeer } from "./harness.mjs";

const { S3Client, CreateMultipartUploadCommand, UploadPartCommand } = use("@aws-sdk/client-s3");
const { getSignedUrl } = use("@aws-sdk/s3-request-presigner");
function use(name) {
  return createRequire(new URL("../tests/package.json", import.meta.url))(name);
}

const seconds = Number(process.argv[2] ?? 5), rounds = Number(process.argv[3] ?? 3);
const secret = "a secret of this measurement", body = Buffer.alloc(8 << 20, "a picture ");
const accessKeyId = "TT" + createHash("sha256").update(secret).digest("hex").slice(0, 18);

// URLs of parts of one upload; 64 are enough, as a part may be sent again.
async function urlsOf(server) {
  const client = new S3Client({ endpoint: server.url, region: "us-east-1", forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey: secret } });
  const upload = { Bucket: "objects", Key: "bench/a.jpg" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
  return Promise.all(Array.from({ length: 64 }, (_, at) =>
    getSignedUrl(client, new UploadPartCommand({ ...upload, UploadId, PartNumber: at + 1 }), { expiresIn: 3600 })));
}

const put = (url, agent) => new Promise((done, failed) => {
  request(url, { method: "PUT", agent, headers: { "Content-Length": body.length } }, (answer) => {
    if (answer.statusCode !== 200) failed(new Error(`${answer.statusCode}`));
    answer.resume().on("end", done);
  }).on("error", failed).end(body);
});

async function throughput(server, lanes) {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const before = await server.cpu(), began = performance.now();
  let count = 0, resident = 0;
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    while (performance.now() < began + seconds * 1000) {
      await put(server.urls[lane], agent);
      ++count;
      resident = Math.max(resident, await server.residentMb());
    }
  }));
  agent.destroy();
  const mb = (count * body.length) / 1e6;
  return { rate: mb / ((performance.now() - began) / 1000), cpu: ((await server.cpu()) - before) / mb / 1000, resident };
}

const servers = { ours: await startOurs({ "auth.url_key": secret }), peer: await startPartsPeer() };
servers.ours.urls = await urlsOf(servers.ours);
servers.peer.urls = Array.from({ length: 64 }, (_, at) => `${servers.peer.url}/part-${at + 1}`);
for (const lanes of [1, 64]) {
  const taken = { ours: [], peer: [] };
  for (let round = 0; round < rounds; ++round) {
    for (const name of ["ours", "peer"]) taken[name].push(await throughput(servers[name], lanes));
  }
  for (const name of ["ours", "peer"]) {
    const of = (figure) => median(taken[name].map((one) => one[figure]));
    console.log(`${lanes} at once, ${name}: ${of("rate").toFixed(0)} MB/s, ${of("cpu").toFixed(2)} ms CPU a MB, ` +
      `${of("resident").toFixed(0)} MB resident`);
  }
}
for (const server of Object.values(servers)) await server.stop();
