// The key routes of the upscale surface, every answer of theirs held to its description. Registered by
// tests/contract/upscale_openapi_test.mjs; tests/http/keys_test.mjs has what programs do with keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signUp } from "./server.mjs";

// `given` also holds `start`, which starts a server with these settings that is stopped at the end.
export function testKeys(description, given) {
  // Sends as the user that is signed in there, unless another is named.
  const send = (method, target, options = {}) =>
    description.send(options.server ?? given.server, method, target, { token: given.user.token, ...options });
  const post = (target, json, options = {}) => send("POST", target, { json, ...options });

  test("keys: made, listed, rotated, revoked", async () => {
    const key = { headers: { "Idempotency-Key": "key-1" } };
    const wanted = { name: "One", environment: "test", plan: "starter", scopes: ["jobs:read"],
      expires_at: "2999-01-01T00:00:00Z" };
    const { body: { data: made, meta } } = await post("/api/v1/keys", wanted, { ...key, expected: 201 });
    assert.deepEqual([made.name, made.environment, made.plan, made.scopes, made.expires_at],
      ["One", "test", "starter", ["jobs:read"], "2999-01-01T00:00:00.000Z"]);
    assert.ok(made.key.startsWith(made.prefix));
    const again = await post("/api/v1/keys", wanted, { ...key, expected: 201 });
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.deepEqual(again.body.data, { ...made, key: null });
    assert.notEqual(again.body.meta.requestId, meta.requestId);
    await post("/api/v1/keys", { ...wanted, name: "Other" }, { ...key, expected: 422 });
    const { body: { data: { keys } } } = await send("GET", "/api/v1/keys", { expected: 200 });
    const { key: _, ...listed } = made;
    assert.deepEqual(keys.find(({ id }) => id === made.id), listed);

    const path = `/api/v1/keys/${made.id}`;
    const minute = { overlap_seconds: 60 };
    const rotation = { headers: { "Idempotency-Key": "key-2" } };
    const { body: { data: next } } = await post(`${path}/rotate`, minute, { ...rotation, expected: 201 });
    assert.deepEqual([next.name, next.scopes, next.expires_at], [made.name, made.scopes, made.expires_at]);
    await post(`${path}/rotate`, minute, { ...rotation, expected: 201 });
    await post(`${path}/rotate`, { overlap_seconds: 61 }, { ...rotation, expected: 422 });
    await post(`${path}/rotate`, undefined, { expected: 201 });
    await send("DELETE", path, { expected: 200 });
    await send("DELETE", path, { expected: 404 });
    await post(`${path}/rotate`, undefined, { expected: 404 });
  });

  test("plans that only the operator gives, and more keys than there may be", async () => {
    await post("/api/v1/keys", { name: "Large", plan: "enterprise" }, { expected: 403 });
    for (const wrong of ["2020-01-01T00:00:00Z", "tomorrow", "2999-02-30T00:00:00Z"]) {
      await post("/api/v1/keys", { name: "Late", expires_at: wrong }, { expected: 400 });
    }
    const narrow = await given.start({ set: { "keys.per_user_max": 1 } });
    const { token } = await signUp(narrow);
    const sent = { server: narrow, token };
    const { body: { data: { id } } } = await post("/api/v1/keys", { name: "One" }, { ...sent, expected: 201 });
    await post("/api/v1/keys", { name: "Two" }, { ...sent, expected: 409 });
    await post(`/api/v1/keys/${id}/rotate`, undefined, { ...sent, expected: 409 });
    await post(`/api/v1/keys/${id}/rotate`, { overlap_seconds: 0 }, { ...sent, expected: 201 });
  });

  test("somebody else's keys are not there", async () => {
    const other = await signUp(given.server);
    const { body: { data: { id } } } = await post("/api/v1/keys", { name: "Mine" }, { expected: 201 });
    for (const [method, path] of [["DELETE", ""], ["POST", "/rotate"]]) {
      await send(method, `/api/v1/keys/${id}${path}`, { token: other.token, expected: 404 });
    }
  });
}
