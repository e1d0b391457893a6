// Writes the types of every public API from its description, so that the console cannot call what there is not.
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import openapiTypes, { astToString } from "openapi-typescript";

const descriptions = new URL("../../openapi/", import.meta.url);
const schema = new URL("../src/api/schema/", import.meta.url);
await mkdir(schema, { recursive: true });

const changed = async (file) => (await stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
for (const file of (await readdir(descriptions)).filter((name) => name.endsWith(".json"))) {
  const from = new URL(file, descriptions);
  const to = new URL(file.replace(".json", ".d.ts"), schema);
  if ((await changed(to)) > (await changed(from))) continue;
  await writeFile(to, astToString(await openapiTypes(JSON.parse(await readFile(from, "utf8")), { emptyObjectsUnknown: true })));
}
