// Credits that are paid for: what Stripe tells of grants once, whatever it does, on both databases.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { databases, missingDatabase } from "../support/databases.mjs";
import { callWith, newKey } from "../support/keys.mjs";
import { signatureOf, signedEvent } from "../support/payments.mjs";
import { scene } from "../support/pictures.mjs";
import { kAdminKey, submit } from "../support/queue.mjs";
import { change, signUp, startServer, tintype, upload } from "../support/server.mjs";

const kSecret = "whsec_of_the_test";
const newId = (prefix) => `${prefix}_${randomUUID()}`;

for (const [name, startDatabase] of Object.entries(databases)) {
  describe(name, { skip: missingDatabase(name) }, () => {
    let database, server;
    before(async () => {
      database = await startDatabase();
      server = await startServer({ workers: 0, set: { "auth.admin_key": kAdminKey, "limits.enabled": false,
        "payments.stripe_webhook_secret": `whsec_before,${kSecret}`, "payments.packages": "starter:100,pro:500",
        ...database.set } });
    });
    after(async () => {
      await server?.stop();
      await database?.stop();
    });

    const post = async ({ headers, body }) => {
      const answer = await change(`${server.url}/api/credits/webhook`, { method: "POST", headers, body });
      return { status: answer.status, text: await answer.text() };
    };
    const tell = async (event) => {
      const { status, text } = await post(signedEvent(event, kSecret));
      assert.equal(status, 200, text);
      return JSON.parse(text).outcome;
    };
    const checkout = (session, type = "completed") => ({ id: newId("evt"), type: `checkout.session.${type}`,
      data: { object: { object: "checkout.session", payment_status: "paid", ...session } } });
    const paid = (user, more = {}) => ({ id: newId("cs"), payment_intent: newId("pi"), client_reference_id: user.id,
      metadata: { package: "starter" }, ...more });
    const refunded = (session, amount_refunded, amount = 900) => ({ type: "charge.refunded",
      data: { object: { object: "charge", payment_intent: session.payment_intent, amount, amount_refunded } } });
    const balance = async (user) => (await user.json("/api/credits/balance")).body.balance;
    const history = async (user) => (await user.json("/api/credits/history")).body.entries;
    const audit = async (query) => {
      const answer = await fetch(`${server.url}/api/admin/audit?${new URLSearchParams(query)}`,
        { headers: { "x-admin-key": kAdminKey } });
      return (await answer.json()).entries;
    };

    test("fifty of the same at once grant once", async () => {
      const user = await signUp(server);
      const session = paid(user);
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, at) =>
        tell(checkout(session, at % 2 ? "completed" : "async_payment_succeeded"))));
      assert.equal(outcomes.filter((one) => one === "granted").length, 1, outcomes.join());
      assert.equal(outcomes.filter((one) => one === "known").length, 49);
      assert.equal(await balance(user), 200);
      const [entry, ...rest] = await history(user);
      assert.deepEqual([entry.kind, entry.amount, entry.balance_after, entry.note],
        ["purchase", 100, 200, `starter, ${session.id}`]);
      assert.deepEqual(rest.map(({ kind }) => kind), ["initial"]);
    });

    test("what grants: paid checkouts, by package and user, never by a sum", async () => {
      const user = await signUp(server);
      assert.equal(await tell(checkout({ ...paid(user), payment_status: "unpaid" })), "ignored");
      const late = paid(user);
      assert.equal(await tell(checkout({ ...late, payment_status: "unpaid" })), "ignored");
      assert.equal(await tell(checkout(late, "async_payment_succeeded")), "granted");
      const byMetadata = { ...paid(user), client_reference_id: null, amount_total: 1,
        metadata: { package: "pro", user_id: user.id, credits: "1000000" } };
      assert.equal(await tell(checkout(byMetadata)), "granted");
      assert.equal(await tell(checkout(paid(user), "expired")), "ignored");
      assert.equal(await tell({ type: "invoice.paid", data: { object: paid(user) } }), "ignored");
      assert.equal(await tell({ type: "checkout.session.completed" }), "ignored");
      assert.equal(await balance(user), 700);
    });

    test("a signature that does not hold is refused, and says nothing of the body", async () => {
      const user = await signUp(server);
      const event = checkout(paid(user));
      const now = Math.floor(Date.now() / 1000);
      const { body, headers } = signedEvent(event, kSecret);
      const signature = headers["Stripe-Signature"];
      const refused = [
        signedEvent(event, "whsec_other"), signedEvent(event, kSecret, now - 310), signedEvent(event, kSecret, now + 310),
        { body: Buffer.concat([body, Buffer.from(" ")]), headers },
        { body, headers: {} }, { body, headers: { "Stripe-Signature": "" } },
        { body, headers: { "Stripe-Signature": signature.replace("v1=", "v0=") } },
        { body, headers: { "Stripe-Signature": `t=${now}` } },
        { body, headers: { "Stripe-Signature": `t=x,v1=${signatureOf(body, kSecret, "x")}` } },
        { body, headers: { "Stripe-Signature": `t=${now},v1=${signatureOf(body, kSecret, now).slice(0, -2)}` } },
      ];
      for (const one of refused) {
        const { status, text } = await post(one);
        assert.equal(status, 400, JSON.stringify(one.headers));
        assert.ok(!text.includes(user.id) && !text.includes("checkout"), text);
      }
      assert.equal(await balance(user), 100);
      // Two while one is rotated, of which either is ours; blanks as they stand in the body.
      const spaced = Buffer.from(JSON.stringify(event, null, 2));
      const rotated = { body: spaced, headers: { "Stripe-Signature":
        `t=${now},v1=${signatureOf(spaced, "whsec_next", now)},v1=${signatureOf(spaced, "whsec_before", now)}` } };
      assert.equal((await post(rotated)).status, 200);
      assert.equal(await balance(user), 200);
    });

    test("what names no user or package is written down once, and grants when it is told again and does", async () => {
      const nobody = { id: `nobody-${randomUUID()}` };
      const session = paid(nobody);
      for (let times = 0; times < 2; ++times) assert.equal(await tell(checkout(session)), "unmatched");
      const user = await signUp(server);
      assert.equal(await tell(checkout({ ...paid(user), metadata: { package: "gold" } })), "unmatched");
      assert.equal(await tell(checkout({ ...paid(user), metadata: null })), "unmatched");
      const entries = await audit({ actor: "payments" });
      const mine = entries.filter(({ after }) => after.session === session.id);
      assert.deepEqual(mine.map(({ action, after }) => [action, after.user, after.package]),
        [["unmatched_purchase", nobody.id, "starter"]]);
      assert.equal(await balance(user), 100);
      assert.equal(await tell(checkout({ ...session, client_reference_id: user.id })), "granted");
      assert.equal(await balance(user), 200);
    });

    test("a refund takes its share back, once, whenever it is told of, and no more than there is", async () => {
      const user = await signUp(server);
      const session = paid(user);
      await tell(checkout(session));
      for (const [sum, left] of [[300, 167], [300, 167], [100, 167], [900, 100], [900, 100]]) {
        await tell(refunded(session, sum));
        assert.equal(await balance(user), left, `after ${sum}`);
      }
      assert.deepEqual((await history(user)).map(({ kind, amount }) => [kind, amount]),
        [["reversal", -67], ["reversal", -33], ["purchase", 100], ["initial", 100]]);

      const early = paid(user);
      assert.equal(await tell(refunded(early, 450)), "known");
      assert.equal(await tell(checkout(early)), "granted");
      assert.equal(await balance(user), 150);

      const spent = paid(user, { metadata: { package: "pro" } });
      await tell(checkout(spent));
      const { body: { image } } = await upload(user, scene());
      await submit(user, image.id, "TIER_4K");
      const taken = await change(`${server.url}/api/admin/users/${user.id}`, { method: "PATCH",
        headers: { "x-admin-key": kAdminKey, "Content-Type": "application/json" },
        body: JSON.stringify({ action: "remove_credits", amount: 600, reason: "spent" }) });
      assert.equal(taken.status, 200);
      await tell(refunded(spent, 900));
      const { body } = await user.json("/api/credits/balance");
      assert.deepEqual(body, { balance: 10, reserved: 10, available: 0 });
      const [entry] = await audit({ user_id: user.id, actor: "payments" });
      assert.deepEqual([entry.action, entry.after.taken_back, entry.after.not_taken], ["refund_purchase", 40, 460]);
    });

    test("the history goes on where a page ends, and keys with jobs:read may look", async () => {
      const user = await signUp(server);
      for (let times = 0; times < 3; ++times) await tell(checkout(paid(user)));
      const { body: first } = await user.json("/api/credits/history?limit=3");
      const { body: rest } = await user.json(`/api/credits/history?limit=3&cursor=${first.nextCursor}`);
      assert.deepEqual([...first.entries, ...rest.entries].map((one) => one.balance_after), [400, 300, 200, 100]);
      assert.equal(rest.nextCursor, null);
      const { key } = await newKey(user, { scopes: ["jobs:read"] });
      assert.equal((await callWith(server, key, "GET", "/api/credits/history")).status, 200);
      const { key: other } = await newKey(user, { scopes: ["images:read"] });
      assert.equal((await callWith(server, other, "GET", "/api/credits/history")).status, 403);
      const doctor = await tintype("doctor", "--data", server.dataDir,
        ...Object.entries(database.set).flatMap(([key_, value]) => ["--set", `${key_}=${value}`]));
      assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    });
  });
}

test("packages are checked at the start, and the secret is masked", async () => {
  const data = join(tmpdir(), `tintype-none-${process.pid}`);
  for (const packages of ["starter", "starter:0", ":5", "a:1,a:2", "a:1000001"]) {
    const done = await tintype("doctor", "--data", data, "--set", `payments.packages=${packages}`);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /payments\.packages/);
  }
  const { stdout } = await tintype("config", "--set", "payments.stripe_webhook_secret=whsec_a,whsec_b");
  assert.ok(stdout.includes("# stripe_webhook_secret = [masked]") && !stdout.includes("whsec_a"), stdout);
});
