// The databases that tests run the program on: SQLite in its data, and a real PostgreSQL where one is installed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./server.mjs";

// Starts tests/servers/postgresql; answers {set, restart, stop}: the configuration for it, and what it can be told.
async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), "tintype-postgresql-"));
  await chmod(folder, 0o711);  // the server is another user
  const run = (command) => promisify(execFile)(join(root, "tests/servers/postgresql"), [command, folder]);
  const url = (await run("start")).stdout.trim();
  return {
    set: { "database.url": url },
    restart: () => run("restart"),
    async stop() {
      await run("stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const databases = {
  sqlite: async () => ({ set: {}, stop: async () => {} }),
  postgresql: startPostgres,
};

// Why a database cannot be tested here; false when it can.
export function missingDatabase(name) {
  return name === "postgresql" && !existsSync("/usr/lib/postgresql") && "PostgreSQL is not installed here";
}
