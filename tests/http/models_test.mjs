// Networks as operators look after them: fetched in the background and gone on with, chosen for a tier, and taken by
// workers that run already, in another process too.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { modelShelf } from "../support/models.mjs";
import { scene } from "../support/pictures.mjs";
import { kAdminKey, submit } from "../support/queue.mjs";
import { change, settled, signUp, startServer, startWorker, upload } from "../support/server.mjs";

const common = { "auth.admin_key": kAdminKey, "limits.enabled": false, "wallet.initial": 1_000 };

async function operate(server, method, path, body) {
  const answer = await change(`${server.url}/api/admin${path}`, { method, body: body && JSON.stringify(body),
    headers: { "x-admin-key": kAdminKey, "Content-Type": "application/json" } });
  return { status: answer.status, body: await answer.json() };
}
const install = (server, name) => operate(server, "POST", "/models", { name });

// The latest installation, once it has ended.
async function installed(server) {
  for (;;) {
    const { body } = await operate(server, "GET", "/models");
    if (body.installations[0].state !== "running") return body.installations[0];
  }
}

// What a job made of the image, as a digest.
async function made(server, user, imageId, tier) {
  const id = await submit(user, imageId, tier);
  const { jobs } = await settled(user, imageId);
  const job = jobs.find((one) => one.id === id);
  assert.equal(job.status, "COMPLETED", JSON.stringify(job));
  const answer = await fetch(job.enhancedUrl.replace(/^http:\/\/[^/]+/, server.url));
  return createHash("sha256").update(Buffer.from(await answer.arrayBuffer())).digest("hex");
}

for (const [name, startDatabase] of Object.entries(databases)) {
  describe(name, { skip: missingDatabase(name) }, () => {
    test("a choice is taken by the jobs that start afterwards, whoever runs them", async () => {
      const database = await startDatabase();
      const shelf = await modelShelf();
      const set = { ...common, ...database.set, ...shelf.set };
      const server = await startServer({ workers: 0, set });
      const worker = await startWorker({ dataDir: server.dataDir, set });
      try {
        const user = await signUp(server);
        const { body: { image } } = await upload(user, scene(300, 200));
        const choose = async (model) => {
          const { status, body } = await operate(server, "PUT", "/tiers/TIER_1K", { model });
          assert.equal(status, 200, JSON.stringify(body));
        };
        const byDefault = await made(server, user, image.id, "TIER_1K");
        await choose("exact-x4");
        const chosen = await made(server, user, image.id, "TIER_1K");
        assert.notEqual(chosen, byDefault);
        await choose(null);
        assert.equal(await made(server, user, image.id, "TIER_1K"), byDefault);
        // What is gone is said in the log, and the default taken.
        await choose("exact-x4");
        await rm(join(shelf.models, "exact-x4.json"));
        assert.equal(await made(server, user, image.id, "TIER_1K"), byDefault);
        await worker.logged("chosen_model_missing", { model: "exact-x4" });
        const { body: { tiers } } = await operate(server, "GET", "/tiers");
        assert.equal(tiers.find((tier) => tier.name === "TIER_1K").model, null);
      } finally {
        await worker.stop();
        await server.stop();
        await shelf.close();
        await database.stop();
      }
    });
  });
}

test("a download that is cut off says so, and goes on when it is asked for again", async () => {
  const shelf = await modelShelf();
  const half = shelf.network.length >> 1;
  const asked = [];
  shelf.answer = (request, response) => {
    asked.push(request.headers.range ?? null);
    if (!request.headers.range) {
      response.writeHead(200, { ETag: '"v1"', "Content-Length": shelf.network.length });
      return response.write(shelf.network.subarray(0, half), () => response.destroy());
    }
    if (asked.length <= 2) return response.destroy();
    response.writeHead(206, { ETag: '"v1"', "Content-Length": shelf.network.length - half,
      "Content-Range": `bytes ${half}-${shelf.network.length - 1}/${shelf.network.length}` });
    response.end(shelf.network.subarray(half));
  };
  const server = await startServer({ workers: 0, set: { ...common, ...shelf.set } });
  try {
    assert.equal((await install(server, "net")).status, 202);
    const cut = await installed(server);
    assert.deepEqual([cut.state, cut.received_bytes], ["failed", half]);
    assert.equal((await install(server, "net")).status, 202);
    assert.equal((await installed(server)).state, "succeeded");
    assert.deepEqual(asked, [null, `bytes=${half}-`, `bytes=${half}-`]);
  } finally {
    await server.stop();
    await shelf.close();
  }
});

test("one is fetched at a time, and a server that stops waits for none", async () => {
  const shelf = await modelShelf();
  const arrived = new Promise((done) => {
    shelf.answer = (request, response) => {
      response.writeHead(200, { "Content-Length": shelf.network.length });
      response.write(shelf.network.subarray(0, 1_000), done);
    };
  });
  const server = await startServer({ workers: 0, set: { ...common, ...shelf.set } });
  try {
    assert.equal((await install(server, "net")).status, 202);
    await arrived;
    assert.equal((await install(server, "other")).status, 409);
  } finally {
    const { code } = await server.stop();
    assert.equal(code, 0);
    await shelf.close();
  }
});
