// The log as an operator reads it: a line for each request, with what its answer says of an error.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signUp, startServer } from "../support/server.mjs";

let server, ann;
before(async () => {
  server = await startServer();
  ann = await signUp(server);
});
after(() => server.stop());

test("the line of a request has the code of its error", async () => {
  const tries = [
    ["/v1/images/img_none", 404, "NOT_FOUND"], // hosting
    ["/v1/images?limit=x", 400, "INVALID_INPUT"],
    ["/api/images/img_none", 404, "NOT_FOUND"], // enhancement
    ["/api/ai/status/job_none", 404, "NOT_FOUND"], // studio
    ["/api/v1/jobs/job_none", 404, "NOT_FOUND"], // upscale
    ["/auth/v1/nothing", 404, "NOT_FOUND"],
    ["/objects/nothing", 403, "AccessDenied"], // S3 has names of its own
    ["/nothing", 404, "NOT_FOUND"], // before a route is found
    ["/v1/images", 200, null],
  ];
  for (const [target, status, code] of tries) {
    const id = `try-${tries.findIndex(([one]) => one === target)}`;
    const answer = await ann.fetch(target, { headers: { "X-Request-Id": id } });
    assert.equal(answer.status, status, target);
    const line = await server.logged("request", { request_id: id });
    assert.deepEqual([line.path, line.status, line.code], [target.split("?")[0], status, code]);
  }
});

test("also where a person gets a page, or waits", async () => {
  await fetch(`${server.url}/s/none`, { headers: { Accept: "text/html", "X-Request-Id": "page" } });
  assert.equal((await server.logged("request", { request_id: "page" })).code, "NOT_FOUND");
  const { body: { image_id: id, upload } } =
    await ann.post("/v1/images", { filename: "a.png", content_type: "image/png", size_bytes: 10 });
  const [gone] = await Promise.all([ann.fetch(`/v1/images/${id}?wait=60`, { headers: { "X-Request-Id": "wait" } }),
    ann.fetch(`/v1/uploads/${upload.session_id}`, { method: "DELETE" })]);
  assert.equal(gone.status, 404);
  assert.equal((await server.logged("request", { request_id: "wait" })).code, "NOT_FOUND");
});
