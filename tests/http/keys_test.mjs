// API keys and limits as programs meet them, against a real server; limits in memory and in a real Redis.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callWith, newKey } from "../support/keys.mjs";
import { scene } from "../support/pictures.mjs";
import { hasRedis, startRedis } from "../support/redis_server.mjs";
import { signUp, startServer, tintype, upload } from "../support/server.mjs";

let server, user;
const servers = [];
async function start(options) {
  const started = await startServer(options);
  servers.push(started);
  return started;
}
before(async () => {
  server = await start();
  user = await signUp(server);
});
after(() => Promise.all(servers.map((one) => one.stop())));

const admin = async (...words) => {
  const done = await tintype("admin", ...words, "--data", server.dataDir);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout;
};
const call = (key, method, path, json) => callWith(server, key, method, path, json);
const limitOf = ({ headers }) => ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}`));

test("a key uploads, lists and enhances on the other surfaces", async () => {
  const { key } = await newKey(user);
  const withKey = { fetch: (path, options) => fetch(server.url + path,
    { ...options, headers: { Authorization: `Bearer ${key}`, ...options.headers } }) };
  const { status, body: { image } } = await upload(withKey, scene());
  assert.equal(status, 200);
  assert.equal((await call(key, "GET", `/v1/images/${image.id}`)).body.image_id, image.id);
  const enhanced = await call(key, "POST", "/api/images/enhance", { imageId: image.id, tier: "TIER_1K" });
  assert.equal(enhanced.status, 200, JSON.stringify(enhanced.body));
  assert.equal((await call(key, "GET", `/api/jobs/${enhanced.body.jobId}`)).status, 200);
  assert.equal((await call(key, "GET", "/api/tokens/balance")).body.success, true);
  const session = await (await fetch(`${server.url}/api/auth/session`,
    { headers: { Authorization: `Bearer ${key}` } })).json();
  assert.deepEqual(session, {}, "a key is nobody's session");
});

test("what is wrong with a key is said", async () => {
  const { id, key } = await newKey(user);
  const typo = key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");
  const said = async (text) => {
    const { status, body } = await call(text, "GET", "/api/images");
    assert.equal(status, 401);
    return body.error;
  };
  assert.match(await said(typo), /mistyped/);
  assert.match(await said(key.slice(0, -3)), /mistyped/);
  const { body: { data: fresh } } = await user.post(`/api/v1/keys/${id}/rotate`, { overlap_seconds: 0 });
  assert.match(await said(key), /expired/);
  await user.fetch(`/api/v1/keys/${fresh.id}`, { method: "DELETE" });
  assert.match(await said(fresh.key), /revoked/);
});

test("a key makes no keys", async () => {
  const { id, key } = await newKey(user);
  for (const [method, path, json] of [["GET", "/api/v1/keys"], ["POST", "/api/v1/keys", { name: "Two" }],
    ["DELETE", `/api/v1/keys/${id}`], ["POST", `/api/v1/keys/${id}/rotate`]]) {
    const { status, body } = await call(key, method, path, json);
    assert.equal(status, 403);
    assert.equal(body.success, false);
    assert.equal(body.error.code, "FORBIDDEN");
  }
});

test("banning a user stops his keys at once, and for good", async () => {
  const suspect = await signUp(server);
  const { key } = await newKey(suspect);
  assert.equal((await call(key, "GET", "/api/images")).status, 200);
  await admin("user", "ban", suspect.email);
  assert.equal((await call(key, "GET", "/api/images")).status, 403);
  await admin("user", "unban", suspect.email);
  assert.equal((await call(key, "GET", "/api/images")).status, 401);
});

test("the last use is seen soon", async () => {
  const other = await signUp(server);
  const { key } = await newKey(other);
  await call(key, "GET", "/api/images");
  let shown;
  // A poll, as there is nothing that tells when the batch was written but the answer itself.
  do [shown] = (await other.json("/api/v1/keys")).body.data.keys; while (!shown.last_used_at);
  assert.ok(shown.last_used_at >= shown.created_at);
  assert.ok(!JSON.stringify(shown).includes(key.slice(12)));
});

test("operators give plans and keys", async () => {
  const other = await signUp(server);
  const refused = await other.post("/api/v1/keys", { name: "Large", plan: "enterprise" });
  assert.deepEqual([refused.status, refused.body.error.code], [403, "FORBIDDEN"]);
  const printed = await admin("key", "create", other.email, "--name", "Large", "--plan", "enterprise",
    "--scope", "jobs:read");
  const [, key] = printed.match(/(pk_live_\w+)/);
  assert.equal((await call(key, "GET", "/api/tokens/balance")).status, 200);
  assert.equal((await call(key, "GET", "/api/images")).status, 403);
  const [listed] = (await other.json("/api/v1/keys")).body.data.keys;
  assert.deepEqual([listed.name, listed.plan, listed.scopes], ["Large", "enterprise", ["jobs:read"]]);
  assert.match(await admin("user", "plan", other.email, "starter"), /has the plan starter/);
  assert.deepEqual(limitOf(await other.json("/api/v1/keys")).slice(0, 2), ["100", "100"], "a session's are its user's");
  for (const wrong of [["user", "plan", other.email, "none"], ["key", "create", other.email, "--name", "x", "--plan",
    "none"], ["key", "create", other.email, "--name", "x", "--plan", "free", "--scope", "none"]]) {
    assert.notEqual((await tintype("admin", ...wrong, "--data", server.dataDir)).code, 0);
  }
});

test("every answer to a known caller says what is left, errors too", async () => {
  const other = await signUp(server);
  const answers = [await other.json("/api/v1/keys"), await other.post("/api/v1/keys", { name: 1 }),
    await other.post("/api/v1/keys/none/rotate", {}),
    await other.post("/api/v1/keys", { name: "x".repeat(70_000) })];
  assert.deepEqual(answers.map(({ status }) => status), [200, 400, 404, 413]);
  for (const answer of answers) {
    const [limit, remaining, reset] = limitOf(answer);
    assert.deepEqual(answer.body.meta.rateLimit, { remaining: Number(remaining), limit: Number(limit), reset });
    assert.deepEqual([limit, remaining], ["10", "10"], "nothing but a submit counts");
    assert.match(reset, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(answer.headers.get("x-request-id"), answer.body.meta.requestId);
  }
  const nobody = await (await fetch(`${server.url}/api/v1/keys`)).json();
  assert.deepEqual(Object.keys(nobody.meta), ["requestId", "timestamp"]);
});

test("limits that are switched off are not spoken of", async () => {
  const off = await start({ set: { "limits.enabled": false } });
  const answer = await (await signUp(off)).json("/api/v1/keys");
  assert.equal(answer.status, 200);
  assert.ok(!("rateLimit" in answer.body.meta));
  assert.deepEqual(limitOf(answer), [null, null, null]);
});

test("an address of limits that is none ends the start", async () => {
  for (const [url, said] of [["redis:/x", /neither memory: nor redis/], ["rediss://h", /tunnel/],
    ["redis://:p@h/x", /database is no number/]]) {
    const { code, stderr } = await tintype("serve", "--listen", "127.0.0.1:0", "--data", server.dataDir,
      "--set", `limits.url=${url}`);
    assert.notEqual(code, 0);
    assert.match(stderr, said);
  }
});

test("a password of Redis is not shown", async () => {
  const { stdout } = await tintype("config", "--set", "limits.url=redis://:sesame@localhost");
  assert.ok(stdout.includes("[masked]") && !stdout.includes("sesame"));
});

const redisOnly = { skip: hasRedis ? false : "Redis is not installed" };

test("servers that share a Redis count together", redisOnly, async (t) => {
  const redis = await startRedis("sesame");
  t.after(() => redis.stop());
  const set = { "limits.url": redis.url, "limits.redis_timeout_ms": 20_000, "limits.get_image": 3 };
  const one = await start({ set });
  const someone = await signUp(one);
  const other = await start({ set, dataDir: one.dataDir });
  const look = (at) => fetch(`${at.url}/api/images/none`, { headers: { Authorization: `Bearer ${someone.token}` } });
  const left = [];
  for (const at of [one, other, one, other]) {
    const answer = await look(at);
    left.push([answer.status, answer.headers.get("x-ratelimit-remaining")]);
  }
  assert.deepEqual(left, [[404, "2"], [404, "1"], [404, "0"], [429, "0"]]);
  assert.ok((await redis.keys()).includes(`ratelimit:get_image:${someone.id}`));
  assert.deepEqual(limitOf(await someone.json("/api/v1/keys")).slice(0, 2), ["10", "10"]);
});

test("200 at once get no further than the bound, in Redis as in memory", redisOnly, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  for (const url of ["memory:", redis.url]) {
    const at = await start({ set: { "limits.url": url, "limits.redis_timeout_ms": 20_000, "limits.get_image": 60 } });
    const someone = await signUp(at);
    const statuses = await Promise.all(Array.from({ length: 200 },
      async () => (await someone.fetch("/api/images/none")).status));
    assert.equal(statuses.filter((status) => status === 404).length, 60, url);
    assert.equal(statuses.filter((status) => status === 429).length, 140, url);
  }
});

// Nobody runs the jobs, so that they stay; nobody fetches the picture either.
async function submitMany(set, count = 200) {
  const at = await start({ workers: 0, set: { "jobs.unfinished_max": 1000, ...set } });
  const someone = await signUp(at);
  const keys = [await newKey(someone, { plan: "starter" }), await newKey(someone, { plan: "starter" })];
  const answers = await Promise.all(Array.from({ length: count }, (_, one) =>
    callWith(at, keys[one % 2].key, "POST", "/api/v1/upscale", { image_url: "https://example.com/a.png" })));
  return { at, keys, accepted: answers.filter(({ status }) => status === 202),
    refused: answers.filter(({ status }) => status === 429) };
}

for (const where of ["memory", "Redis"]) {
  test(`200 submits at once pass neither bound, counted in ${where}`, where === "Redis" ? redisOnly : {}, async (t) => {
    const redis = where === "Redis" ? await startRedis() : undefined;
    t.after(() => redis?.stop());
    const counted = redis ? { "limits.url": redis.url, "limits.redis_timeout_ms": 20_000 } : {};
    const byHour = await submitMany({ ...counted, "plans.starter_requests_per_hour": 60,
      "plans.starter_concurrent_jobs": 1000 });
    assert.deepEqual([byHour.accepted.length, byHour.refused.length], [60, 140]);
    for (const answer of byHour.refused) {
      const { error, meta } = answer.body;
      assert.deepEqual([error.code, error.bound], ["RATE_LIMIT", "hour"]);
      assert.deepEqual([meta.rateLimit.limit, meta.rateLimit.remaining], [60, 0]);
      assert.deepEqual(limitOf(answer), ["60", "0", meta.rateLimit.reset]);
      assert.equal(Number(answer.headers.get("retry-after")), error.retryAfter);
      assert.ok(error.retryAfter > 3000 && error.retryAfter <= 3600);
    }

    const byJobs = await submitMany({ ...counted, "plans.starter_requests_per_hour": 1000,
      "plans.starter_concurrent_jobs": 7 });
    assert.deepEqual([byJobs.accepted.length, byJobs.refused.length], [7, 193]);
    for (const { body: { error, meta } } of byJobs.refused) {
      assert.deepEqual([error.bound, error.retryAfter, meta.rateLimit.limit, meta.rateLimit.remaining],
        ["concurrent", 5, 7, 0]);
    }
    // What was refused has been given back: of the hour of all keys together seven are taken.
    const { at, keys, accepted: [{ body: { data: { job_id: job } } }] } = byJobs;
    const { body: { meta: { rateLimit } } } = await callWith(at, keys[0].key, "GET", "/api/v1/jobs");
    assert.deepEqual([rateLimit.limit, rateLimit.remaining], [1000, 993]);
    const again = () =>
      callWith(at, keys[0].key, "POST", "/api/v1/upscale", { image_url: "https://example.com/b.png" });
    assert.equal((await again()).status, 429);
    assert.equal((await callWith(at, keys[0].key, "POST", `/api/v1/jobs/${job}/cancel`)).status, 200);
    assert.equal((await again()).status, 202, "what ends a job gives its place back");
  });
}

test("places are given back once, also by a crash", async () => {
  const { at, keys } = await submitMany({ "plans.starter_concurrent_jobs": 2 }, 4);
  await at.kill();
  const back = await start({ workers: 0, dataDir: at.dataDir, set: { "plans.starter_concurrent_jobs": 2 } });
  const submit = () =>
    callWith(back, keys[0].key, "POST", "/api/v1/upscale", { image_url: "https://example.com/b.png" });
  assert.equal((await submit()).body.error.bound, "concurrent", "the jobs are there");
  const { body: { data } } = await callWith(back, keys[0].key, "GET", "/api/v1/jobs");
  assert.equal((await callWith(back, keys[0].key, "POST", `/api/v1/jobs/${data.jobs[0].job_id}/cancel`)).status, 200);
  assert.equal((await submit()).status, 202);
  assert.equal((await submit()).status, 429);
});

test("with Redis away requests go on and are counted here; with it back, there", redisOnly, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const set = { "limits.url": redis.url, "limits.redis_timeout_ms": 20_000, "limits.get_image": 2 };
  const at = await start({ set });
  const someone = await signUp(at);
  const look = async () => {
    const answer = await someone.fetch("/api/images/none");
    return [answer.status, answer.headers.get("x-ratelimit-remaining")];
  };
  assert.deepEqual([await look(), await look(), await look()], [[404, "1"], [404, "0"], [429, "0"]]);
  await redis.kill();
  assert.deepEqual([await look(), await look(), await look()], [[404, "1"], [404, "0"], [429, "0"]]);
  await at.logged("limits_redis_away");
  await redis.restart();
  // Which request finds it back is a matter of time; until then they are counted here.
  while (!at.logs.some((line) => line.includes("limits_redis_back"))) await look();
  assert.equal(at.logs.filter((line) => line.includes("limits_redis_away")).length, 1, "logged once");
  assert.ok((await redis.keys()).some((name) => name.startsWith("ratelimit:get_image:")));
});
