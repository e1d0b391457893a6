// A client of resumable uploads, as an application would write one.
import assert from "node:assert/strict";

export const kPartBytes = 5 << 20; // the least that an S3 takes

// Announces an image; answers {imageId, sessionId} or the refusal.
export const announce = (user, file, fields = {}) =>
  user.post("/v1/images", { filename: "photo.png", content_type: "image/png", size_bytes: file.length, ...fields });

export const start = (user, imageId, file, type = "image/png") =>
  user.post("/v1/uploads:resumable", { image_id: imageId, total_bytes: file.length, content_type: type });

// Announces and starts: the session as it was answered, with the image's id.
export async function begin(user, file, fields = {}) {
  const announced = await announce(user, file, fields);
  assert.equal(announced.status, 201, JSON.stringify(announced.body));
  const started = await start(user, announced.body.image_id, file, fields.content_type);
  assert.equal(started.status, 200, JSON.stringify(started.body));
  assert.equal(started.body.session_id, announced.body.upload.session_id);
  return { ...started.body, imageId: announced.body.image_id };
}

export const piece = (session, file, number) =>
  file.subarray((number - 1) * session.part_size_bytes, number * session.part_size_bytes);

export async function sign(user, session, number) {
  const signed = await user.post(`/v1/uploads/${session.session_id}/parts/${number}`, undefined);
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  return signed.body;
}

// PUTs one part to its signed URL; answers what `complete` wants to hear of it.
export async function putPart(user, session, file, number) {
  const { url } = await sign(user, session, number);
  const answer = await fetch(url, { method: "PUT", body: piece(session, file, number) });
  assert.equal(answer.status, 200, await answer.text());
  return { part_number: number, etag: answer.headers.get("etag") };
}

export async function putParts(user, session, file) {
  const parts = [];
  for (let number = 1; number <= session.part_count; ++number) parts.push(await putPart(user, session, file, number));
  return parts;
}

export const complete = (user, session, parts) =>
  user.post(`/v1/uploads/${session.session_id}:complete`, parts ? { parts } : {});

// The whole way; answers the image's id.
export async function uploadResumable(user, file, fields = {}) {
  const session = await begin(user, file, fields);
  const done = await complete(user, session, await putParts(user, session, file));
  assert.equal(done.status, 200, JSON.stringify(done.body));
  assert.equal(done.body.image_id, session.imageId);
  return session.imageId;
}
