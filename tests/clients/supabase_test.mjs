// The real supabase-js signs up, in, refreshes and out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "@supabase/supabase-js";
import { startServer } from "../support/server.mjs";

let server, client;
const credentials = { email: "supa@example.org", password: "correct horse battery" };

before(async () => {
  server = await startServer({ workers: 0 });
  client = createClient(server.url, "anon-key-that-means-nothing", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
});
after(() => server.stop());

test("sign-up, sign-in, user, update, refresh and sign-out", async () => {
  const up = await client.auth.signUp({ ...credentials, options: { data: { name: "Supa" } } });
  assert.equal(up.error, null);
  assert.equal(up.data.user.email, credentials.email);
  assert.equal(up.data.user.user_metadata.name, "Supa");

  const signedIn = await client.auth.signInWithPassword(credentials);
  assert.equal(signedIn.error, null);
  const { access_token: accessToken } = signedIn.data.session;

  const { data } = await client.auth.getUser();
  assert.equal(data.user.email, credentials.email);

  const images = await fetch(`${server.url}/api/images`, { headers: { Authorization: `Bearer ${accessToken}` } });
  assert.equal(images.status, 200);

  const updated = await client.auth.updateUser({ data: { name: "Renamed" } });
  assert.equal(updated.data.user.user_metadata.name, "Renamed");

  const first = signedIn.data.session.refresh_token;
  const refreshed = await client.auth.refreshSession();
  assert.equal(refreshed.error, null);
  assert.notEqual(refreshed.data.session.refresh_token, first);

  const { error } = await client.auth.signOut();
  assert.equal(error, null);
  const gone = await fetch(`${server.url}/api/images`, {
    headers: { Authorization: `Bearer ${refreshed.data.session.access_token}` },
  });
  assert.equal(gone.status, 401);
});

test("a spent refresh token ends the session", async () => {
  const { data } = await client.auth.signInWithPassword(credentials);
  const refresh = (token) =>
    fetch(`${server.url}/auth/v1/token?grant_type=refresh_token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: token }),
    });
  const next = await (await refresh(data.session.refresh_token)).json();
  assert.equal((await refresh(data.session.refresh_token)).status, 400);
  assert.equal((await refresh(next.refresh_token)).status, 400);
});

test("wrong and unknown credentials look the same", async () => {
  const wrong = await client.auth.signInWithPassword({ ...credentials, password: "not the password" });
  const unknown = await client.auth.signInWithPassword({ email: "nobody@example.org", password: "not the password" });
  assert.equal(wrong.error.code, "invalid_credentials");
  assert.deepEqual([wrong.error.message, wrong.error.status], [unknown.error.message, unknown.error.status]);
});

test("signing up twice is refused", async () => {
  const { error } = await client.auth.signUp(credentials);
  assert.equal(error.code, "user_already_exists");
});
