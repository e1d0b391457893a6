// Runs the client code printed in the studio's contract against the real program and a provider of pictures, unchanged
// but for the base URL and the login. The code is cut out of the contract as the test runs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startOpenAi } from "../support/provider_servers.mjs";
import { root, signUp, startServer } from "../support/server.mjs";

const contract = join(root, "../shared/contract/studio.md");
const skip = existsSync(contract) ? false : `${contract} is missing`;
let openAi, server, text;

before(async () => {
  if (skip) return;
  text = await readFile(contract, "utf8");
  openAi = await startOpenAi({ key: "sk-test" });
  server = await startServer({ set: { "engines.generate": "openai:gpt-image-1", "providers.openai_key": "sk-test",
    "providers.openai_url": `${openAi.url}/v1` } });
});
after(async () => {
  await server?.stop();
  await openAi?.close();
});

function block(language, needle) {
  const found = [...text.matchAll(new RegExp("```" + language + "\\n([^]*?)```", "g"))]
    .map(([, code]) => code).find((code) => code.includes(needle));
  assert.ok(found, `the contract has no ${language} block with ${needle}`);
  return found.replaceAll("https://www.jewelshot.ai/api", `${server.url}/api`);
}

async function isPicture(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  assert.match(answer.headers.get("content-type"), /^image\//);
}

test("the TypeScript functions", { skip }, async () => {
  const user = await signUp(server);
  // Node.js takes no types: those of the parameters are left out.
  const code = block("typescript", "async function generateImage").replace(/\((\w+): string\)/g, "($1)");
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const lines = [];
  const page = { log: (...said) => lines.push(said) };
  await new AsyncFunction("fetch", "token", "console", code)(user.fetch, user.token, page);
  assert.equal(lines[0][0], "Image URL:");
  await isPicture(lines[0][1]);
});

test("the Python class", { skip }, async () => {
  const user = await signUp(server);
  const code = block("python", "class JewelshotClient").replace("YOUR_JWT_TOKEN", user.accessToken);
  const { stdout } = await promisify(execFile)("python3", ["-c", code]);
  await isPicture(stdout.match(/^Image URL: (\S+)$/m)[1]);
});

test("the shell script", { skip }, async () => {
  const user = await signUp(server);
  const code = block("bash", "while true; do").replace("YOUR_JWT_TOKEN", user.accessToken);
  const { stdout } = await promisify(execFile)("bash", ["-c", code]);
  await isPicture(stdout.match(/^Image URL: (\S+)$/m)[1]);
  assert.match(stdout, /^Job ID: job_/m);
});

test("the first request of the quick start", { skip }, async () => {
  const user = await signUp(server);
  const code = block("bash", "luxury diamond ring on marble surface").replace("YOUR_JWT_TOKEN", user.accessToken);
  const { stdout } = await promisify(execFile)("bash", ["-c", code]);
  const { jobId, transactionId, status, estimatedWait } = JSON.parse(stdout);
  assert.ok(jobId && transactionId && estimatedWait >= 0, stdout);
  assert.equal(status, "queued");
});
