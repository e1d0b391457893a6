// Every route of the program stands in one of the descriptions under openapi/, and the other way round.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../support/server.mjs";

// The paths that the functions add_..._routes of the sources give the router.
async function routedPaths() {
  const paths = new Set();
  const folder = join(root, "src/api");
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".cpp") || name.endsWith("_test.cpp")) continue;
    // Objects are had by the S3 API, which Amazon describes: operations share addresses there and are told apart by
    // query and headers, as OpenAPI cannot say. S3's own client tests it, in http/objects_test.mjs.
    if (name.startsWith("objects/")) continue;
    const source = await readFile(join(folder, name), "utf8");
    for (const [body] of source.matchAll(/^void add_\w*routes\([^]*?^}/gm)) {
      for (const [, path] of body.matchAll(/"(\/[^"\s]*)"/g)) paths.add(path);
    }
  }
  return [...paths].sort();
}

test("every route in the sources is described once, and the other way round", async () => {
  const described = [];
  for (const name of await readdir(join(root, "openapi"))) {
    described.push(...Object.keys(JSON.parse(await readFile(join(root, "openapi", name), "utf8")).paths));
  }
  assert.deepEqual(described.sort(), await routedPaths());
});
