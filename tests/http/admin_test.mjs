// What operators do to users and what they see of them, on both databases.
import assert from "node:assert/strict";
import { after, describe, before, test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { callWith, newKey } from "../support/keys.mjs";
import { scene } from "../support/pictures.mjs";
import { board, kAdminKey, submit } from "../support/queue.mjs";
import { change, signUp, startServer, tintype, upload } from "../support/server.mjs";

for (const [name, startDatabase] of Object.entries(databases)) {
  describe(name, { skip: missingDatabase(name) }, () => {
    let database, server, sets;
    before(async () => {
      database = await startDatabase();
      sets = { "auth.admin_key": kAdminKey, "limits.enabled": false, ...database.set };
      server = await startServer({ workers: 0, set: sets });
    });
    after(async () => {
      await server?.stop();
      await database?.stop();
    });

    const call = async (method, path, body, headers = {}) => {
      const answer = await change(`${server.url}/api/admin${path}`, { method, body: body && JSON.stringify(body),
        headers: { "x-admin-key": kAdminKey, ...(body ? { "Content-Type": "application/json" } : {}), ...headers } });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    };
    const get = async (path) => {
      const { status, body } = await call("GET", path);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    const patch = (user, body, headers) => call("PATCH", `/users/${user.id}`, body, headers);
    const found = async (query) => (await get(`/users?${new URLSearchParams(query)}`)).users.map(({ email }) => email);
    const audit = async (query) => (await get(`/audit?${new URLSearchParams(query)}`)).entries;
    const command = (...args) => tintype("admin", ...args, "--data", server.dataDir,
      ...Object.entries(database.set).flatMap(([key, value]) => ["--set", `${key}=${value}`]));

    test("users are found by a part of their address, and nothing in it stands for anything else", async () => {
      const emails = ["search-a_b@example.org", "search-axb@example.org", "search-50%@example.org", "search-a!b@example.org"];
      for (const email of emails) await signUp(server, email);
      assert.deepEqual(await found({ search: "SEARCH-" }), [...emails].reverse());
      assert.deepEqual(await found({ search: "a_b" }), [emails[0]]);
      assert.deepEqual(await found({ search: "0%@" }), [emails[2]]);
      assert.deepEqual(await found({ search: "a!b" }), [emails[3]]);
      assert.deepEqual(await found({ search: "' OR 1=1 --" }), []);
      assert.deepEqual(await found({ search: "search-", limit: 2, offset: 1 }), [emails[2], emails[1]]);
      const page = await get("/users?search=search-&limit=1");
      assert.deepEqual([page.users.length, page.total], [1, 4]);
      const { body } = await call("GET", "/users?limit=201");
      assert.deepEqual([body.code, body.details.field], ["VALIDATION_ERROR", "limit"]);
    });

    test("credits are added once under a key, and never taken below what is available", async () => {
      const user = await signUp(server);
      const bonus = { action: "add_credits", amount: 50, reason: "Bonus" };
      const answers = await Promise.all(Array.from({ length: 8 }, () => patch(user, bonus, { "Idempotency-Key": "k" })));
      for (const { status, body } of answers) assert.deepEqual([status, body.user?.balance], [200, 150]);
      const { body: { image } } = await upload(user, scene());
      await submit(user, image.id, "TIER_4K");
      const refused = await patch(user, { action: "remove_credits", amount: 141, reason: "x" });
      assert.deepEqual([refused.status, refused.body.code, refused.body.details.available], [402, "INSUFFICIENT_CREDITS", 140]);
      const taken = await patch(user, { action: "remove_credits", amount: 140, reason: "x" });
      const { balance, reserved, available } = taken.body.user;
      assert.deepEqual([balance, reserved, available], [10, 10, 0]);
      const entries = await audit({ user_id: user.id });
      assert.deepEqual(entries.map(({ action, before, after }) => [action, before.balance, after.balance]),
        [["remove_credits", 150, 10], ["add_credits", 100, 150]]);
      assert.equal(entries[0].request_id, taken.headers.get("x-request-id"));
      assert.equal(entries[0].actor, "admin key");
    });

    test("what is asked for wrongly is refused by its field, and changes nothing", async () => {
      const user = await signUp(server);
      for (const [body, field] of [
        [{}, "action"], [{ action: "delete" }, "action"], [{ action: "ban" }, "reason"],
        [{ action: "add_credits", amount: 1 }, "reason"], [{ action: "add_credits", reason: "x" }, "amount"],
        [{ action: "add_credits", amount: 0, reason: "x" }, "amount"],
        [{ action: "add_credits", amount: 1_000_001, reason: "x" }, "amount"],
        [{ action: "add_credits", amount: 1.5, reason: "x" }, "amount"],
        [{ action: "ban", amount: 1, reason: "x" }, "amount"], [{ action: "set_plan" }, "plan"],
        [{ action: "set_plan", plan: "gold" }, "plan"], [{ action: "unban", role: "admin" }, "role"],
      ]) {
        const answer = await patch(user, body);
        assert.deepEqual([answer.status, answer.body.code, answer.body.details.field], [422, "VALIDATION_ERROR", field],
          JSON.stringify(body));
      }
      assert.deepEqual(await audit({ user_id: user.id }), []);
      assert.equal((await patch({ id: "none" }, { action: "unban" })).status, 404);
    });

    test("a ban ends sessions and keys at once, and what was asked for, with all tokens back", async () => {
      const [user, other] = [await signUp(server), await signUp(server)];
      const { key } = await newKey(user);
      for (const who of [user, other]) {
        const { body: { image } } = await upload(who, scene());
        for (const tier of ["TIER_1K", "TIER_2K"]) await submit(who, image.id, tier);
      }
      const banned = await patch(user, { action: "ban", reason: "Terms violation" });
      assert.deepEqual([banned.status, banned.body.user.status, banned.body.user.reserved, banned.body.user.available],
        [200, "banned", 0, 100]);
      assert.deepEqual(banned.body.jobs, { cancelled: 2, stopping: 0, tokens_released: 7, more: false });
      assert.equal((await user.json("/api/tokens/balance")).status, 403);
      assert.equal((await fetch(`${server.url}/api/credits/balance`,
        { headers: { Authorization: `Bearer ${user.accessToken}` } })).status, 403);
      assert.equal((await callWith(server, key, "GET", "/api/credits/balance")).status, 403);
      assert.equal((await other.json("/api/credits/balance")).body.reserved, 7, "nobody else's jobs");
      assert.deepEqual((await get(`/jobs?user_id=${user.id}&operation=enhance`)).jobs.map(({ state }) => state),
        ["cancelled", "cancelled"]);
      const again = await patch(user, { action: "ban", reason: "Once more" });
      assert.deepEqual([again.status, again.body.jobs.cancelled], [200, 0]);
      assert.deepEqual(await found({ status: "banned", search: user.email }), [user.email]);
      assert.deepEqual(await found({ status: "active", search: user.email }), []);

      await patch(user, { action: "unban" });
      assert.equal((await user.json("/api/tokens/balance")).status, 401, "he signs in anew");
      assert.equal((await callWith(server, key, "GET", "/api/credits/balance")).status, 401);
      const entries = await audit({ user_id: user.id });
      assert.deepEqual(entries.map(({ action }) => action), ["unban", "cancel_jobs", "ban"]);
      assert.deepEqual(entries[2].after, { status: "banned", keys_revoked: 1 });
      assert.equal(entries[1].after.cancelled.length, 2);
    });

    test("the board's changes and those of the command line are written down too", async () => {
      const admin = await signUpAdminHere();
      const user = await signUp(server);
      const { body: { image } } = await upload(user, scene());
      const jobId = await submit(user, image.id);
      const own = board(server, { Authorization: `Bearer ${admin.token}` });
      await own.post("/pause", { lane: "operations" });
      await own.post("/pause", { lane: "operations" });
      await own.post("/resume", { lane: "operations" });
      await own.post(`/jobs/${jobId}/cancel`);
      const second = await submit(user, image.id);
      await own.post("/drain", { lane: "operations", operation: "enhance" });
      const byAdmin = await audit({ actor: admin.id });
      assert.deepEqual(byAdmin.map(({ action }) => action), ["drain_queue", "cancel_job", "resume_queue", "pause_queue"]);
      assert.ok(byAdmin[0].after.cancelled.includes(second));
      assert.deepEqual([byAdmin[1].user_id, byAdmin[1].before.state, byAdmin[1].after.state], [user.id, "queued", "cancelled"]);
      for (const args of [["user", "grant", user.email, "7", "--note", "Sorry"], ["user", "plan", user.email, "starter"],
        ["user", "ban", user.email, "--reason", "Spam"], ["user", "unban", user.email]]) {
        const done = await command(...args);
        assert.equal(done.code, 0, done.stderr);
      }
      assert.deepEqual((await audit({ user_id: user.id, actor: "command line" })).map(({ action, reason }) => [action, reason]),
        [["unban", null], ["ban", "Spam"], ["set_plan", null], ["add_credits", "Sorry"]]);
    });

    async function signUpAdminHere() {
      const admin = await signUp(server);
      const done = await command("user", "role", admin.email, "admin");
      assert.equal(done.code, 0, done.stderr);
      return admin;
    }

    test("the figures add up", async () => {
      const { users, tokens, jobs, queue, ...rest } = await get("/stats");
      const { total, stats } = await get("/users?limit=1");
      assert.deepEqual([users.total, users.active, users.banned], [total, stats.active, stats.banned]);
      assert.equal(tokens.all.initial, users.total * 100);
      assert.deepEqual(tokens.today, tokens.all, "all of it happened today");
      assert.equal(jobs.queued, queue.reduce((sum, { waiting }) => sum + waiting, 0));
      assert.deepEqual(rest.revenue_tokens, { today: 0, all: 0 });
      assert.ok(rest.storage_bytes > 0 && rest.images > 0);
      const doctor = await tintype("doctor", "--data", server.dataDir,
        ...Object.entries(database.set).flatMap(([key, value]) => ["--set", `${key}=${value}`]));
      assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    });
  });
}
