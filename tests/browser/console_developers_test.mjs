// Keys, webhooks, use and the first call in the console. What it makes is used as programs use it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, openConsole } from "../support/console.mjs";
import { callWith, newKey } from "../support/keys.mjs";
import { scene } from "../support/pictures.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { signUp, startServer } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "egress.allow_private": true } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (within, name) => within.getByRole("button", { name, exact: true });
const choose = async (page, menu, item) => {
  await button(page, `What to do with ${menu}`).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const statusOf = async (key) => (await callWith(server, key, "GET", "/v1/images")).status;

// Reads the key that is shown this once, and closes.
async function takeKey(page) {
  const dialog = page.getByRole("dialog", { name: "Copy your key now" });
  const key = await dialog.locator("p code").textContent();
  await page.keyboard.press("Escape");
  assert.match(await dialog.locator("pre").textContent(), new RegExp(`curl .*/api/v1/upscale[^]*Bearer ${key}`));
  await button(dialog, "I have it").click();
  await dialog.waitFor({ state: "detached" });
  return key;
}

test("a key is made with what it may, shown once, replaced and revoked", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/developers", { user });
  await page.getByText("There is no key yet").waitFor();
  await button(page, "New key").click();
  await page.getByLabel("Name").fill("Print service");
  await page.getByLabel("Ends").selectOption("In 30 days");
  for (const scope of ["Upload, change and delete them", "Start and cancel jobs"]) await page.getByLabel(scope).uncheck();
  await page.getByLabel("Name").press("Enter");
  const key = await takeKey(page);
  assert.equal(await statusOf(key), 200);
  assert.equal((await callWith(server, key, "POST", "/v1/albums", { title: "x" })).status, 403);
  const row = page.getByRole("row").filter({ hasText: "Print service" });
  assert.ok(!(await page.content()).includes(key));
  assert.match(await row.textContent(), /images:read, jobs:read, webhooks:read, webhooks:write/);

  await choose(page, "Print service", "Replace it");
  await page.getByLabel("The old key goes on working for").selectOption("No longer: it ends at once");
  await button(page, "Make the new key").click();
  const next = await takeKey(page);
  assert.equal(await statusOf(key), 401);
  assert.equal(await statusOf(next), 200);

  await choose(page, "Print service", "Revoke it");
  await button(page.getByRole("dialog"), "Cancel").click();
  assert.equal(await statusOf(next), 200);
  await choose(page, "Print service", "Revoke it");
  await button(page, "Revoke the key").click();
  await page.getByText("There is no key yet").waitFor();
  assert.equal(await statusOf(next), 401);
  await close();
});

test("an endpoint is made, tested, seen to fail, sent to again, paused and deleted", { skip }, async () => {
  let isWell = false;
  const receiver = await startReceiver({ answer: (_, response) => response.writeHead(isWell ? 204 : 500).end("not now") });
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/developers/webhooks", { user });
  await button(page, "New endpoint").click();
  await page.getByLabel("Address").fill(receiver.url);
  await page.keyboard.press("Enter");
  await choose(page, receiver.url, "Send a test");
  const row = page.getByRole("table", { name: "Deliveries" }).getByRole("row").filter({ hasText: "ping" });
  await row.filter({ hasText: "500" }).waitFor();
  const message = await receiver.when(([first]) => first);

  await row.getByRole("button", { name: /^Details of ping/ }).click();
  const dialog = page.getByRole("dialog", { name: "ping" });
  assert.equal(JSON.stringify(JSON.parse(await dialog.locator("pre").textContent())), message.body);
  await dialog.getByText("not now").waitFor();
  isWell = true;
  await button(dialog, "Send it again").click();
  await dialog.getByText("Arrived").waitFor();
  await button(dialog, "Close").last().click();

  await choose(page, receiver.url, "Its secret");
  await button(page, "Show it").click();
  const secret = await page.getByRole("dialog").locator("p code").filter({ hasText: "whsec_" }).textContent();
  assert.equal(message.headers["x-webhook-signature"], createHmac("sha256", secret).update(message.body).digest("hex"));
  await button(page, "Make a new secret").click();
  await page.getByText(/The one before, until/).waitFor();
  await page.keyboard.press("Escape");

  await choose(page, receiver.url, "Pause it");
  await button(page, "Pause it").click();
  await page.getByText("Off", { exact: true }).waitFor();
  await choose(page, receiver.url, "Turn it on");
  await page.getByText("On", { exact: true }).waitFor();
  await choose(page, receiver.url, "Delete it");
  await button(page, "Delete it").click();
  await page.getByText("There is none yet").waitFor();
  await close();
  await receiver.close();
});

test("the first call works as it is pasted, and is seen in what was used", { skip }, async (t) => {
  const user = await signUp(server);
  const { key } = await newKey(user);
  await writeFile(join(server.dataDir, "photo.jpg"), scene(40, 30));
  const { page, close } = await openConsole(browser, server, "/developers/docs", { user });
  const textIn = async (language) => {
    await page.getByLabel(language).check();
    return page.getByRole("region", { name: "A first call" }).textContent();
  };
  const runs = async (program, file, text) => {
    await writeFile(join(server.dataDir, file), text);
    await promisify(execFile)(program, [file], { cwd: server.dataDir, env: { ...process.env, TINTYPE_KEY: key } });
    assert.ok((await readFile(join(server.dataDir, "upscaled.jpg"))).length > 100);
  };
  await runs(process.execPath, "first_call.mjs", await textIn("JavaScript"));
  const python = await textIn("Python");
  if (await promisify(execFile)("python3", ["-c", "import requests"]).then(() => true, () => false)) {
    await runs("python3", "first_call.py", python);
  } else {
    t.diagnostic("Python's requests is not installed here");
  }
  const curl = (await textIn("curl")).replace("pk_live_...", key).split("# Look at the job")[0];
  const { stdout } = await promisify(execFile)("bash", ["-c", curl], { cwd: server.dataDir });
  assert.match(JSON.parse(stdout).data.job_id, /^job_/);

  await page.getByRole("link", { name: "Usage" }).click();
  await page.getByRole("table", { name: "Jobs by operation" }).getByText("Upscale").waitFor();
  await page.getByText("Nothing is limited here.").waitFor(); // as this server is told
  await close();
});

test("they fit a phone, and nothing in them keeps people out (axe)", { skip }, async () => {
  const user = await signUp(server);
  await newKey(user);
  const made = await user.post("/api/v1/webhooks/endpoints", { url: "https://example.org/hook" });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    const { page, close } = await openConsole(browser, server, "/developers", { user, colorScheme, reducedMotion: "reduce",
      viewport: { width, height: 740 } });
    for (const [tab, role, seen] of [["Webhooks", "table", "Endpoints"], ["Usage", "heading", "Limits"], ["API keys", "table", "API keys"]]) {
      await page.getByRole("link", { name: tab }).click();
      await page.getByRole(role, { name: seen }).waitFor();
      await assertFits(page);
      await assertAccessible(page);
    }
    await button(page, "New key").click();
    await assertAccessible(page);
    await button(page, "Cancel").click();
    await page.getByRole("link", { name: "Docs" }).click();
    await page.getByRole("region", { name: "A first call" }).waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await close();
  }
});
