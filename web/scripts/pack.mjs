// Lists the files of all pages for the program to take in, those of text compressed beside themselves:
//     node web/scripts/pack.mjs CONSOLE_FOLDER PAGES_FOLDER OUT_FOLDER
// writes OUT_FOLDER/page_files.inc with one line `PAGE_FILE(name, "path", "encoding", "file")` each.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [consoleFolder, pagesFolder, out] = process.argv.slice(2).map((path) => resolve(path));
const encodings = {
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
};
const isText = (path) => /\.(html|css|js|svg|webmanifest)$/.test(path);

async function filesUnder(folder, prefix) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return files.sort().map((file) => ({ file, path: prefix + relative(folder, file) }));
}

await mkdir(out, { recursive: true });
const pages = (await filesUnder(pagesFolder, "")).filter(({ path }) => isText(path));
const lines = [];
const add = (path, encoding, file) =>
  lines.push(`PAGE_FILE(page_${lines.length}, ${JSON.stringify(path)}, "${encoding}", ${JSON.stringify(file)})`);
for (const { path, file } of [...pages, ...(await filesUnder(consoleFolder, "console/"))]) {
  add(path, "", file);
  const bytes = await readFile(file);
  for (const [encoding, compress] of isText(path) ? Object.entries(encodings) : []) {
    const packed = compress(bytes);
    if (packed.length > bytes.length * 0.9) continue;
    const to = join(out, `${lines.length}.${encoding}`);
    await writeFile(to, packed);
    add(path, encoding, to);
  }
}
await writeFile(join(out, "page_files.inc"), lines.join("\n") + "\n");
