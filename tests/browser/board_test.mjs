// The queue board in a real browser, over a server whose jobs wait, run and fail.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { scene } from "../support/pictures.mjs";
import { board, fail, kAdminKey, signUpAdmin, submit } from "../support/queue.mjs";
import { settled, signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let server, browser, user, failed;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "auth.admin_key": kAdminKey } });
  browser = await launchBrowser();
  user = await signUp(server);
  failed = await fail(server, user);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("request", (request) => new URL(request.url()).origin === server.url || problems.push(request.url()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${server.url}/admin/queue`);
  return { page, context, close: async () => {
    await context.close();
    assert.deepEqual(problems, []);
  } };
}

async function signedIn(options) {
  const opened = await open(options);
  await opened.page.fill("#admin-key", kAdminKey);
  await opened.page.keyboard.press("Enter");
  await opened.page.waitForSelector("[data-lane=operations]");
  return opened;
}

test("it lets in by the admin key, kept in the tab alone, and by nothing else", { skip }, async () => {
  const { page, close } = await open();
  await page.fill("#admin-key", "nonsense");
  await page.click("#sign-in button");
  await page.waitForFunction(() => document.getElementById("refused").textContent !== "");
  assert.ok(!await page.isVisible("#board"));
  await page.fill("#admin-key", kAdminKey);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-lane=operations]");
  await page.reload();
  await page.waitForSelector("[data-lane=operations]");
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), "{}");
  await page.click("#sign-out");
  assert.ok(await page.isVisible("#sign-in"));
  await close();
});

test("an admin's session cookie lets in, and its writes come from the page itself", { skip }, async () => {
  const admin = await signUpAdmin(server);
  const { page, context, close } = await open();
  await context.addCookies([{ name: "next-auth.session-token", value: admin.token, url: server.url }]);
  await page.reload();
  await page.click("[data-lane=background] button:text-is('Pause')");
  await page.waitForSelector("[data-lane=background].paused");
  await page.click("[data-lane=background] button:text-is('Resume')");
  await page.waitForSelector("[data-lane=background]:not(.paused)");
  await close();
});

test("a failed job is shown with its fault and tried again by the keyboard", { skip }, async () => {
  const { page, close } = await signedIn();
  await page.click("#states button:text-is('Failed')");
  const row = page.locator(`[data-job="${failed.jobId}"]`);
  await row.waitFor();
  assert.match(await row.textContent(), /enhance.*enhancement/);
  await row.locator("button").focus();
  await page.keyboard.press("Enter");
  await row.waitFor({ state: "detached" });
  const image = await settled(user, failed.imageId);
  assert.equal(image.jobs[0].status, "COMPLETED");
  await page.waitForSelector("#charts svg .succeeded");
  assert.equal(await page.locator("#charts svg[role=img]").count(), 3);
  await close();
});

test("what changes elsewhere is seen without a reload, and draining asks first", { skip }, async () => {
  await board(server).post("/pause", { lane: "operations" });
  const { page, close } = await signedIn();
  const { body } = await upload(user, scene(40, 30, 5));
  const jobId = await submit(user, body.image.id);
  await page.waitForSelector(`[data-job="${jobId}"]`);
  await page.click("[data-key='lane operations drain']");
  await page.click("#confirm button[value=no]");
  assert.equal((await user.json(`/api/jobs/${jobId}`)).body.job.status, "PENDING");
  await page.click("[data-key='lane operations drain']");
  await page.keyboard.press("Escape");
  assert.equal((await user.json(`/api/jobs/${jobId}`)).body.job.status, "PENDING");
  await page.click("[data-key='lane operations drain']");
  await page.click("#confirm-yes");
  await page.waitForSelector(`[data-job="${jobId}"]`, { state: "detached" });
  assert.equal((await user.json(`/api/jobs/${jobId}`)).body.job.status, "CANCELLED");
  await page.click("[data-lane=operations] button:text-is('Resume')");
  await page.waitForSelector("[data-lane=operations]:not(.paused)");
  await close();
});

test("it fits a phone, and nothing in it keeps people out (axe)", { skip }, async () => {
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    const { page, close } = await signedIn({ colorScheme, viewport: { width, height: 740 }, bypassCSP: true,
      reducedMotion: "reduce" });
    await page.waitForSelector("#charts svg");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.addScriptTag({ path: axe });
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    await close();
  }
});
