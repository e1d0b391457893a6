// The program with its objects in a bucket: pictures come from there and go there, and clients read them there.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { settled, signUp, startServer, tintype, upload } from "../support/server.mjs";
import { startS3 } from "../support/s3_server.mjs";
import { scene } from "../support/pictures.mjs";

const stores = {};
before(async () => {
  for (const name of ["ceph", "swift"]) stores[name] = await startS3(name);
});
after(() => Promise.all(Object.values(stores).map((store) => store.stop())));

const options = (data, set) => ["--data", data, ...Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`])];

async function withData(work) {
  const data = await mkdtemp(join(tmpdir(), "tintype-s3-"));
  try {
    return await work(data);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

for (const name of ["ceph", "swift"]) {
  test(`pictures are kept, enhanced and shown on ${name}`, () => withData(async (data) => {
    const store = stores[name];
    const set = store.settings("pictures");
    const before = JSON.parse((await tintype("doctor", "--json", ...options(data, set))).stdout);
    assert.equal(before.healthy, false);
    assert.match(before.findings[0].sentence, /there is no bucket pictures/);
    const fixed = await tintype("doctor", "--fix", "--json", ...options(data, set));
    assert.equal(fixed.code, 0, fixed.stdout + fixed.stderr);

    const server = await startServer({ dataDir: data, set });
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const user = await signUp(server);
    const picture = scene();
    const { body } = await upload(user, picture);
    assert.ok(body.image.url.startsWith(`${store.endpoint}/pictures/`), body.image.url);
    const original = await fetch(body.image.url);
    assert.equal(original.headers.get("content-type"), "image/png");
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), picture);

    await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
    const image = await settled(user, body.image.id);
    assert.equal(image.jobs[0].status, "COMPLETED", JSON.stringify(image.jobs[0]));
    const result = await fetch(image.jobs[0].resultUrl ?? image.jobs[0].enhancedUrl);
    assert.equal(result.status, 200);
    const bytes = Buffer.from(await result.arrayBuffer());
    assert.equal(Math.max(bytes.readUInt32BE(16), bytes.readUInt32BE(20)), 1024);

    assert.equal((await server.stop()).code, 0);
    assert.deepEqual(await readdir(join(data, "spool")), [], "nothing is left of what was on its way");
    const healthy = await tintype("doctor", "--json", ...options(data, set));
    assert.equal(healthy.code, 0, healthy.stdout + healthy.stderr);
  }));
}

test("a worker apart fetches from the bucket and stores there", () => withData(async (data) => {
  const set = stores.ceph.settings("apart");
  await tintype("doctor", "--fix", ...options(data, set));
  const server = await startServer({ dataDir: data, set, workers: 0 });
  const second = await startServer({ dataDir: data, set, workers: 1 });
  const user = await signUp(server);
  const { body } = await upload(user, scene(40, 30));
  await user.post("/api/images/enhance", { imageId: body.image.id, tier: "TIER_1K" });
  const image = await settled(user, body.image.id);
  assert.equal(image.jobs[0].status, "COMPLETED");
  await second.stop();
  await server.stop();
}));

test("a store that is away is 503, and its objects are there again with it", () => withData(async (data) => {
  const set = { ...stores.ceph.settings("away"), "objects.attempts_max": 2 };
  await tintype("doctor", "--fix", ...options(data, set));
  const server = await startServer({ dataDir: data, set });
  const user = await signUp(server);
  const kept = (await upload(user, scene())).body.image;
  await stores.ceph.run("kill-gateway");
  const refused = await upload(user, scene());
  assert.equal(refused.status, 503, JSON.stringify(refused.body));
  assert.ok(refused.headers.get("retry-after"));
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  await stores.ceph.run("start-gateway");
  assert.equal((await upload(user, scene())).status, 200);
  assert.equal((await fetch(kept.url)).status, 200);
  await server.stop();
}));

test("a bucket without its credentials is refused at once", () => withData(async (data) => {
  const bare = await tintype("doctor", ...options(data, { "objects.url": "s3://pictures" }));
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /objects\.access_key_id/);
  const wrong = await tintype("doctor", ...options(data, { "objects.url": "gs://pictures" }));
  assert.match(wrong.stderr, /objects\.url must be/);
}));
