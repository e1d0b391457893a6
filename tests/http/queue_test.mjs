// The queue board's API: who may use it, what it does to jobs of real workers, and that it is seen by all processes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { board, fail, kAdminKey, signUpAdmin, submit } from "../support/queue.mjs";
import { settled, signUp, startServer, startWorker, tintype, upload } from "../support/server.mjs";

let server, user, admin, queue;

before(async () => {
  server = await startServer({ set: { "auth.admin_key": kAdminKey, "limits.enabled": false } });
  user = await signUp(server);
  admin = await signUpAdmin(server);
  queue = board(server);
});
after(() => server.stop());

const reads = ["", "/series", "/jobs"];
const writes = [["/jobs/none/retry"], ["/jobs/none/cancel"], ["/drain", { lane: "operations" }],
  ["/pause", { lane: "operations" }], ["/resume", { lane: "operations" }]];

async function statuses(headers) {
  const caller = board(server, headers);
  const all = [];
  for (const path of reads) all.push((await caller.get(path)).status);
  for (const [path, body] of writes) all.push((await caller.post(path, body)).status);
  return new Set(all);
}

test("operators alone get in: no stranger, no user, no API key, no other site by an admin's cookie", async () => {
  assert.deepEqual(await statuses({}), new Set([401]));
  assert.deepEqual(await statuses({ "x-admin-key": `${kAdminKey}x` }), new Set([401]));
  assert.deepEqual(await statuses({ Authorization: `Bearer ${user.token}` }), new Set([403]));
  const made = await tintype("admin", "key", "create", admin.email, "--name", "k", "--plan", "enterprise",
    "--data", server.dataDir);
  const [key] = made.stdout.match(/pk_live_\w+/) ?? assert.fail(made.stdout + made.stderr);
  assert.deepEqual(await statuses({ Authorization: `Bearer ${key}` }), new Set([403]));
  const cookie = { Cookie: `next-auth.session-token=${admin.token}` };
  const elsewhere = board(server, { ...cookie, Origin: "https://elsewhere.example" });
  for (const [path, body] of writes) assert.equal((await elsewhere.post(path, body)).status, 403, path);
  const own = board(server, { ...cookie, Origin: server.url });
  assert.equal((await own.get("")).status, 200);
  assert.equal((await own.post("/resume", { lane: "operations" })).status, 200);
});

test("a failed job is tried again under its id, and logged with who asked", async () => {
  const { jobId, imageId } = await fail(server, user);
  const listed = await queue.get("/jobs?state=failed");
  assert.ok(listed.body.jobs.some(({ id, errorCode }) => id === jobId && errorCode));
  const { status, body } = await queue.post(`/jobs/${jobId}/retry`);
  assert.equal(status, 200, JSON.stringify(body));
  const image = await settled(user, imageId);
  assert.deepEqual(image.jobs.map(({ id, status: state }) => [id, state]), [[jobId, "COMPLETED"]]);
  assert.equal((await server.logged("queue_retry", { job: jobId })).by, "admin key");
  assert.equal((await user.json("/api/tokens/balance")).body.available, 98);
});

test("of a paused lane no process takes a job, also after a restart, until it is resumed", async () => {
  const { body } = await upload(user, scene());
  await board(server, { Authorization: `Bearer ${admin.token}` }).post("/pause", { lane: "operations" });
  assert.equal((await server.logged("queue_pause")).by, admin.id);
  const jobId = await submit(user, body.image.id);
  const worker = await startWorker({ dataDir: server.dataDir });
  try {
    // The other lane goes on: by the time somebody has made a later upload's renditions, all have looked for jobs.
    const later = (await upload(user, scene(50, 40, 2))).body.image.id;
    await Promise.race([worker, server].map((one) => one.logged("job_succeeded", { image: later })));
    const { body: job } = await user.json(`/api/jobs/${jobId}`);
    assert.equal(job.job.status, "PENDING");
    const { body: now } = await queue.get("");
    assert.equal(now.lanes[0].paused, true);
    const resumed = await queue.post("/resume", { lane: "operations" });
    assert.equal(resumed.body.lanes[0].paused, false);
    const image = await settled(user, body.image.id);
    assert.equal(image.jobs[0].status, "COMPLETED");
  } finally {
    await worker.stop();
  }
});

test("draining gives everybody's tokens back and leaves a sound ledger", async () => {
  await queue.post("/pause", { lane: "operations" });
  const other = await signUp(server);
  for (const who of [user, other]) {
    const { body } = await upload(who, scene(30, 20, 3));
    await submit(who, body.image.id, "TIER_4K");
  }
  const { body } = await queue.post("/drain", { lane: "operations" });
  assert.deepEqual([body.cancelled, body.tokensReleased, body.more], [2, 20, false]);
  assert.equal((await other.json("/api/tokens/balance")).body.available, 100);
  await queue.post("/resume", { lane: "operations" });
  const doctor = await tintype("doctor", "--data", server.dataDir);
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
});
