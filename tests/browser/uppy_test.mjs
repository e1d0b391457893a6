// Uppy in a real browser, on a page of another origin, uploads by its companion protocol: a large file in parts and a
// small one by a single PUT.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { root, signUp, startServer } from "../support/server.mjs";
import { missingStore, stores } from "../support/stores.mjs";

const files = { "/large.png": noise(2600, 2000), "/small.png": scene(200, 150) };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// The foreign application: its page, its script, and the pictures that its user has.
async function startApplication() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "tests/browser/uppy_page.mjs")], bundle: true, write: false, format: "iife", logLevel: "error",
  });
  const pages = {
    "/": ["text/html", "<!doctype html><title>Application</title><script src=/script.js></script>"],
    "/script.js": ["text/javascript", outputFiles[0].text],
  };
  const application = createServer((request, response) => {
    const [type, body] = pages[request.url] ?? ["image/png", files[request.url]];
    response.writeHead(body ? 200 : 404, { "Content-Type": type }).end(body);
  });
  await new Promise((listening) => application.listen(0, "127.0.0.1", listening));
  return { application, origin: `http://127.0.0.1:${application.address().port}` };
}

for (const name of Object.keys(stores)) {
  const skip = missingBrowser() || missingStore(name);
  test(`Uppy uploads across origins on the store '${name}'`, { skip }, async () => {
    const { application, origin } = await startApplication();
    const store = await stores[name]({ origin });
    const server = await startServer({ set: { ...store.set, "cors.origins": origin } });
    const browser = await launchBrowser();
    try {
      const user = await signUp(server);
      const page = await browser.newPage();
      const problems = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(`${origin}/`);
      const outcome = await page.evaluate((task) => window.upload(task), {
        endpoint: server.url, token: user.token,
        files: Object.keys(files).map((url) => ({ name: url.slice(1), type: "image/png", url })),
      });
      assert.deepEqual(outcome.failed, [], problems.join("\n"));
      assert.deepEqual(outcome.successful.map((file) => file.name).sort(), ["large.png", "small.png"]);
      await server.logged("received"); // the one PUT
      const { body: list } = await user.json("/v1/images");
      assert.equal(list.images.length, 2);
      for (const { image_id, filename } of list.images) {
        const { body: image } = await user.json(`/v1/images/${image_id}`);
        assert.equal(image.sha256, sha256(files[`/${filename}`]), filename);
      }
    } finally {
      await browser.close();
      application.close();
      await server.stop();
      await store.stop();
    }
  });
}
