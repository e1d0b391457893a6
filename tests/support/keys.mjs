// API keys for tests.
import assert from "node:assert/strict";
import { change } from "./server.mjs";

// A new key of a signed-in user: what POST /api/v1/keys answers, its text in `key`.
export async function newKey(user, wanted = {}) {
  const { status, body } = await user.post("/api/v1/keys", { name: "One", ...wanted });
  assert.equal(status, 201, JSON.stringify(body));
  return body.data;
}

// One request with a key: {status, headers, body}.
export async function callWith(server, key, method, path, json) {
  const answer = await change(server.url + path, { method,
    headers: { Authorization: `Bearer ${key}`, ...(json ? { "Content-Type": "application/json" } : {}) },
    body: json && JSON.stringify(json) });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}
