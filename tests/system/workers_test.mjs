// A server without workers and workers without a server, on both databases: whoever is there does what waits, and
// whatever happens to one of them, its job is done by another, once.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { scene } from "../support/pictures.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { signUp, startServer, startWorker, tintype, upload } from "../support/server.mjs";

// A picture that is sent once it is let go: until then a job that fetches it is under way, however fast the machine is.
async function heldPicture() {
  const waiting = [];
  let isFree = false;
  const send = (response) => response.writeHead(200, { "Content-Type": "image/png" }).end(scene(40, 30));
  const { url, close } = await startReceiver({ answer: (_, response) => isFree ? send(response) : waiting.push(response) });
  return { url, close, letGo() {
    isFree = true;
    for (const response of waiting) send(response);
  } };
}

// What the server says of a job, event by event.
async function* eventsOf(user, path) {
  const response = await user.fetch(`${path}/events`);
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
    const set = { ...database.set, "wallet.initial": 1000, "limits.enabled": false, "server.drain_seconds": 0,
      "egress.allow_private": true, "egress.stall_seconds": 600, "egress.fetch_seconds": 3600 };
    const server = await startServer({ dataDir, set, workers: 0 });
    const worker = (more) => startWorker({ dataDir, set: { ...set, ...more } });
    const user = await signUp(server);
    const submitted = async () => {
      const { body: { image } } = await upload(user, scene(120, 90));
      const { status, body } = await user.post("/api/images/enhance", { imageId: image.id, tier: "TIER_1K" });
      assert.equal(status, 200);
      return { image: image.id, job: body.jobId, events: eventsOf(user, `/api/jobs/${body.jobId}`) };
    };
    const submittedHeld = async () => {
      const picture = await heldPicture();
      t.after(picture.close);
      const { status, body } = await user.post("/api/ai/submit",
        { operationType: "upscale", data: { image_url: picture.url, scale: 2 } });
      assert.equal(status, 202, JSON.stringify(body));
      return { job: body.jobId, events: eventsOf(user, `/api/ai/jobs/${body.jobId}`), picture };
    };
    let captured = 0;
    const spent = (tokens) => { captured += tokens; };

    await t.test("what waits is done by a worker that comes later, and the server shows it", async () => {
      const { job, events, picture } = await submittedHeld();
      assert.equal((await events.next()).value.status, "queued");
      const late = await worker();
      await until(events, "processing");
      picture.letGo();
      const { result } = await until(events, "completed");
      assert.deepEqual([result.width, result.height], [80, 60]);
      await late.logged("job_succeeded", { job });
      assert.equal((await user.json(`/api/ai/status/${job}`)).body.status, "completed");
      spent(5);
      const metrics = await (await fetch(`${late.url}/metrics`)).text();
      assert.match(metrics, /^tintype_job_step_seconds_count{.*operation="upscale".*step="engine".*} 1$/m);
      assert.equal((await fetch(`${late.url}/readyz`)).status, 200);
      assert.equal((await fetch(`${late.url}/api/images`)).status, 404, "health and metrics alone");
      assert.deepEqual(await late.stop(), { code: 0, signal: null });
    });

    await t.test("a long poll on the server hears of a worker elsewhere", async () => {
      const one = await worker();
      const { image, events } = await submitted();
      for (let status = ""; status !== "COMPLETED"; ) {
        ({ status } = (await user.json(`/api/images/${image}?wait=25`)).body.image.jobs[0]);
      }
      await until(events, "COMPLETED");
      spent(2);
      await one.stop();
    });

    await t.test("several share the work; one that stops leaves it to the others", async () => {
      const workers = [await worker(), await worker(), await worker()];
      const jobs = await Promise.all(Array.from({ length: 9 }, () => submitted()));
      await until(jobs[0].events, "COMPLETED");
      assert.equal((await workers.pop().stop()).code, 0);
      await Promise.all(jobs.slice(1).map(({ events }) => until(events, "COMPLETED")));
      spent(2 * jobs.length);
      await Promise.all(workers.map((one) => one.stop()));
    });

    await t.test("what a worker is asked to leave in the middle goes back into the queue", async () => {
      const first = await worker();
      const { job, events, picture } = await submittedHeld();
      await until(events, "processing");
      assert.equal((await first.stop()).code, 0);
      picture.letGo();
      const second = await worker();
      await until(events, "completed");
      await second.logged("job_succeeded", { job });
      spent(5);
      await second.stop();
    });

    await t.test("kill -9 in the middle of a job: another finishes it", async () => {
      // Its lease is soon over; elsewhere none is lost because the machine is slow.
      const first = await worker({ "jobs.lease_seconds": 2, "jobs.heartbeat_seconds": 1 });
      const { job, events, picture } = await submittedHeld();
      await until(events, "processing");
      await first.kill();
      picture.letGo();
      const second = await worker();
      await until(events, "completed");
      await second.logged("job_succeeded", { job });
      spent(5);
      await second.stop();
    });

    await t.test("a cancel reaches the process that runs the job", async () => {
      const one = await worker();
      const { job, events } = await submittedHeld();
      await until(events, "processing");
      assert.equal((await user.post(`/api/ai/cancel/${job}`, {})).status, 200);
      await until(events, "cancelled");
      assert.ok(!one.logs.some((line) => line.includes("job_succeeded") && line.includes(job)));
      await one.stop();
    });

    if (database.restart) {
      await t.test("a restart of the database: all find each other again", async () => {
        const one = await worker();
        await database.restart();
        await Promise.all([one.logged("wakeups_back"), server.logged("wakeups_back")]);
        const { events } = await submitted();
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
