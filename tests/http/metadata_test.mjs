// What a picture's file says of how and where it was taken: for its owner, whatever is in the file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { greyJpeg, withExif } from "../support/jpeg.mjs";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer, upload } from "../support/server.mjs";

let server, ann, bob;

before(async () => {
  server = await startServer();
  [ann, bob] = [await signUp(server), await signUp(server)];
});
after(() => server.stop());

const kTaken = {
  image: { 0x010e: "Two cats (asleep)", 0x010f: "Canon", 0x0110: "Canon EOS R6", 0x0112: 6, 0x0131: "Firmware 1.8" },
  photo: { 0x829a: [[1, 250]], 0x829d: [[28, 10]], 0x8827: 200, 0x9003: "2024:05:01 12:30:00", 0x9209: 25,
    0x920a: [[50, 1]], 0xa405: 50, 0xa434: "RF50mm F1.8 STM" },
  place: { 1: "S", 2: [[52, 1], [31, 1], [12, 1]], 3: "E", 4: [[13, 1], [24, 1], [18, 1]], 6: [[345, 10]] },
};

async function uploaded(bytes, name = "photo.jpg") {
  const { body } = await upload(ann, bytes, name);
  assert.ok(body.image, JSON.stringify(body));
  return body.image.id;
}
const metadataOf = (who, id) => who.json(`/v1/images/${id}/metadata`);
const metadataIn = async (exif) => {
  const { status, body } = await metadataOf(ann, await uploaded(withExif(greyJpeg(), exif)));
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

test("the owner reads camera, exposure, time and place of what he uploaded", async () => {
  const id = await uploaded(withExif(greyJpeg(), kTaken));
  const { status, body } = await metadataOf(ann, id);
  assert.equal(status, 200, JSON.stringify(body));
  const { fields, location, ...rest } = body;
  assert.deepEqual(rest, {
    image_id: id, taken_at: "2024-05-01T12:30:00", camera: { make: "Canon", model: "Canon EOS R6" },
    lens: "RF50mm F1.8 STM",
    exposure: { time_seconds: 0.004, f_number: 2.8, iso: 200, focal_length_mm: 50, focal_length_35mm: 50 },
    flash: true, software: "Firmware 1.8", orientation: 6,
  });
  assert.ok(Math.abs(location.latitude + 52.52) < 1e-9 && Math.abs(location.longitude - 13.405) < 1e-9);
  assert.equal(location.altitude_m, 34.5);
  const values = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  assert.equal(values.ImageDescription, "Two cats (asleep)");
  assert.equal(values.ExposureTime, "1/250 sec.");
});

test("it is nobody else's, of public pictures neither, and gone with the picture", async () => {
  const id = await uploaded(withExif(greyJpeg(), kTaken));
  const json = { method: "PATCH", body: JSON.stringify({ visibility: "public" }),
    headers: { "Content-Type": "application/json" } };
  assert.equal((await ann.json(`/v1/images/${id}`, json)).status, 200);
  assert.equal((await bob.json(`/v1/images/${id}`)).status, 200);
  assert.equal((await metadataOf(bob, id)).status, 404);
  assert.equal((await fetch(`${server.url}/v1/images/${id}/metadata`)).status, 401);
  assert.equal((await ann.json(`/v1/images/${id}`, { method: "DELETE" })).status, 200);
  assert.equal((await metadataOf(ann, id)).status, 404);
  const { body: { image_id: announced } } = await ann.post("/v1/images",
    { filename: "cat.png", content_type: "image/png", size_bytes: 100 });
  assert.equal((await metadataOf(ann, announced)).status, 404);
});

test("a file that says nothing has nothing", async () => {
  const { status, body } = await metadataOf(ann, await uploaded(scene(), "drawn.png"));
  assert.equal(status, 200);
  assert.deepEqual([body.taken_at, body.camera, body.lens, body.flash, body.software, body.location, body.orientation],
    Array(7).fill(null));
  assert.ok(Object.values(body.exposure).every((value) => value === null));
  assert.deepEqual(body.fields, []);
});

test("what makes no sense is null, and what is long is cut", async () => {
  const body = await metadataIn({
    image: { 0x010e: "x".repeat(5_000), 0x010f: "  ", 0x0110: "A (A, ASCII, 3 components, 3 bytes) B" },
    photo: { 0x829a: [[1, 0]], 0x829d: [[0, 10]], 0x8827: 0, 0x9003: "2024:13:41 12:30:00", 0x920a: [[0, 0]] },
    place: { 1: "N", 2: [[52, 1], [31, 0], [12, 1]], 3: "E", 4: [[999, 1], [24, 1], [18, 1]] },
  });
  assert.deepEqual([body.taken_at, body.location, body.camera.make, body.flash], [null, null, null, null]);
  assert.equal(body.camera.model, "A (A, ASCII, 3 components, 3 bytes) B");
  assert.ok(Object.values(body.exposure).every((value) => value === null), JSON.stringify(body.exposure));
  for (const { value } of body.fields) assert.ok(value.length > 0 && Buffer.byteLength(value) <= 500);
  const { value } = body.fields.find(({ name }) => name === "ImageDescription");
  assert.match(value, /^x{100}/);
});
