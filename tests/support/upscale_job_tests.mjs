// The routes of jobs on the upscale surface, every answer of theirs held to its description. Registered by
// tests/contract/upscale_openapi_test.mjs; tests/http/upscale_test.mjs has what becomes of the pictures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formOf } from "./description.mjs";
import { scene } from "./pictures.mjs";
import { signUp, upload } from "./server.mjs";

// `given` also holds `start`, which starts a server with these settings that is stopped at the end.
export function testJobs(description, given) {
  const caller = (server, user) => (method, path, expected, options = {}) =>
    description.send(server, method, `/api/v1${path}`, { token: user.token, expected, ...options });
  const asUser = async (server = given.server) => caller(server, await signUp(server));
  const idle = {}; // a server that runs no job, with room for many
  const asIdleUser = async () => {
    idle.server ??= await given.start({ workers: 0, set: { "limits.enabled": false } });
    return asUser(idle.server);
  };
  const somewhere = "https://pictures.example.com/a.jpg";
  const file = (fields = []) => ({ form: formOf([["file", scene(40, 30), "a.png"], ...fields]) });

  test("a submit is answered once under one key, and refused under it for something else", async () => {
    const call = await asIdleUser();
    const headers = { "Idempotency-Key": "one" };
    const first = await call("POST", "/upscale", 202, { json: { image_url: somewhere }, headers });
    const again = await call("POST", "/upscale", 202, { json: { image_url: somewhere }, headers });
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.deepEqual(again.body.data, first.body.data);
    await call("POST", "/upscale", 422, { json: { image_url: `${somewhere}?2` }, headers });
    assert.equal((await call("GET", "/jobs", 200)).body.data.jobs.length, 1);
  });

  test("jobs are listed, seen, waited for, followed and cancelled", async () => {
    const [call, other] = [await asIdleUser(), await asIdleUser()];
    const ids = [];
    for (const name of ["a", "b"]) {
      const { body } = await call("POST", "/upscale", 202, { json: { image_url: somewhere, metadata: { name } } });
      ids.unshift(body.data.job_id);
    }
    const page = await call("GET", "/jobs?limit=1&status=pending", 200);
    assert.deepEqual(page.body.data.jobs.map((job) => job.job_id), [ids[0]]);
    const rest = await call("GET", `/jobs?limit=1&cursor=${page.body.data.next_cursor}`, 200);
    assert.deepEqual(rest.body.data.jobs.map((job) => job.job_id), [ids[1]]);
    assert.equal(rest.body.data.next_cursor, null);
    assert.deepEqual((await call("GET", "/jobs?status=failed", 200)).body.data.jobs, []);
    const job = (await call("GET", `/jobs/${ids[0]}`, 200)).body.data;
    assert.deepEqual([job.status, job.metadata, job.result], ["pending", { name: "b" }, null]);
    const waiting = call("GET", `/jobs/${ids[0]}?wait=60`, 200);
    assert.equal((await call("POST", `/jobs/${ids[0]}/cancel`, 200)).body.data.status, "cancelled");
    assert.equal((await waiting).body.data.status, "cancelled");
    await call("POST", `/jobs/${ids[0]}/cancel`, 409);
    const { bytes } = await call("GET", `/jobs/${ids[0]}/events`, 200);
    assert.match(bytes.toString(), /^event: job\ndata: .*"status":"cancelled"/m);
    for (const [method, path] of [["GET", ""], ["GET", "/events"], ["POST", "/cancel"]]) {
      await other(method, `/jobs/${ids[1]}${path}`, 404);
    }
  });

  test("what is no call is refused", async () => {
    const call = await asIdleUser();
    const url = { image_url: somewhere };
    for (const json of [
      {}, { ...url, image_id: "img_1" }, { ...url, scale: 5 }, { ...url, scale: "4" }, { ...url, denoise: 1.1 },
      { ...url, fidelity_min: 0 }, { ...url, fidelity_min: 61 },
      { ...url, enhance_face: "yes" }, { ...url, output_format: "gif" }, { ...url, quality: 0 }, { ...url, model: "../x" },
      { ...url, webhook_events: ["job.completed"] }, { ...url, webhook_url: "https://a.example/", webhook_events: ["ping"] },
      { ...url, metadata: { 1: "a" } }, { ...url, metadata: { a: 1 } }, { ...url, metadata: { a: { b: "c" } } },
      { ...url, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`n${at}`, ""])) }, { ...url, tier: 1 },
      { image_url: "ftp://example.com/a" },
    ]) {
      await call("POST", "/upscale", 400, { json });
    }
    for (const image_url of ["http://user:pass@example.com/a.jpg", "file:///etc/passwd", "http://127.0.0.1/a",
      "http://169.254.169.254/latest", "http://[::1]/a", "http://10.0.0.1/a"]) {
      const { body } = await call("POST", "/upscale", 400, { json: { image_url } });
      assert.equal(body.error.code, "URL_NOT_ALLOWED", image_url);
      const { body: { data } } = await call("POST", "/estimate", 200, { json: { image_url } });
      assert.deepEqual([data.accepted, data.reason.code], [false, "URL_NOT_ALLOWED"]);
    }
    await call("POST", "/upscale", 404, { json: { image_id: "img_0000000000000000000000" } });
    await call("POST", "/estimate", 404, { json: { image_id: "img_0000000000000000000000" } });
    await call("POST", "/estimate", 400, { json: { ...url, width: 3 } });
    for (const path of ["/upscale", "/estimate"]) {
      await call("POST", path, 400, { form: formOf([["file", "no picture", "a.png"]]) });
      await call("POST", path, 400, file([["scale", "5"]]));
      await call("POST", path, 400, file([["scale", "2"], ["scale", "2"]]));
      await call("POST", path, 400, file([["metadata", "{"]]));
      await call("POST", path, 400, file([["image_url", somewhere]]));
    }
  });

  test("a form says the same as JSON", async () => {
    const call = await asIdleUser();
    const { body } = await call("POST", "/upscale", 202, file([["scale", "2"], ["enhance_face", "false"],
      ["denoise", "0.3"], ["metadata", '{"order":"A-1"}'], ["output_format", "webp"], ["quality", "80"]]));
    const job = (await call("GET", `/jobs/${body.data.job_id}`, 200)).body.data;
    assert.deepEqual(job.metadata, { order: "A-1" });
    const { body: { data } } = await call("POST", "/estimate", 200, file([["scale", "3"]]));
    assert.deepEqual([data.accepted, data.original_size, data.output_size],
      [true, { width: 40, height: 30 }, { width: 120, height: 90 }]);
  });

  test("the plan's bounds and the storage are held", async () => {
    const limited = await given.start({ workers: 0 });
    const call = await asUser(limited);
    await call("POST", "/upscale", 202, { json: { image_url: somewhere } });
    const { body } = await call("POST", "/upscale", 429, { json: { image_url: somewhere } });
    assert.equal(body.error.bound, "concurrent");
    const full = await given.start({ workers: 0, set: { "plans.free_bytes_max": 0 } });
    await (await asUser(full))("POST", "/upscale", 403, { json: { image_url: somewhere } });
    const crowded = await given.start({ workers: 0, set: { "webhooks.endpoints_max": 1, "limits.enabled": false } });
    const many = await asUser(crowded);
    await many("POST", "/upscale", 202, { json: { image_url: somewhere, webhook_url: "https://a.example/" } });
    await many("POST", "/upscale", 403, { json: { image_url: somewhere, webhook_url: "https://b.example/" } });
  });

  test("more waits than one user may hold are refused", async () => {
    const few = await given.start({ workers: 0, set: { "server.waits_per_user_max": 1, "limits.enabled": false } });
    const call = await asUser(few);
    const { body } = await call("POST", "/upscale", 202, { json: { image_url: somewhere } });
    const path = `/jobs/${body.data.job_id}`;
    // Which of two comes first nobody can say: one that waits asks again until it may.
    const hold = async () => {
      const answer = await call("GET", `${path}?wait=60`);
      return answer.status === 429 ? hold() : answer;
    };
    const held = hold();
    let refused;
    do refused = await call("GET", `${path}?wait=1`); while (refused.status !== 429);
    await call("GET", `${path}/events`, 429);
    await call("POST", `${path}/cancel`, 200);
    assert.equal((await held).status, 200);
  });

  test("a job ends with a result that the owner of its image sees too", async () => {
    const user = await signUp(given.server);
    const call = caller(given.server, user);
    const { body: { image } } = await upload(user, scene(40, 30));
    const { body } = await call("POST", "/upscale", 202, { json: { image_id: image.id, scale: 2 } });
    const { data } = (await call("GET", `/jobs/${body.data.job_id}/events`, 200)
      .then(() => call("GET", `/jobs/${body.data.job_id}`, 200))).body;
    assert.deepEqual([data.status, data.result.original_size, data.result.output_size],
      ["completed", { width: 40, height: 30 }, { width: 80, height: 60 }]);
    assert.ok(data.result.fidelity > 20 && data.result.fidelity <= 60, JSON.stringify(data.result));
    assert.equal((await fetch(data.result.output_url)).status, 200);
  });
}
