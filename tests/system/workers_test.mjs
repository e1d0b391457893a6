// A server without workers and workers without a server, on both databases: whoever is there does what waits, and
// whatever happens to one of them, its job is done by another, once.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { scene } from "../support/pictures.mjs";
import { settled, signUp, startServer, startWorker, tintype, upload } from "../support/server.mjs";

// What the server says of a job, event by event.
async function* eventsOf(user, jobId) {
  const response = await user.fetch(`/api/jobs/${jobId}/events`);
  assert.equal(response.status, 200);
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) if (block.startsWith("event: job")) yield JSON.parse(block.split("\ndata: ")[1]);
  }
}

async function until(events, status) {
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done, `the events ended before ${status}`);
    if (value.status === status) return value;
  }
}

for (const name of Object.keys(databases)) {
  test(`workers apart on ${name}`, { skip: missingDatabase(name), timeout: 600_000 }, async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), "tintype-workers-"));
    const database = await databases[name]();
    const set = { ...database.set, "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1, "wallet.initial": 1000,
      "limits.enabled": false, "server.drain_seconds": 0 };
    const server = await startServer({ dataDir, set, workers: 0 });
    const worker = () => startWorker({ dataDir, set });
    const user = await signUp(server);
    const submitted = async (width, tier) => {
      const { body: { image } } = await upload(user, scene(width, Math.round(width * 0.75)));
      const { status, body } = await user.post("/api/images/enhance", { imageId: image.id, tier });
      assert.equal(status, 200);
      return { image: image.id, job: body.jobId, events: eventsOf(user, body.jobId) };
    };
    let captured = 0;
    const spent = (tokens) => { captured += tokens; };

    await t.test("what waits is done by a worker that comes later, and the server shows it", async () => {
      const { job, image, events } = await submitted(200, "TIER_1K");
      assert.equal((await events.next()).value.status, "PENDING");
      const late = await worker();
      await until(events, "PROCESSING");
      assert.equal((await until(events, "COMPLETED")).progress, 100);
      await late.logged("job_succeeded", { job });
      assert.equal((await settled(user, image)).jobs[0].status, "COMPLETED");
      spent(2);
      const metrics = await (await fetch(`${late.url}/metrics`)).text();
      assert.match(metrics, /^tintype_job_step_seconds_count{.*operation="enhance".*step="engine".*} 1$/m);
      assert.equal((await fetch(`${late.url}/readyz`)).status, 200);
      assert.equal((await fetch(`${late.url}/api/images`)).status, 404, "health and metrics alone");
      assert.deepEqual(await late.stop(), { code: 0, signal: null });
    });

    await t.test("a long poll on the server hears of a worker elsewhere", async () => {
      const one = await worker();
      const { image, events } = await submitted(200, "TIER_1K");
      for (let status = ""; status !== "COMPLETED"; ) {
        ({ status } = (await user.json(`/api/images/${image}?wait=25`)).body.image.jobs[0]);
      }
      await until(events, "COMPLETED");
      spent(2);
      await one.stop();
    });

    await t.test("several share the work; one that stops leaves it to the others", async () => {
      const workers = [await worker(), await worker(), await worker()];
      const jobs = await Promise.all(Array.from({ length: 9 }, () => submitted(120, "TIER_1K")));
      await until(jobs[0].events, "COMPLETED");
      assert.equal((await workers.pop().stop()).code, 0);
      await Promise.all(jobs.slice(1).map(({ events }) => until(events, "COMPLETED")));
      spent(2 * jobs.length);
      await Promise.all(workers.map((one) => one.stop()));
    });

    await t.test("what a worker is asked to leave in the middle goes back into the queue", async () => {
      const first = await worker();
      const { job, events } = await submitted(1500, "TIER_2K");
      await until(events, "PROCESSING");
      assert.equal((await first.stop()).code, 0);
      const second = await worker();
      await until(events, "COMPLETED");
      await second.logged("job_succeeded", { job });
      spent(5);
      await second.stop();
    });

    await t.test("kill -9 in the middle of a job: another finishes it", async () => {
      const first = await worker();
      const { job, events } = await submitted(1500, "TIER_2K");
      await until(events, "PROCESSING");
      await first.kill();
      const second = await worker();
      await until(events, "COMPLETED");
      await second.logged("jobs_rescued");
      await second.logged("job_succeeded", { job });
      spent(5);
      await second.stop();
    });

    await t.test("a cancel reaches the process that runs the job", async () => {
      const one = await worker();
      const { job, events } = await submitted(1500, "TIER_4K");
      await until(events, "PROCESSING");
      assert.equal((await user.post(`/api/jobs/${job}/cancel`, {})).status, 200);
      await until(events, "CANCELLED");
      assert.ok(!one.logs.some((line) => line.includes("job_succeeded") && line.includes(job)));
      await one.stop();
    });

    if (database.restart) {
      await t.test("a restart of the database: all find each other again", async () => {
        const one = await worker();
        await database.restart();
        await Promise.all([one.logged("wakeups_back"), server.logged("wakeups_back")]);
        const { events } = await submitted(200, "TIER_1K");
        await until(events, "COMPLETED");
        spent(2);
        await one.stop();
      });
    }

    await t.test("every token is where it belongs", async () => {
      const { body } = await user.json("/api/tokens/balance");
      assert.deepEqual([body.balance, body.reserved], [1000 - captured, 0]);
      assert.equal((await server.stop()).code, 0);
      const report = await tintype("doctor", "--data", dataDir,
        ...Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`]));
      assert.equal(report.code, 0, report.stdout + report.stderr);
    });

    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}
