// What a receipt says of a result, and that whoever has the public key can check it.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { root, signUp, startServer } from "../support/server.mjs";

let server, user;
const set = { "auth.receipt_key": "an-old-secret", "limits.enabled": false };

before(async () => {
  server = await startServer({ set });
  user = await signUp(server);
});
after(() => server?.stop());

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const json = (part) => JSON.parse(Buffer.from(part, "base64url"));

async function keysOf(from) {
  const answer = await fetch(`${from.url}/.well-known/jwks.json`);
  assert.equal(answer.status, 200);
  return (await answer.json()).keys;
}

// The claims; nothing when the signature does not hold.
function checked(receipt, keys) {
  const [header, claims, signature] = receipt.split(".");
  const key = keys.find(({ kid }) => kid === json(header).kid);
  const holds = key && verify(null, Buffer.from(`${header}.${claims}`), createPublicKey({ key, format: "jwk" }),
    Buffer.from(signature, "base64url"));
  return holds ? json(claims) : undefined;
}

async function call(method, path, body) {
  const answer = await fetch(`${server.url}${path}`, { method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json" } });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return JSON.parse(text);
}

async function studioResult(operationType, data) {
  const { jobId } = await call("POST", "/api/ai/submit", { operationType, data });
  let job;
  do job = await call("GET", `/api/ai/status/${jobId}?wait=30`); while (["queued", "processing"].includes(job.status));
  assert.equal(job.status, "completed", JSON.stringify(job));
  return { jobId, ...job.result };
}

const dataUrl = (png) => `data:image/png;base64,${png.toString("base64")}`;

test("an upscale's receipt names the picture, the result and the network", async () => {
  const picture = scene(40, 30);
  const result = await studioResult("upscale", { image_url: dataUrl(picture), scale: 2, format: "png" });
  const claims = checked(result.receipt, await keysOf(server));
  const file = Buffer.from(await (await fetch(result.imageUrl)).arrayBuffer());
  assert.deepEqual([claims.iss, claims.jti, claims.operation, claims.parameters, claims.price, claims.fidelity],
    [`http://localhost:${new URL(server.url).port}`, result.jobId, "upscale", { format: "png", scale: "2" }, 5, result.fidelity]);
  assert.ok(Math.abs(claims.iat * 1000 - Date.now()) < 3600_000);
  assert.deepEqual(claims.input, { picture: sha256(picture) });
  assert.deepEqual(claims.output, { sha256: sha256(file), bytes: file.length, format: "png", width: 80, height: 60 });
  assert.deepEqual(claims.models,
    { "photo-x2.safetensors": sha256(await readFile(join(root, "models/photo-x2.safetensors"))) });
  assert.ok(!result.receipt.includes(user.id) && !JSON.stringify(claims).includes(user.id));
});

test("what is changed in it is found out", async () => {
  const { receipt } = await studioResult("upscale", { image_url: dataUrl(scene(16, 16)), scale: 2 });
  const keys = await keysOf(server);
  const [header, claims, signature] = receipt.split(".");
  const forged = Buffer.from(JSON.stringify({ ...json(claims), price: 0 })).toString("base64url");
  assert.ok(checked(receipt, keys));
  assert.equal(checked([header, forged, signature].join("."), keys), undefined);
});

test("an edit's receipt has its mask and its plan, and no network that was not asked", async () => {
  const [picture, mask] = [scene(64, 48), scene(64, 48)];
  const edited = await studioResult("edit", { image_url: dataUrl(picture), prompt: "warmer" });
  const claims = checked(edited.receipt, await keysOf(server));
  assert.deepEqual([claims.models, claims.plan], [{}, edited.plan]);
  const removed = await studioResult("magic-edit", { image_url: dataUrl(picture), mask_url: dataUrl(mask), seed: 7 });
  const { input, parameters } = checked(removed.receipt, await keysOf(server));
  assert.deepEqual([input, parameters.seed], [{ picture: sha256(picture), mask: sha256(mask) }, "7"]);
});

test("words alone have none", async () => {
  assert.equal((await studioResult("magic-prompt", { prompt: "a gold ring" })).receipt, undefined);
});

test("with a new key, receipts of before stay good", async () => {
  const { receipt } = await studioResult("upscale", { image_url: dataUrl(scene(16, 16)), scale: 2 });
  const turned = await startServer({ workers: 0, set: { ...set, "auth.receipt_key": "a-new-secret,an-old-secret" } });
  try {
    const keys = await keysOf(turned);
    assert.equal(keys.length, 2);
    assert.ok(checked(receipt, keys));
    assert.notEqual(json(receipt.split(".")[0]).kid, keys[0].kid);
  } finally {
    await turned.stop();
  }
});
