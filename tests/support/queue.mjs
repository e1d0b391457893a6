// Bringing about what the queue board shows.
import assert from "node:assert/strict";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { scene } from "./pictures.mjs";
import { change, settled, signUp, tintype, upload } from "./server.mjs";

// A new user with the role admin.
export async function signUpAdmin(server) {
  const admin = await signUp(server);
  const done = await tintype("admin", "user", "role", admin.email, "admin", "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  return admin;
}

export const submit = async (user, imageId, tier = "TIER_1K") => {
  const { status, body } = await user.post("/api/images/enhance", { imageId, tier });
  assert.equal(status, 200, JSON.stringify(body));
  return body.jobId;
};

async function originalOf(server, imageId) {
  const folder = join(server.dataDir, "objects");
  const files = await readdir(folder, { recursive: true });
  const found = files.find((file) => file.includes(`${imageId}/original`));
  assert.ok(found, `no original among ${files}`);
  return join(folder, found);
}

// Does this while an image's original is away from the store, so that its jobs fail.
export async function withoutOriginal(server, imageId, act) {
  const original = await originalOf(server, imageId);
  await rename(original, `${original}.away`);
  const outcome = await act();
  await rename(`${original}.away`, original);
  return outcome;
}

// A job that has failed, as its picture was away from the store: {jobId, imageId}. It is back now.
export async function fail(server, user, tier) {
  const { body } = await upload(user, scene());
  const imageId = body.image.id;
  const { jobId, image } = await withoutOriginal(server, imageId, async () => ({
    jobId: await submit(user, imageId, tier),
    image: await settled(user, imageId),
  }));
  assert.equal(image.jobs[0].status, "REFUNDED", JSON.stringify(image.jobs));
  return { jobId, imageId };
}

// Calls of the board's API: by the admin key where no other headers are given.
export const kAdminKey = "the-admin-key-of-a-test";
export function board(server, headers = { "x-admin-key": kAdminKey }) {
  const call = async (method, path, body) => {
    const answer = await change(`${server.url}/api/admin/queue${path}`, { method,
      headers: { ...headers, ...(body ? { "Content-Type": "application/json" } : {}) }, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  return { get: (path) => call("GET", path), post: (path, body) => call("POST", path, body) };
}
