// The webhook routes of the upscale surface, every answer of theirs held to its description. Registered by
// tests/contract/upscale_openapi_test.mjs; tests/system/webhooks_test.mjs has what receivers see.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.mjs";
import { signUp } from "./server.mjs";

const base = "/api/v1/webhooks";

// `given` also holds `start`, which starts a server with these settings that is stopped at the end.
export function testWebhooks(description, given) {
  const caller = (server, user) => (method, path, expected, options = {}) =>
    description.send(server, method, base + path, { token: user.token, expected, ...options });
  const asUser = async () => caller(given.server, await signUp(given.server));
  const endpointOf = async (call, url) =>
    (await call("POST", "/endpoints", 201, { json: { url } })).body.data.id;
  const key = (text) => ({ headers: { "Idempotency-Key": text } });

  test("webhook endpoints: made, listed, disabled, deleted", async () => {
    const [call, other] = [await asUser(), await asUser()];
    const url = "https://receiver.example.com/hook";
    const { body: { data } } = await call("POST", "/endpoints", 201, { json: { url }, ...key("make") });
    const again = await call("POST", "/endpoints", 201, { json: { url }, ...key("make") });
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.deepEqual(again.body.data, data);
    await call("POST", "/endpoints", 422, { json: { url: `${url}2` }, ...key("make") });
    await call("POST", "/endpoints", 409, { json: { url } });
    const refused = await call("POST", "/endpoints", 400, { json: { url: "http://a:b@receiver.example.com/" } });
    assert.equal(refused.body.error.code, "URL_NOT_ALLOWED");
    const second = await endpointOf(call, `${url}2`);
    const page = await call("GET", "/endpoints?limit=1", 200);
    assert.deepEqual(page.body.data.endpoints.map((one) => one.id), [second]);
    const rest = await call("GET", `/endpoints?limit=1&cursor=${page.body.data.next_cursor}`, 200);
    assert.deepEqual(rest.body.data.endpoints.map((one) => one.id), [data.id]);
    assert.equal(rest.body.data.next_cursor, null);

    const off = await call("PATCH", `/endpoints/${data.id}`, 200, { json: { enabled: false } });
    assert.equal(off.body.data.enabled, false);
    assert.equal(off.body.data.disabled_reason, "Disabled by its owner");
    await call("POST", `/endpoints/${data.id}/ping`, 409);
    await call("PATCH", `/endpoints/${data.id}`, 200, { json: { enabled: true } });
    assert.equal((await call("GET", `/endpoints/${data.id}`, 200)).body.data.enabled, true);

    await other("GET", `/endpoints/${data.id}`, 404);
    await other("PATCH", `/endpoints/${data.id}`, 404, { json: { enabled: false } });
    await other("GET", `/endpoints/${data.id}/secret`, 404);
    await other("POST", `/endpoints/${data.id}/secret/rotate`, 404);
    await other("POST", `/endpoints/${data.id}/ping`, 404);
    await other("DELETE", `/endpoints/${data.id}`, 404);
    await call("DELETE", `/endpoints/${data.id}`, 200);
    await call("DELETE", `/endpoints/${data.id}`, 404);
  });

  test("a user has so many endpoints and no more", async () => {
    const server = await given.start({ set: { "webhooks.endpoints_max": 1 } });
    const call = caller(server, await signUp(server));
    await endpointOf(call, "https://a.example.com/");
    const full = await call("POST", "/endpoints", 403, { json: { url: "https://b.example.com/" } });
    assert.equal(full.body.error.code, "QUOTA_EXCEEDED");
  });

  test("secrets are read, rotated, and not kept with answers", async () => {
    const call = await asUser();
    const id = await endpointOf(call, "https://receiver.example.com/secrets");
    const { body: { data: before } } = await call("GET", `/endpoints/${id}/secret`, 200);
    const rotate = (expected, options) => call("POST", `/endpoints/${id}/secret/rotate`, expected, options);
    const { body: { data: made } } = await rotate(200, { json: { overlap_seconds: 60 }, ...key("rotate") });
    const replayed = await rotate(200, { json: { overlap_seconds: 60 }, ...key("rotate") });
    assert.deepEqual(replayed.body.data, { ...made, secret: null });
    await rotate(422, { json: { overlap_seconds: 61 }, ...key("rotate") });
    const { body: { data: after } } = await call("GET", `/endpoints/${id}/secret`, 200);
    assert.deepEqual(after.secrets.map((one) => one.secret), [made.secret, before.secret]);
    assert.equal(after.secret, made.secret);
    await rotate(200);
    const now = (await call("GET", `/endpoints/${id}/secret`, 200)).body.data;
    assert.equal(now.secrets.length, 2);
    assert.ok(!now.secrets.some((one) => one.secret === before.secret));

    const server = await given.start({ set: { "webhooks.secret": "whsec_b3duIHNlY3JldA==" } });
    const shared = caller(server, await signUp(server));
    const other = await endpointOf(shared, "https://receiver.example.com/");
    await shared("GET", `/endpoints/${other}/secret`, 409);
    await shared("POST", `/endpoints/${other}/secret/rotate`, 409);
  });

  test("deliveries are listed, looked at and sent again", async () => {
    const server = await given.start({ set: { "egress.allow_private": true } });
    const user = await signUp(server);
    const call = caller(server, user);
    const receiver = await startReceiver();
    const id = await endpointOf(call, receiver.url);
    const ping = (expected, options) => call("POST", `/endpoints/${id}/ping`, expected, options);
    const { body: { data: sent } } = await ping(202, key("ping"));
    assert.equal((await ping(202, key("ping"))).body.data.id, sent.id);
    await receiver.when((all) => all.length === 1);
    // Its outcome is written a moment later; what is under way until then is not sent once more.
    while ((await call("GET", `/deliveries/${sent.id}`, 200)).body.data.state === "pending");
    const other = await endpointOf(call, `${receiver.url}2`);
    await call("POST", `/endpoints/${other}/ping`, 422, key("ping"));

    const again = await call("POST", `/deliveries/${sent.id}/redeliver`, 202, key("again"));
    assert.equal(again.body.data.id, sent.id);
    await receiver.when((all) => all.length === 2);
    const { body: { data: second } } = await ping(202);
    await call("POST", `/deliveries/${second.id}/redeliver`, 422, key("again"));
    await receiver.when((all) => all.length >= 3);
    const detail = await call("GET", `/deliveries/${sent.id}`, 200);
    assert.equal(JSON.parse(detail.body.data.body).event, "ping");

    const listed = async (query) => (await call("GET", `/deliveries?${query}`, 200)).body.data.deliveries;
    assert.deepEqual(new Set((await listed("limit=10")).map((one) => one.id)), new Set([sent.id, second.id]));
    assert.equal((await listed(`endpoint_id=${id}`)).length, 2);
    assert.equal((await listed(`endpoint_id=${other}`)).length, 0);
    assert.equal((await listed(`job_id=job_${"0".repeat(22)}`)).length, 0);
    assert.equal((await listed("state=failed")).length, 0);
    const stranger = caller(server, await signUp(server));
    await stranger("GET", `/deliveries/${sent.id}`, 404);
    await stranger("POST", `/deliveries/${sent.id}/redeliver`, 404);
    await call("PATCH", `/endpoints/${id}`, 200, { json: { enabled: false } });
    await call("POST", `/deliveries/${sent.id}/redeliver`, 409);
    await call("PATCH", `/endpoints/${id}`, 200, { json: { enabled: true } });
    for (let count = 0; count < 60; ++count) {
      const answer = await call("POST", `/endpoints/${other}/ping`);
      if (answer.status === 429) break;
    }
    await ping(429);
    await call("POST", `/deliveries/${sent.id}/redeliver`, 429);
    await receiver.close();
  });
}
