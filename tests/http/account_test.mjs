// An account and where it is signed in, on both databases.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { newKey } from "../support/keys.mjs";
import { scene } from "../support/pictures.mjs";
import { submit } from "../support/queue.mjs";
import { change, settled, signUp, startServer, upload } from "../support/server.mjs";

const kPassword = "correct horse battery";

for (const [name, startDatabase] of Object.entries(databases)) {
  describe(name, { skip: missingDatabase(name) }, () => {
    let database, server;
    before(async () => {
      database = await startDatabase();
      server = await startServer({ set: { "limits.password_tries_per_address": 1000, ...database.set } });
    });
    after(async () => {
      await server?.stop();
      await database?.stop();
    });

    const ask = async (token, method, path, json) => {
      const answer = await change(`${server.url}/api/account${path}`, { method, body: json && JSON.stringify(json),
        headers: { Authorization: `Bearer ${token}`, ...(json ? { "Content-Type": "application/json" } : {}) } });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
    };
    const signIn = async (email, { password = kPassword, agent } = {}) => {
      const answer = await change(`${server.url}/auth/v1/token?grant_type=password`, { method: "POST",
        headers: { "Content-Type": "application/json", ...(agent ? { "User-Agent": agent } : {}) },
        body: JSON.stringify({ email, password }) });
      return { status: answer.status, ...(await answer.json()) };
    };
    const sessionsOf = async (token) => (await ask(token, "GET", "/sessions")).body.sessions;

    test("sessions say who signed in, and end one by one or all but this", async () => {
      const user = await signUp(server), foreign = await signUp(server);
      const phone = (await signIn(user.email, { agent: "Phone/1.0" })).session_token;
      await signIn(user.email, { agent: `Long/${"x".repeat(1000)}` });
      const listed = await sessionsOf(phone);
      assert.equal(listed.length, 3);
      assert.deepEqual(listed.map(({ current }) => current), [true, false, false]);
      assert.equal(listed[0].user_agent, "Phone/1.0");
      assert.equal(listed[0].remote_address, "127.0.0.1");
      assert.ok(listed.some((one) => one.user_agent.startsWith("Long/") && one.user_agent.length === 256));
      for (const one of listed) assert.ok(one.last_used_at_ms >= one.created_at_ms && one.expires_at_ms > Date.now());

      assert.equal((await ask(foreign.token, "DELETE", `/sessions/${listed[0].id}`)).status, 404);
      assert.equal((await ask(phone, "DELETE", `/sessions/${listed[1].id}`)).status, 204);
      assert.equal((await ask(phone, "DELETE", `/sessions/${listed[1].id}`)).status, 404);
      assert.deepEqual((await ask(phone, "DELETE", "/sessions")).body, { ended: 1 });
      assert.equal((await sessionsOf(phone)).length, 1);
      assert.equal((await ask(user.token, "GET", "")).status, 401);
      assert.equal((await ask(foreign.token, "GET", "")).status, 200);
    });

    test("a new password ends every other session, and only who knows the old one sets it", async () => {
      const user = await signUp(server);
      const elsewhere = (await signIn(user.email)).session_token;
      const change = (json) => ask(user.token, "POST", "/password", json);
      assert.equal((await change({ current_password: "wrong", new_password: "an even better one" })).status, 403);
      assert.equal((await ask(elsewhere, "GET", "")).status, 200);
      assert.equal((await change({ current_password: kPassword, new_password: "an even better one" })).status, 204);
      assert.equal((await ask(elsewhere, "GET", "")).status, 401);
      assert.equal((await ask(user.token, "GET", "")).status, 200);
      assert.equal((await signIn(user.email)).status, 400);
      assert.equal((await signIn(user.email, { password: "an even better one" })).status, 200);
    });

    test("a new address is the one to sign in with, and its tries are those of signing in", async () => {
      const user = await signUp(server);
      const email = `moved-${user.email}`;
      assert.equal((await ask(user.token, "PATCH", "", { email, current_password: kPassword })).status, 200);
      assert.equal((await signIn(user.email)).status, 400);
      assert.equal((await signIn(email)).status, 200);
      for (let at = 0; at < 9; ++at) await signIn(email, { password: "wrong" });
      const refused = await ask(user.token, "PATCH", "", { email: user.email, current_password: kPassword });
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
      assert.equal(refused.body.code, "RATE_LIMIT");
    });

    test("jobs of all surfaces are one list, and days count what became of them", async () => {
      const user = await signUp(server);
      const { body: { image } } = await upload(user, scene(60, 40));
      const enhanced = await submit(user, image.id);
      // What counts for a minute is looked at at once: a slow machine works on a job for longer.
      const isCounted = async (...names) => {
        for (const limit of (await ask(user.token, "GET", "/usage")).body.limits) {
          if (!names.includes(limit.name)) continue;
          assert.equal(limit.remaining, limit.limit - 1, limit.name);
          assert.ok(limit.resets_at_ms > Date.now());
        }
      };
      await isCounted("upload", "enhance");
      await settled(user, image.id);
      const studio = await user.post("/api/ai/submit", { operationType: "upscale",
        data: { image_id: image.id, scale: 2 } });
      assert.equal(studio.status, 202, JSON.stringify(studio.body));
      await isCounted("studio_operations");
      await server.logged("job_succeeded", { job: studio.body.jobId });

      const { body: { jobs, next_cursor: none } } = await ask(user.token, "GET", "/jobs");
      assert.equal(none, null);
      assert.deepEqual(jobs.map(({ id, surface, operation, state }) => [id, surface, operation, state]),
        [[studio.body.jobId, "studio", "upscale", "succeeded"], [enhanced, "enhancement", "enhance", "succeeded"]]);
      for (const job of jobs) {
        assert.deepEqual([job.progress, job.tokens_reserved, job.image_id, job.batch_id, job.error],
          [1, 0, image.id, null, null]);
        assert.ok(job.tokens_charged > 0 && job.finished_at_ms >= job.created_at_ms);
      }
      const first = (await ask(user.token, "GET", "/jobs?limit=1")).body;
      assert.equal(first.jobs[0].id, studio.body.jobId);
      assert.equal((await ask(user.token, "GET", `/jobs?limit=1&cursor=${first.next_cursor}`)).body.jobs[0].id, enhanced);
      assert.deepEqual((await ask(user.token, "GET", "/jobs?state=open")).body.jobs, []);
      assert.equal((await ask(user.token, "GET", "/jobs?state=ended")).body.jobs.length, 2);

      const { body: usage } = await ask(user.token, "GET", "/usage?days=7");
      assert.equal(usage.days.length, 7);
      const [days, spent] = [usage.days.slice(-2), jobs.reduce((sum, job) => sum + job.tokens_charged, 0)];
      const sum = (name) => days.reduce((total, day) => total + day[name], 0);
      assert.deepEqual([sum("jobs_succeeded"), sum("jobs_failed"), sum("tokens_spent"), sum("tokens_received")],
        [2, 0, spent, 100]);
      assert.deepEqual(new Set(usage.operations.map(({ operation, jobs: count }) => `${operation} ${count}`)),
        new Set(["enhance 1", "upscale 1"]));
      assert.ok(usage.storage.used_bytes > 0 && usage.storage.image_count === 1);
      assert.ok(usage.storage.quota_bytes > usage.storage.used_bytes);

      const limits = Object.fromEntries(usage.limits.map((limit) => [limit.name, limit]));
      for (const name of ["move_to_album", "upscale_hour", "upscale_day", "upscale_concurrent"]) {
        assert.deepEqual([limits[name].remaining, limits[name].resets_at_ms], [limits[name].limit, null], name);
      }
      const again = (await ask(user.token, "GET", "/usage")).body.limits.find((limit) => limit.name === "upload");
      assert.ok(again.remaining >= limits.upload.remaining, "looking takes nothing");

      const other = await signUp(server);
      assert.deepEqual((await ask(other.token, "GET", "/jobs")).body.jobs, []);
      const empty = (await ask(other.token, "GET", "/usage?days=1")).body;
      assert.deepEqual([empty.operations, empty.days[0].jobs_succeeded, empty.storage.used_bytes], [[], 0, 0]);
    });

    test("what an upload would be a duplicate of is found by its SHA-256", async () => {
      const [user, other] = [await signUp(server), await signUp(server)];
      const picture = scene(50, 40);
      const sha256 = createHash("sha256").update(picture).digest("hex");
      const found = async (who) => (await who.json(`/v1/images?sha256=${sha256}`)).body.images.map((one) => one.image_id);
      assert.deepEqual(await found(user), []);
      const { body: { image } } = await upload(user, picture);
      await upload(user, scene(51, 40));
      assert.deepEqual(await found(user), [image.id]);
      assert.deepEqual(await found(other), []);
      await user.json(`/v1/images/${image.id}`, { method: "DELETE" });
      assert.deepEqual(await found(user), [], "it is in the trash");
    });

    test("searches are completed by what the user has, and by nothing of anybody else's", async () => {
      const [user, other] = [await signUp(server), await signUp(server)];
      const suggested = async (q, who = user) =>
        (await ask(who.token, "GET", `/suggestions?${new URLSearchParams({ q })}`)).body.suggestions;
      const queries = async (q) => (await suggested(q)).map(({ query }) => query);
      const change = (who, id, json) => who.json(`/v1/images/${id}`, { method: "PATCH", body: JSON.stringify(json),
        headers: { "Content-Type": "application/json" } });
      const { body: { image } } = await upload(user, scene(40, 40));
      await change(user, image.id, { title: "Beautiful Caf\u00e9", tags: ["Beach", "Two Words", "B\"ench"] });
      const { body: { image: foreign } } = await upload(other, scene(40, 41));
      await change(other, foreign.id, { title: "Beachcomber", tags: ["beagle"], visibility: "public" });
      const { body: album } = await user.post("/v1/albums", { title: "Bergen" });

      const found = await suggested("owner:me be");
      assert.deepEqual(found, [
        { kind: "operator", label: "before:", query: "owner:me before:" },
        { kind: "tag", label: "Beach", query: "owner:me tag:Beach" },
        { kind: "album", label: "Bergen", query: `owner:me album:${album.album_id}` },
        { kind: "word", label: "beautiful", query: "owner:me beautiful" },
      ]);
      assert.deepEqual(await queries("-tag:\"two w"), ['-tag:"Two Words"']);
      assert.deepEqual(await queries("caf\u00c9"), ["cafe"]);
      assert.deepEqual((await suggested("f")).slice(0, 1), [{ kind: "operator", label: "format:", query: "format:" }]);
      assert.deepEqual(await suggested("format:PN"), [{ kind: "format", label: "png", query: "format:png" }]);
      assert.deepEqual(await suggested("beautiful"), [], "it is complete");
      assert.deepEqual((await suggested("")).map(({ kind }) => kind), [...Array(5).fill("operator"), "tag", "tag", "tag"]);
      for (const q of ["owner:me tag:be", "tag:two", "be"]) {
        for (const query of (await queries(q)).filter((one) => !/album:|:$/.test(one))) {
          const { status, body } = await user.json(`/v1/search/images?${new URLSearchParams({ q: query })}`);
          assert.equal(status, 200, query);
          assert.ok(body.images.some((one) => one.image_id === image.id), query);
        }
      }
      assert.deepEqual((await suggested("be", other)).map(({ label }) => label), ["before:", "beagle", "beachcomber"]);

      await user.json(`/v1/images/${image.id}`, { method: "DELETE" });
      assert.deepEqual(await queries("tag:"), [], "it is in the trash");
      await user.json(`/v1/images/${image.id}:undelete`, { method: "POST" });
      assert.equal((await queries("tag:")).length, 3);
      await change(user, image.id, { tags: [] });
      assert.deepEqual(await queries("tag:"), []);
    });

    test("a JWT is as good as its session; an API key sees who its owner is and changes nothing", async () => {
      const user = await signUp(server);
      assert.equal((await sessionsOf(user.accessToken))[0].current, true);
      const { key } = await newKey(user);
      assert.equal((await ask(key, "GET", "")).body.account.id, user.id);
      for (const [method, path, json] of [["PATCH", "", { name: "x" }], ["GET", "/sessions"], ["DELETE", "/sessions"],
        ["POST", "/password", { current_password: kPassword, new_password: kPassword }]]) {
        assert.equal((await ask(key, method, path, json)).status, 403, `${method} ${path}`);
      }
    });
  });
}
