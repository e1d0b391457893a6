// Every operation of every description with every kind of credential: nobody's, a session, API keys with each of the
// scopes. What the descriptions say of them under `security` is what the server does.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Description, exchange, needsUser, takesBearer } from "../support/description.mjs";
import { newKey } from "../support/keys.mjs";
import { root, signUp, startServer } from "../support/server.mjs";

const kScopes = ["images:read", "images:write", "jobs:read", "jobs:write", "webhooks:read", "webhooks:write"];
// What a session is not asked to do here: they end it.
const kEndsSessions = ["signOut", "signOutWithCookie"];

const descriptions = [];
for (const name of (await readdir(join(root, "openapi"))).sort()) {
  descriptions.push(await Description.read(`openapi/${name}`));
}

let server, user;
const keys = {};
before(async () => {
  server = await startServer({ set: { "delivery.mode": "hmac", "delivery.cdn_url": "https://cdn.example.com",
    "limits.enabled": false } });
  user = await signUp(server);
  for (const scope of kScopes) keys[scope] = (await newKey(user, { scopes: [scope] })).key;
});
after(() => server.stop());

async function ask({ method, target, options }, token) {
  const body = options.json === undefined ? undefined : Buffer.from(JSON.stringify(options.json));
  const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body ? { "Content-Type": "application/json" } : {}) };
  const { status, bytes } = await exchange(server, method, target, { headers, body });
  return { status, text: bytes.toString("utf8"), what: `${method} ${target} -> ${status} ${bytes}` };
}

const isForOperators = (operation) => operation.security.some((one) => "adminKey" in one);
const scopeOf = (operation) => operation.security.find((one) => "key" in one)?.key[0];
const refusesKeys = ({ status, text }) => status === 403 && text.includes("API keys may not do this");

for (const description of descriptions) {
  test(`${description.file}: with nothing, a session, and keys of each scope`, async () => {
    for (const one of description.operations()) {
      const { operation } = one;
      const sample = description.sampleOf(one);
      const anonymous = await ask(sample);
      assert.equal(anonymous.status === 401, needsUser(operation), anonymous.what);
      if (!kEndsSessions.includes(operation.operationId)) {
        const signedIn = await ask(sample, user.token);
        if (isForOperators(operation)) assert.equal(signedIn.status, 403, signedIn.what);
        else assert.ok(![401, 403].includes(signedIn.status) || !takesBearer(operation), signedIn.what);
      }
      const needed = scopeOf(operation);
      for (const scope of kScopes) {
        const answer = await ask(sample, keys[scope]);
        if (needed === scope) {
          assert.ok(![401, 403].includes(answer.status), answer.what);
        } else if (needed) {
          assert.equal(answer.status, 403, answer.what);
          assert.ok(answer.text.includes(`lacks the scope ${needed}`), answer.what);
        } else if (needsUser(operation)) {
          assert.ok(refusesKeys(answer), answer.what);
        } else {
          assert.ok(![401, 403].includes(answer.status) || answer.status === anonymous.status, answer.what);
        }
      }
    }
  });
}

test("keys are worth nothing as cookies, nor as the admin key", async () => {
  for (const headers of [{ Cookie: `next-auth.session-token=${keys["images:read"]}` },
    { "x-admin-key": keys["images:read"] }]) {
    assert.equal((await exchange(server, "GET", "/api/images", { headers })).status, 401);
  }
});
