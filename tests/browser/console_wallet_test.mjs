// The wallet in the console: what is there, what is held and for what, and how it came to be.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, openConsole } from "../support/console.mjs";
import { withinADay } from "../support/day.mjs";
import { scene } from "../support/pictures.mjs";
import { board, kAdminKey, submit } from "../support/queue.mjs";
import { settled, signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "auth.admin_key": kAdminKey, "wallet.initial": 90 } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const figure = (page, name) => page.locator("dl > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd").first();
const history = (page) => page.getByRole("table", { name: "What changed your balance" });

async function grant(user, amount, reason) {
  const answer = await fetch(`${server.url}/api/admin/users/${user.id}`, { method: "PATCH",
    headers: { "x-admin-key": kAdminKey, "Content-Type": "application/json" },
    body: JSON.stringify({ action: "add_credits", amount, reason }) });
  assert.equal(answer.status, 200, await answer.text());
}

test("a job's tokens are seen held, then spent, and lead to its picture", { skip }, async () => {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(60, 40));
  await board(server).post("/pause", { lane: "operations" });
  await submit(user, image.id);
  const { page, close } = await openConsole(browser, server, "/wallet", { user });
  const held = page.getByRole("table", { name: "Jobs under way" });
  await held.getByText("Waiting").waitFor();
  await figure(page, "Reserved").filter({ hasText: /^2$/ }).waitFor();
  assert.deepEqual(await Promise.all(["Available", "Reserved", "Balance"].map((name) => figure(page, name).textContent())),
    ["88", "2", "90"]);
  assert.match(await held.textContent(), /Enhance.*2 tokens/);

  await board(server).post("/resume", { lane: "operations" });
  await settled(user, image.id);
  await history(page).getByText("−2").waitFor();
  await page.getByText("no job of yours is under way").waitFor();
  await figure(page, "Reserved").filter({ hasText: /^0$/ }).waitFor();
  assert.deepEqual(await Promise.all(["Available", "Reserved", "Balance"].map((name) => figure(page, name).textContent())),
    ["88", "0", "88"]);
  await history(page).getByRole("link", { name: "Enhance" }).click();
  await page.waitForURL(`**/pictures/${image.id}`);
  await close();
});

test("the next token counts down, and the chart has what came in and went out", { skip }, () => withinADay(async () => {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(60, 40));
  await submit(user, image.id);
  await settled(user, image.id);
  const { page, close } = await openConsole(browser, server, "/wallet", { user });
  await page.getByText(/The next token comes in 1[0-5] min \d\d s, up to 100/).waitFor();
  const chart = page.getByRole("table", { name: "Tokens by day" });
  await chart.getByRole("row", { name: /90 tokens −2 tokens/ }).waitFor();
  assert.equal(await chart.getByRole("row").count(), 31); // with the names
  await page.getByLabel("90 days").check();
  await page.waitForFunction(() => document.querySelectorAll("figure tbody tr").length === 90);
  await close();
}));

test("the history is told by kinds, with the operator's reasons, page after page", { skip }, async () => {
  const user = await signUp(server);
  for (let at = 1; at <= 60; ++at) await grant(user, 1, `Thanks ${at}`);
  const { page, close } = await openConsole(browser, server, "/wallet", { user });
  await history(page).getByText("Thanks 60").waitFor();
  assert.equal(await history(page).getByText("Thanks 5", { exact: true }).count(), 0);
  await page.getByRole("button", { name: "Show older ones" }).click();
  await history(page).getByText("To begin with").waitFor();
  await page.getByRole("button", { name: "Show older ones" }).waitFor({ state: "detached" });
  await page.getByLabel("Spent").check();
  await page.getByText("There are no entries of this kind").waitFor();
  await page.getByLabel("Given").check();
  await history(page).getByText("Thanks 60").waitFor();
  await close();
});

test("it fits a phone, and nothing in it keeps people out (axe)", { skip }, async () => {
  const user = await signUp(server);
  const { body: { image } } = await upload(user, scene(60, 40));
  await submit(user, image.id);
  await settled(user, image.id);
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    const { page, close } = await openConsole(browser, server, "/wallet", { user, colorScheme, reducedMotion: "reduce",
      viewport: { width, height: 740 } });
    await history(page).getByRole("link", { name: "Enhance" }).waitFor();
    await page.getByRole("table", { name: "Tokens by day" }).waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await close();
  }
});
