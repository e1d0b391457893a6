// What the console shows where something is in the way: no answer, none that is ours, too many calls, too few tokens, a
// session that has ended, no connection, and little room. Nothing that was typed is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, consoleUrl, openConsole } from "../support/console.mjs";
import { startServerBehindLine } from "../support/line.mjs";
import { scene } from "../support/pictures.mjs";
import { signUpAdmin } from "../support/queue.mjs";
import { signUp, upload } from "../support/server.mjs";

const skip = missingBrowser();
const kTokens = 20; // an edit costs 15

let behind, line, server, browser;

before(async () => {
  if (skip) return;
  behind = await startServerBehindLine({ "limits.enabled": false, "wallet.initial": kTokens }, { workers: 0 });
  ({ line, server } = behind);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await behind?.stop();
});

// Calls of the API other than the first, which asks who is signed in.
const isCall = ({ pathname }) => /^\/(api|v1)\//.test(pathname) && pathname !== "/api/account";

// A user with a picture in an album, and the addresses of what each kind of page shows of that.
async function userWithPages() {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(160, 120, 1), "lake.png");
  const { body: { album_id: album } } = await user.post("/v1/albums", { title: "Lakes" });
  await user.post(`/v1/albums/${album}/images`, { image_ids: [image.id] });
  const pages = ["/library", "/trash", `/pictures/${image.id}`, "/albums", `/albums/${album}`, "/studio", "/batches", "/wallet",
    "/developers/keys", "/developers/webhooks", "/developers/usage"];
  return { user, image, album, pages };
}

const kAdminPages = ["/admin/users", "/admin/queue", "/admin/models", "/admin/audit", "/admin/stats", "/admin/config"];

