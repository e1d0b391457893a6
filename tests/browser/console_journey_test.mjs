// What somebody does with Tintype from the first minute on: sign up, upload through a bad line, enhance, compare, keep in
// an album, share and revoke, make a key, and ask the operator for more tokens.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, drop, kPatienceMs, openConsole } from "../support/console.mjs";
import { startServerBehindLine } from "../support/line.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { root, signUp, tintype } from "../support/server.mjs";

const skip = missingBrowser();
const kPassword = "correct horse battery";

let behind, line, server, browser;
before(async () => {
  if (skip) return;
  behind = await startServerBehindLine({ "uploads.part_size_bytes": 5 << 20 });
  ({ line, server } = behind);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await behind?.stop();
});

// Real photographs where they are at hand; the first is as large as to be sent in parts.
function photos() {
  const folder = join(root, "../shared/assets/bench/kodak");
  const large = { name: "large.png", bytes: noise(2600, 2000) };
  if (!existsSync(folder)) {
    console.log(`${folder} is missing: pictures of noise and drawn ones stand in`);
    return [large, { name: "one.png", bytes: scene(768, 512, 1) }, { name: "two.png", bytes: scene(768, 512, 2) }];
  }
  const real = readdirSync(folder).sort().slice(2, 5).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  return [...real, large];
}

async function signUpInBrowser(page, email) {
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByLabel("Name").fill("Ann");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(kPassword);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("heading", { name: "Library" }).waitFor();
}

test("the whole journey of a user", { skip }, async () => {
  const email = "ann.journey@example.org";
  const { page, context, close } = await openConsole(browser, line, "/", {});
  const pictures = photos();

  await signUpInBrowser(page, email);
  const cookie = (await context.cookies()).find(({ name }) => name === "next-auth.session-token");
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Lax"]);

  // Uploads, with the connection cut in the middle of the large one.
  const cut = line.cut(8 << 20);
  await drop(page, pictures);
  await cut;
  line.mend();
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByRole("heading", { name: /waits|uploaded|paused|failed|upload/i }).waitFor();
  await page.evaluate(() => { // by hand, what has not gone on by itself
    for (const button of document.querySelectorAll("[aria-label^='Retry ']")) button.click();
  });
  await uploads.getByRole("heading", { name: `${pictures.length} pictures uploaded` }).waitFor();
  for (const { name } of pictures) await page.getByRole("link", { name }).first().waitFor();

  // One is enhanced, watched to its end, and compared.
  await page.getByRole("link", { name: pictures[0].name }).first().click();
  await page.getByRole("radio", { name: /2K/ }).check({ force: true });
  await page.getByRole("button", { name: "Enhance for 5 tokens" }).click();
  const job = page.getByRole("listitem", { name: "Enhancement to 2K" });
  await job.getByRole("link", { name: "Download" }).waitFor();
  const slider = page.getByRole("slider", { name: "Original and result" });
  await slider.waitFor();
  await slider.focus();
  const before = await slider.getAttribute("aria-valuenow");
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await slider.getAttribute("aria-valuenow"), before);
  await assertAccessible(page);

  // Two go into an album.
  await page.getByRole("link", { name: "Library", exact: true }).click();
  for (const { name } of pictures.slice(0, 2)) {
    await page.getByRole("link", { name }).first().hover();
    await page.getByRole("button", { name: `Select ${name}` }).click();
  }
  await page.getByRole("button", { name: "Add to album" }).click();
  await page.getByLabel("Find an album, or name a new one").fill("The journey");
  await page.getByRole("button", { name: "New album" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Albums", exact: true }).click();
  await page.getByRole("link", { name: /The journey/ }).click();
  await page.getByRole("heading", { name: "The journey" }).waitFor();

  // It is shared, seen in a private window without JavaScript, and not any more once the link is revoked.
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  const stranger = await browser.newContext({ javaScriptEnabled: false });
  stranger.setDefaultTimeout(kPatienceMs);
  const shared = await stranger.newPage();
  assert.equal((await shared.goto(link)).status(), 200);
  await shared.getByRole("heading", { name: "The journey" }).waitFor();
  assert.equal(await shared.locator("main img").count(), 2);
  await page.getByRole("button", { name: /^Revoke the link/ }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("button", { name: /^Revoke the link/ }).waitFor({ state: "detached" });
  assert.equal((await shared.goto(link)).status(), 404);
  await stranger.close();
  await page.keyboard.press("Escape");

  // A key that works.
  await page.getByRole("link", { name: "Developers", exact: true }).click();
  await page.getByRole("button", { name: "New key" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("The journey's");
  await page.getByRole("dialog").getByRole("button", { name: "Make the key" }).click();
  const key = (await page.locator("code").filter({ hasText: /^pk_\w+$/ }).first().textContent()).trim();
  const answer = await fetch(`${line.url}/v1/images`, { headers: { Authorization: `Bearer ${key}` } });
  assert.equal((await answer.json()).images.length, pictures.length);
  await close();

  // The operator gives tokens, and they are there.
  const admin = await signUp(server);
  await tintype("admin", "user", "role", admin.email, "admin", "--data", server.dataDir);
  const operator = await openConsole(browser, line, "/admin/users", { user: admin });
  await operator.page.getByRole("searchbox").fill(email);
  await operator.page.getByRole("link", { name: email }).click();
  await operator.page.getByRole("button", { name: "Grant tokens" }).click();
  await operator.page.getByRole("dialog").getByLabel("Tokens").fill("500");
  await operator.page.getByRole("dialog").getByLabel("Reason").fill("For the journey");
  await operator.page.getByRole("dialog").getByRole("button", { name: "Grant" }).click();
  await operator.page.getByRole("dialog").waitFor({ state: "detached" });
  await operator.close();
  const wallet = await openConsole(browser, line, "/sign-in", {});
  await wallet.page.getByLabel("E-mail").fill(email);
  await wallet.page.getByLabel("Password", { exact: true }).fill(kPassword);
  await wallet.page.getByRole("button", { name: "Sign in" }).click();
  await wallet.page.getByRole("link", { name: "Wallet", exact: true }).click();
  await wallet.page.getByText("595", { exact: false }).first().waitFor();
  await wallet.close();
});
