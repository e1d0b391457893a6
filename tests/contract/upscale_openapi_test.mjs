// Holds the program to openapi/upscale.json, and the file to the program: every answer of a real server is checked
// against it, and every operation and status in it has to be seen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Description } from "../support/description.mjs";
import { rarelySeen, testAddresses, testAllSeen, testFile, testRefusals } from "../support/description_tests.mjs";
import { signUp, startServer, tintype } from "../support/server.mjs";
import { testJobs } from "../support/upscale_job_tests.mjs";
import { testKeys } from "../support/upscale_key_tests.mjs";
import { testWebhooks } from "../support/upscale_webhook_tests.mjs";

const description = await Description.read("openapi/upscale.json");

const given = {};
let server, user, banned;
const servers = [];

async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}

before(async () => {
  server = await start();
  [user, banned] = [await signUp(server), await signUp(server)];
  const done = await tintype("admin", "user", "ban", banned.email, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  Object.assign(given, { server, user, banned, start });
});
after(() => Promise.all(servers.map((one) => one.stop())));

testFile(description, { apart: ["MethodNotAllowed", "NotFound"], examplesMin: 20 });
testAddresses(description, given, { unknown: ["/api/v1", "/api/v1/", "/api/v1/nothing", "/openapi/upscale.json/x"] });
test("the reference is sent once, and not again while it is the same", async () => {
  const { headers } = await description.send(server, "GET", "/api/v1/docs", { expected: 200 });
  await description.send(server, "GET", "/api/v1/docs", { headers: { "If-None-Match": headers.etag }, expected: 304 });
});
testKeys(description, given);
testWebhooks(description, given);
testJobs(description, given);
testRefusals(description, given, { takesAnyBody: [], bodiesMin: 40 });
testAllSeen(description, rarelySeen(description, []));