async function goesOnAfterFaults({ page, context }, path) {
  const again = page.getByRole("button", { name: "Try again" });
  const answer = async (response) => {
    await context.unrouteAll({ behavior: "ignoreErrors" });
    if (response) await context.route(isCall, (route) => route.fulfill(response));
  };
  await answer({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" });
  await page.goto(consoleUrl(line) + path);
  await page.getByRole("heading", { name: "Something went wrong" }).first().waitFor();
  await answer({ status: 429, headers: { "Retry-After": "60" }, json: { error: "Slow down", code: "RATE_LIMITED" } });
  await again.first().click();
  await page.getByRole("heading", { name: "Too much at once" }).first().waitFor();
  await page.getByText(/You can try again in \d/).first().waitFor();
  assert.ok(await again.first().isDisabled());
  await answer(null);
  await page.clock.fastForward("01:00");
  await page.waitForFunction(() => { // parts of a page have one each, and one may go with another's
    const alerts = [...document.querySelectorAll("[role=alert]")];
    for (const button of alerts.flatMap((one) => [...one.querySelectorAll("button:enabled:not([data-pressed])")])) {
      button.dataset.pressed = "";
      button.click();
    }
    return alerts.length === 0;
  });
  await page.getByRole("heading", { level: 1 }).waitFor();
}

test("every kind of page has a state for no answer and for too many calls, and goes on from there", { skip }, async () => {
  const { user, image } = await userWithPages();
  const opened = await openConsole(browser, line, "/account", { user, reducedMotion: "reduce" });
  await opened.page.clock.install();
  for (const path of ["/library", `/pictures/${image.id}`, "/albums", "/studio", "/wallet", "/developers/usage"]) {
    await goesOnAfterFaults(opened, path);
  }
  await opened.close();
  const admin = await openConsole(browser, line, "/account", { user: await signUpAdmin(server), reducedMotion: "reduce" });
  await admin.page.clock.install();
  await goesOnAfterFaults(admin, "/admin/users");
  await admin.close();
});

test("what was typed without a connection is kept, and done once when it is back", { skip }, async () => {
  const { user } = await userWithPages();
  const { page, context, close } = await openConsole(browser, line, "/albums", { user });
  await page.getByRole("link", { name: /Lakes/ }).waitFor();
  await page.getByRole("button", { name: "New album" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill("Rivers");
  await context.setOffline(true);
  await page.getByText("You are offline").waitFor({ state: "attached" });
  await dialog.getByRole("button", { name: "Make the album" }).click();
  await dialog.getByRole("alert").filter({ hasText: "The server cannot be reached" }).waitFor();
  await assertAccessible(page);
  await context.setOffline(false);
  await page.getByText("You are offline").waitFor({ state: "detached" });
  assert.equal(await dialog.getByLabel("Title").inputValue(), "Rivers");
  await dialog.getByRole("button", { name: "Make the album" }).click();
  await dialog.waitFor({ state: "detached" });
  const { body: { albums } } = await user.json("/v1/albums");
  assert.deepEqual(albums.map(({ title }) => title), ["Rivers", "Lakes"]);
  await close();
});

test("a session that ends in the middle of work asks for the password over it, and the work is there", { skip }, async () => {
  const { user, image } = await userWithPages();
  const { page, close } = await openConsole(browser, line, `/pictures/${image.id}`, { user });
  await page.getByRole("button", { name: "About this picture" }).click();
  await page.getByLabel("Title").fill("By the lake");
  await page.getByLabel("Description").fill("An evening in May");
  // Not before: what the page still asks for by itself would be told so first.
  let ended = null;
  await page.route(isCall, async (route) => {
    if (route.request().method() === "PATCH") ended ??= user.fetch("/auth/v1/logout", { method: "POST" });
    await ended;
    await route.continue();
  });
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await dialog.waitFor();
  assert.equal((await ended).status, 204);
  await dialog.getByLabel(`Password of ${user.email}`).fill("not this one");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel(`Password of ${user.email}`).fill("correct horse battery");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Description").inputValue(), "An evening in May");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "By the lake", level: 1 }).waitFor();
  await close();
});

test("tokens that were spent elsewhere meanwhile are missed at the click, and the words stay", { skip }, async () => {
  const { user, image } = await userWithPages();
  const { page, close } = await openConsole(browser, line, `/studio/edit?image=${image.id}`, { user });
  await page.getByRole("textbox", { name: "In words" }).fill("a little warmer");
  await page.getByText(`of ${kTokens} tokens that you have`).waitFor();
  assert.equal((await user.post("/api/images/enhance", { imageId: image.id, tier: "TIER_4K" })).status, 200);
  await page.getByRole("button", { name: "Edit for 15 tokens" }).click();
  const note = page.getByRole("alert").filter({ hasText: "Insufficient credits" });
  await note.getByRole("link", { name: "Open the wallet" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "In words" }).inputValue(), "a little warmer");
  await page.reload();
  assert.equal(await page.getByRole("textbox", { name: "In words" }).inputValue(), "a little warmer");
  await page.getByText("That is not enough.").waitFor();
  await close();
});

test("at 200 % every page fits, keeps nobody out and can be worked through", { skip }, async () => {
  const { user, pages } = await userWithPages();
  const options = { reducedMotion: "reduce", viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 };
  const see = async (page, path) => {
    await page.goto(consoleUrl(line) + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
    await assertFits(page);
    await assertAccessible(page);
  };
  const { page, close } = await openConsole(browser, line, "/account", { user, ...options });
  for (const path of [...pages, "/account", "/studio/relight"]) await see(page, path);
  await page.goto(consoleUrl(line) + "/albums");
  await page.getByRole("button", { name: "New album" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill("Rivers");
  await page.getByRole("dialog").getByRole("button", { name: "Make the album" }).click(); // scrolled to where it can be pressed
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await close();
  const admin = await openConsole(browser, line, "/admin", { user: await signUpAdmin(server), ...options });
  for (const path of kAdminPages) await see(admin.page, path);
  await admin.close();
});
