// A folder of networks and a catalogue of a test's own, and a server that has what the catalogue names.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./server.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// {models, set, answer, network, close}. `set` is for startServer(). The catalogue has "net", whose file `answer` sends:
// a function of request and response that may be exchanged; "other", which is no network; and "unknown", of an
// architecture that nobody here runs.
export async function modelShelf() {
  const folder = await mkdtemp(join(tmpdir(), "tintype-models-"));
  const models = join(folder, "models");
  await mkdir(models);
  for (const name of await readdir(join(root, "models"))) {
    if (/\.(json|safetensors)$/.test(name)) await copyFile(join(root, "models", name), join(models, name));
  }
  const network = await readFile(join(root, "tests/networks/rrdb.pth"));
  const shelf = { models, network, answer: (request, response) => response.end(network) };
  const server = createServer((request, response) => shelf.answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const entry = (name, bytes, more) => ({ name, architecture: "rrdb", scale: 4, licence: "MIT", description: `The ${name}`,
    files: [{ url: `http://127.0.0.1:${server.address().port}/${name}.pth`, sha256: sha256(bytes),
      size_bytes: bytes.length }], ...more });
  const catalogue = join(folder, "catalogue.json");
  await writeFile(catalogue, JSON.stringify({ models: [entry("net", network), entry("other", Buffer.from("no network")),
    entry("unknown", network, { architecture: "esrgan-next" })] }));
  return Object.assign(shelf, {
    set: { "engine.models_directory": models, "engine.catalogue": catalogue },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await rm(folder, { recursive: true, force: true });
    },
  });
}
