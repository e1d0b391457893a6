// What /metrics tells of a server that has done a bit of everything, and that the dashboard asks for nothing else.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { scene } from "../support/pictures.mjs";
import { fail, submit } from "../support/queue.mjs";
import { root, settled, signUp, startServer, upload } from "../support/server.mjs";

let server, user, series, types;

// Lines as {name, labels, value}, and the types by name.
function parse(text) {
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  series = lines.map((line) => {
    const [, name, labels = "", value] = line.match(/^(\w+)(?:\{(.*)\})? (\S+)$/) ?? assert.fail(line);
    return { name, value: Number(value),
      labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, one]) => [key, one])) };
  });
  types = Object.fromEntries([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]));
}

function valueOf(name, wanted = {}) {
  const found = series.filter((one) => one.name === name &&
    Object.entries(wanted).every(([label, value]) => one.labels[label] === value));
  assert.equal(found.length, 1, `${name} ${JSON.stringify(wanted)}: ${JSON.stringify(found)}`);
  return found[0].value;
}

before(async () => {
  server = await startServer({ set: { "limits.get_image": 20 } });
  user = await signUp(server);
  const { body } = await upload(user, scene());
  await submit(user, body.image.id, "TIER_1K");
  const image = await settled(user, body.image.id);
  assert.equal(image.jobs[0].status, "COMPLETED");
  const other = await signUp(server);
  await fail(server, other, "TIER_2K");
  while ((await user.json(`/api/images/${body.image.id}`)).status !== 429);
  // What has become of a job is counted a moment after everybody can see it.
  const isCounted = (outcome) => series.some(({ name, labels }) =>
    name === "tintype_job_seconds_count" && labels.operation === "enhance" && labels.outcome === outcome);
  do {
    const answer = await fetch(`${server.url}/metrics`);
    assert.equal(answer.status, 200);
    parse(await answer.text());
  } while (!isCounted("succeeded") || !isCounted("failed"));
});
after(() => server.stop());

test("jobs, their waits and their steps are counted by operation", () => {
  const enhance = { operation: "enhance" };
  assert.ok(valueOf("tintype_job_wait_seconds_count", enhance) >= 2);
  assert.equal(valueOf("tintype_job_seconds_count", { ...enhance, outcome: "succeeded" }), 1);
  assert.equal(valueOf("tintype_job_seconds_count", { ...enhance, outcome: "failed" }), 1);
  assert.ok(valueOf("tintype_job_step_seconds_sum", { ...enhance, step: "engine" }) > 0);
  assert.equal(valueOf("tintype_job_step_seconds_count", { ...enhance, step: "store" }), 1);
  assert.equal(valueOf("tintype_job_step_seconds_bucket", { ...enhance, step: "store", le: "+Inf" }), 1);
  assert.equal(valueOf("tintype_queue_failed", { ...enhance, lane: "operations" }), 1);
  assert.equal(valueOf("tintype_queue_waiting", { ...enhance, lane: "operations" }), 0);
  assert.equal(valueOf("tintype_queue_paused", { lane: "background" }), 0);
  assert.equal(valueOf("tintype_worker_slots", { lane: "operations" }), 1);
});

test("tokens are summed, of all users and kinds", () => {
  assert.equal(valueOf("tintype_ledger_tokens_total", { kind: "initial" }), 200);
  assert.equal(valueOf("tintype_ledger_tokens_total", { kind: "capture" }), 2);
  assert.equal(valueOf("tintype_wallet_tokens"), 198);
  assert.equal(valueOf("tintype_reserved_tokens"), 0);
});

test("what the engine holds, what waits for the database and what was refused is told", () => {
  assert.ok(valueOf("tintype_models_loaded") >= 1);
  assert.ok(valueOf("tintype_model_bytes") > 1000);
  assert.ok(valueOf("tintype_model_loads_total") >= 1);
  assert.ok(valueOf("tintype_model_load_seconds_total") > 0);
  assert.ok(valueOf("tintype_database_units_waiting") >= 0);
  assert.ok(series.some(({ name, value }) => name === "tintype_rate_limited_total" && value >= 1));
  assert.ok(series.some(({ name, labels }) => name === "tintype_http_requests_total" && labels.status === "429"));
});

test("the dashboard asks for what is there, in rows", async () => {
  const dashboard = JSON.parse(await readFile(join(root, "deploy/grafana/tintype.json"), "utf8"));
  const rows = dashboard.panels.filter(({ type }) => type === "row").map(({ title }) => title);
  assert.deepEqual(rows, ["Requests", "Queue", "Jobs", "Engine", "Ledger", "Webhooks"]);
  const asked = new Set(JSON.stringify(dashboard).match(/\b(?:tintype|process)_\w+/g));
  assert.ok(asked.size > 20, `${[...asked]}`);
  for (const name of asked) {
    const family = name.replace(/_(?:bucket|sum|count)$/, "");
    assert.ok(name in types || types[family] === "histogram", `${name} is not told`);
  }
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});
