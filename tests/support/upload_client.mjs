// An upload client that may be killed at any time and goes on when it is started again. Its arguments are as JSON:
// {url, token, file, memory, lanes}; `memory` is the file in which it keeps its session. It tells on standard output what
// it does, a JSON line each: {listed: [numbers]}, {sending: number}, {acknowledged: number}, {stored: imageId}.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { begin, complete, putPart } from "./uploads.mjs";

const { url, token, file, memory, lanes } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const bytes = readFileSync(file);
const call = async (path, method, body) => {
  const answer = await fetch(url + path, {
    method, body, headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
};
const user = {
  json: (path) => call(path, "GET"),
  post: (path, body) => call(path, "POST", body && JSON.stringify(body)),
};

let session;
if (existsSync(memory)) {
  session = JSON.parse(readFileSync(memory, "utf8"));
} else {
  session = await begin(user, bytes);
  writeFileSync(`${memory}.new`, JSON.stringify(session));
  renameSync(`${memory}.new`, memory);
}
const { body: progress } = await user.json(`/v1/uploads/${session.session_id}`);
const parts = new Map(progress.parts.map(({ part_number, etag }) => [part_number, { part_number, etag }]));
say({ listed: [...parts.keys()] });
const missing = Array.from({ length: session.part_count }, (_, at) => at + 1).filter((number) => !parts.has(number));
await Promise.all(Array.from({ length: lanes }, async () => {
  for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
    say({ sending: number });
    parts.set(number, await putPart(user, session, bytes, number));
    say({ acknowledged: number });
  }
}));
const done = await complete(user, session, [...parts.values()].sort((a, b) => a.part_number - b.part_number));
if (done.status !== 200) throw new Error(JSON.stringify(done.body));
say({ stored: done.body.image_id });
