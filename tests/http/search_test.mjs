// Searching images on the hosting surface, as a client does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { noise, scene } from "../support/pictures.mjs";
import { signUp, startServer, upload } from "../support/server.mjs";
import { announce, uploadResumable } from "../support/uploads.mjs";

let server, ann, bob;
const ids = {};

const find = (user, q, more = {}) => user.json(`/v1/search/images?${new URLSearchParams({ q, ...more })}`);
const names = async (user, q, more) => {
  const { status, body } = await find(user, q, more);
  assert.equal(status, 200, JSON.stringify(body));
  return body.images.map((image) => Object.keys(ids).find((name) => ids[name] === image.image_id));
};
const patch = (user, id, body) => user.json(`/v1/images/${id}`,
  { method: "PATCH", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

before(async () => {
  server = await startServer({ set: { "limits.enabled": false } });
  [ann, bob] = [await signUp(server), await signUp(server)];
  const add = async (name, user, bytes, fields) => {
    ids[name] = await uploadResumable(user, bytes, fields);
  };
  await add("cat", ann, scene(64, 48), { title: "My cat", tags: ["pets", "two words"] });
  await add("dog", ann, scene(200, 100), { title: "A dog", description: "no cat", tags: ["pets"], visibility: "public" });
  await add("tower", bob, noise(90, 80), { title: "\u6771\u4eac\u30bf\u30ef\u30fc", visibility: "public" });
  await add("secret", bob, scene(30, 30), { title: "Bob's cat" });
});
after(() => server.stop());

test("the contract's own query finds, newest first, and pages", async () => {
  const { status, body } = await find(ann, "cat tag:pets owner:me limit=1");
  assert.equal(status, 200);
  assert.deepEqual(body.images.map((image) => [image.image_id, image.title]), [[ids.dog, "A dog"]]);
  assert.equal(typeof body.next_cursor, "string");
  const next = await find(ann, "cat tag:pets owner:me", { limit: 1, cursor: body.next_cursor });
  assert.equal(next.body.images[0].image_id, ids.cat);
  assert.equal(next.body.next_cursor, null);
  assert.deepEqual(await names(ann, "cat", { sort: "relevance" }), ["cat", "dog"], "the title goes first");
});

test("everyone finds his own and what is public", async () => {
  assert.deepEqual(await names(ann, ""), ["tower", "dog", "cat"]);
  assert.deepEqual(await names(bob, "cat"), ["secret", "dog"]);
  const anyone = await fetch(`${server.url}/v1/search/images?q=pets`);
  const found = (await anyone.json()).images;
  assert.deepEqual(found.map((image) => image.image_id), [ids.dog]);
  assert.equal("filename" in found[0], false, "the name of a file is its owner's");
  assert.deepEqual(await names(ann, "photo"), ["cat"], "what others can find is not found by it");
  assert.deepEqual((await (await fetch(`${server.url}/v1/search/images?q=phot`)).json()).images, []);
});

test("filters, phrases and exclusions", async () => {
  assert.deepEqual(await names(ann, "tag:\"two words\""), ["cat"]);
  assert.deepEqual(await names(ann, "\"my cat\""), ["cat"]);
  assert.deepEqual(await names(ann, "pets -cat"), []);
  assert.deepEqual(await names(ann, "width:>64 owner:me"), ["dog"]);
  assert.deepEqual(await names(ann, "height:40..90 after:2020 before:2999-01"), ["tower", "cat"]);
  assert.deepEqual(await names(ann, "visibility:public format:png -owner:me"), ["tower"]);
  assert.deepEqual(await names(ann, "\u4eac\u30bf"), ["tower"]);
});

test("a query that cannot be read is a 400 that points at the place", async () => {
  const { status, body } = await find(ann, "caf\u00e9 width:wide");
  assert.equal(status, 400);
  assert.match(body.detail, /at character 12, 'wide'/);
  for (const more of [{ sort: "best" }, { cursor: "no" }, { limit: "0" }, { limit: "1000" }]) {
    assert.equal((await find(ann, "", more)).status, 400, JSON.stringify(more));
  }
});

test("what is found follows every change", async () => {
  await announce(ann, scene(10, 10), { title: "unsent" });
  assert.deepEqual(await names(ann, "unsent"), [], "what has not arrived is not found");
  await patch(ann, ids.cat, { title: "Kitten", tags: ["young"] });
  assert.deepEqual(await names(ann, "my"), []);
  assert.deepEqual(await names(ann, "kit tag:YOUNG"), ["cat"]);
  await ann.json(`/v1/images/${ids.cat}`, { method: "DELETE" });
  assert.deepEqual(await names(ann, "kitten"), []);
  await ann.json(`/v1/images/${ids.cat}:undelete`, { method: "POST" });
  assert.deepEqual(await names(ann, "kitten"), ["cat"]);
  const made = await ann.json("/api/albums",
    { method: "POST", body: JSON.stringify({ name: "Pets" }), headers: { "Content-Type": "application/json" } });
  const album = made.body.album.id;
  const moved = await ann.json("/api/images/move-to-album", { method: "POST",
    body: JSON.stringify({ imageIds: [ids.dog], targetAlbumId: album }), headers: { "Content-Type": "application/json" } });
  assert.equal(moved.status, 200, JSON.stringify(moved.body));
  assert.deepEqual(await names(ann, `album:${album}`), ["dog"]);
  assert.deepEqual(await names(bob, `album:${album}`), [], "an album that is nobody else's holds nothing for others");
});

test("copies of an image are similar to it, for its owner", async () => {
  const copy = (await upload(ann, scene(64, 48))).body.image.id;
  const { status, body } = await ann.json(`/v1/images/${ids.cat}/similar`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.images[0].image_id, body.images[0].distance, body.images[0].exact], [copy, 0, true]);
  assert.equal((await bob.json(`/v1/images/${ids.cat}/similar`)).status, 404);
  assert.equal((await ann.json(`/v1/images/${ids.cat}/similar?distance=60`)).status, 400);
});
