// The flow of the hosting contract, from an announced image to one that is shared and found, on every object store.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer } from "../support/server.mjs";
import { missingStore, stores } from "../support/stores.mjs";
import { begin, complete, putParts } from "../support/uploads.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bytesAt = async (url, options) => {
  const answer = await fetch(url, options);
  assert.equal(answer.status, 200, url);
  return { headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

for (const name of Object.keys(stores)) {
  test(`announce, upload, view, download, share, search on the store '${name}'`,
    { skip: missingStore(name), timeout: 300_000 }, async () => {
      const store = await stores[name]();
      const server = await startServer({ set: store.set });
      try {
        const [ann, bob] = [await signUp(server), await signUp(server)];
        const file = scene(1600, 1200);
        const { body: album } = await ann.post("/v1/albums", { title: "Pets" });
        const session = await begin(ann, file, { filename: "cat.png", album_id: album.album_id, client_sha256: sha256(file) });
        const { body: stored } = await complete(ann, session, await putParts(ann, session, file));
        assert.deepEqual(stored, { image_id: session.imageId, status: "stored", original_object_key: session.object_key });
        await server.logged("job_succeeded", { operation: "variants" });
        const path = `/v1/images/${session.imageId}`;
        const { body: image } = await ann.json(path);
        assert.equal(image.status, "ready");
        assert.deepEqual(image.variants.map((variant) => [variant.name, variant.width, variant.height, variant.status]),
          [["thumb", 200, 150, "ready"], ["medium", 1280, 960, "ready"], ["large", 1600, 1200, "ready"]]);

        const { body: view } = await ann.json(`${path}:view?variant=thumb`, { headers: { Accept: "image/webp" } });
        assert.equal(view.expires_in_sec, 300);
        const thumb = await bytesAt(view.url);
        assert.equal(thumb.headers.get("content-type"), "image/webp");
        assert.equal(thumb.bytes.toString("latin1", 8, 12), "WEBP");
        const { body: download } = await ann.json(`${path}:download`);
        const original = await bytesAt(download.url);
        assert.ok(original.bytes.equals(file));
        assert.match(original.headers.get("content-disposition"), /^attachment;.*cat\.png/);
        const { body: rendition } = await ann.json(`${path}:view?w=320&h=320&fit=cover&format=auto`);
        const cut = await bytesAt(rendition.url, { headers: { Accept: "image/avif,image/webp,*/*" } });
        assert.match(cut.headers.get("content-type"), /^image\/(avif|webp)$/);
        for (const verb of [":view?variant=thumb", ":download"]) {
          assert.equal((await bob.json(path + verb)).status, 404, "a private picture is nobody else's");
        }

        const { body: share } = await ann.post(`${path}/shares`, { type: "link", role: "viewer", expires_in_sec: 86400 });
        const shared = await fetch(share.url, { headers: { Accept: "application/json" } });
        const { images } = await shared.json();
        assert.equal(images[0].image_id, session.imageId);
        await bytesAt(images[0].variants.thumb);
        assert.equal((await ann.json(`${path}/shares/${share.share_id}`, { method: "DELETE" })).status, 200);
        assert.equal((await fetch(images[0].variants.thumb)).status, 404, "revoked by the very next request");

        await ann.json(path, { method: "PATCH", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ visibility: "public", title: "My cat", tags: ["pets", "cat"] }) });
        const { body: found } = await ann.json(`/v1/search/images?q=${encodeURIComponent("cat tag:pets owner:me limit=50")}`);
        assert.deepEqual(found.images.map((one) => one.image_id), [session.imageId]);
        const { body: list } = await ann.json(`/v1/albums/${album.album_id}/images?limit=50`);
        assert.deepEqual(list.images.map((one) => one.image_id), [session.imageId]);
        const { url } = await (await fetch(`${server.url}${path}:view`)).json();
        await bytesAt(url);
        assert.equal((await ann.json(path, { method: "DELETE" })).body.deleted, true);
        assert.equal((await fetch(`${server.url}${path}`)).status, 404);
      } finally {
        await server.stop();
        await store.stop();
      }
    });
}
