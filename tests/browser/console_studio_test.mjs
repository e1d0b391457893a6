// The studio in the console, as a user has it: light set by keyboard, an edit by words, a mask, a cancel, a chain, a clip.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, openConsole } from "../support/console.mjs";
import { root, signUp, startServer, upload } from "../support/server.mjs";

const folder = join(root, "../shared/assets/bench/kodak");
const skip = missingBrowser() || (existsSync(folder) ? false : "../shared/assets is not here");
const kSubmitMs = 120_000; // what an operation may take on a machine that is shared

let server, idle, browser;

before(async () => {
  if (skip) return;
  const set = { "limits.enabled": false, "wallet.initial": 200 };
  [server, idle] = [await startServer({ set }), await startServer({ set, workers: 0 })];
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), idle?.stop()]);
});

// A user with one photo, and the console open at this place for it.
async function open(place, { on = server, ...options } = {}) {
  const user = await signUp(on);
  const { body: { image } } = await upload(user, readFileSync(join(folder, "23.png")), "parrots.png");
  const opened = await openConsole(browser, on, `/studio/${place}?image=${image.id}`, { user, ...options });
  opened.page.setDefaultTimeout(kSubmitMs);
  return { ...opened, user, imageId: image.id };
}

const submit = (page) => page.getByRole("button", { name: / for \d+ tokens$/ });
const submitted = (page) => page.waitForRequest((request) => request.url().endsWith("/api/ai/submit"));
const lastJob = async (user) => (await user.json("/api/ai/jobs?limit=1")).body.jobs[0];
// The last one, once it has ended: a result that is seen may be that of the job before.
async function endedJob(user) {
  let job;
  do job = await lastJob(user); while (["queued", "processing"].includes(job.status));
  return job;
}
const available = async (user) => (await user.json("/api/credits/balance")).body.available;

async function done(page) {
  await page.getByRole("link", { name: "Download" }).waitFor();
}

test("light is set on the ball by the keyboard, previewed, and stands in the history to be asked again", { skip }, async () => {
  const { page, user, imageId, close } = await open("relight");
  const ball = page.getByRole("slider", { name: "Where light comes from" });
  const previewed = page.waitForResponse((answer) => answer.url().endsWith("/api/ai/previews") && answer.ok());
  await ball.focus();
  for (const key of ["Home", "ArrowLeft", "Shift+ArrowLeft", "ArrowDown"]) await page.keyboard.press(key);
  assert.match(await ball.getAttribute("aria-valuetext"), /^15° around, 40° high$/);
  assert.equal(await page.getByRole("slider", { name: "Azimuth" }).inputValue(), "15");
  await page.getByLabel("Set the temperature").check();
  await page.getByRole("slider", { name: "Temperature" }).fill("3200");
  await previewed;
  await page.getByRole("img", { name: "What it comes to, small" }).waitFor();
  await page.getByText("of 200 tokens that you have").waitFor();
  await assertAccessible(page);

  await page.reload(); // what was set is kept
  assert.equal(await page.getByRole("slider", { name: "Elevation" }).inputValue(), "40");
  const request = submitted(page);
  await submit(page).focus();
  await page.keyboard.press("Enter");
  assert.ok((await request).headers()["idempotency-key"]);
  await done(page);
  const job = await lastJob(user);
  assert.deepEqual(job.data, { image_id: imageId, azimuth: 15, elevation: 40, temperature: 3200 });
  await page.getByText("of 188 tokens that you have").waitFor();
  await page.getByRole("slider", { name: "How much is seen of before" }).press("ArrowRight");
  await assertAccessible(page);

  await ball.press("Home");
  await page.getByRole("button", { name: "Again with these settings" }).first().click();
  assert.equal(await page.getByRole("slider", { name: "Azimuth" }).inputValue(), "15");
  await close();
});

test("an upscale says how far it agrees with its picture, and its receipt is a file", { skip }, async () => {
  const { page, user, close } = await open("upscale");
  await page.getByText(/about \d+ s$/).waitFor(); // the estimate, whose price is promised
  const request = submitted(page);
  await submit(page).click();
  assert.ok((await request).postDataJSON().quote);
  await done(page);
  const { result } = await lastJob(user);
  await page.getByText(`fidelity ${result.fidelity} dB`).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Receipt" }).click();
  assert.equal(readFileSync(await (await download).path(), "utf8"), result.receipt);
  await assertAccessible(page);
  await close();
});

test("an edit shows what it did and which words it did not use, and a part that is not understood is named", { skip }, async () => {
  const { page, user, close } = await open("edit");
  const words = page.getByRole("textbox", { name: "In words" });
  await words.fill("warmer and add a dog");
  await submit(page).click();
  await page.getByRole("alert").filter({ hasText: "'add a dog' is not understood" }).waitFor();
  assert.equal(await available(user), 200);

  await words.fill("luxury look");
  await page.getByRole("button", { name: "a little warmer" }).click();
  assert.equal(await words.inputValue(), "luxury look, a little warmer");
  await submit(page).click();
  await done(page);
  await page.getByText("warmth 0.2").waitFor();
  await page.getByText("These words were not used: luxury.").waitFor();
  assert.equal(await available(user), 185);
  await close();
});

test("a mask is brushed by pointer and keyboard, taken back, and sent as a picture", { skip }, async () => {
  const { page, close } = await open("magic-edit");
  const mask = page.getByRole("application", { name: "Mask" });
  const undo = page.getByRole("button", { name: "Undo" });
  await mask.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  assert.equal(await mask.getAttribute("data-empty"), "true");
  const { x, y, width, height } = await mask.boundingBox();
  await page.mouse.move(x + width * 0.1, y + height * 0.1);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.2, y + height * 0.15, { steps: 4 });
  await page.mouse.up();
  assert.equal(await mask.getAttribute("data-empty"), "false");
  await undo.click();
  assert.ok(await undo.isDisabled());
  await page.getByRole("button", { name: "Redo" }).click();
  await assertAccessible(page);

  const request = submitted(page);
  await submit(page).click();
  const { data } = (await request).postDataJSON();
  assert.match(data.mask_url, /^data:image\/png;base64,/);
  // Of a PNG the sides stand in its first chunk.
  const header = Buffer.from(data.mask_url.split(",")[1], "base64");
  assert.deepEqual([header.readUInt32BE(16), header.readUInt32BE(20)], [768, 512]);
  await done(page);
  await close();
});

test("a picture that nothing is to be changed of is no failure, and costs nothing", { skip }, async () => {
  const { page, user, close } = await open("magic-edit");
  await page.getByRole("slider", { name: "Strength" }).fill("0");
  await submit(page).click();
  await page.getByRole("heading", { name: "Nothing needed to be changed" }).waitFor();
  await page.getByText("15 tokens came back.").waitFor();
  assert.equal(await available(user), 200);
  await assertAccessible(page);
  await close();
});

test("a cancel gives the tokens back, and says so", { skip }, async () => {
  const { page, user, close } = await open("upscale", { on: idle });
  await submit(page).click();
  await page.getByText(/^Waiting for/).waitFor();
  assert.equal(await available(user), 195);
  await page.getByText("of 195 tokens that you have").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await page.getByText("5 tokens came back.").waitFor();
  await page.getByText("of 200 tokens that you have").waitFor();
  assert.equal(await available(user), 200);
  await close();
});

test("a result becomes the next input, on a phone too", { skip }, async () => {
  const { page, user, imageId, close } = await open("expand", { viewport: { width: 360, height: 740 }, hasTouch: true });
  await page.getByText("Choose the shape that it grows to.").waitFor();
  await page.getByLabel("Placement").selectOption({ label: "Top" });
  await page.getByLabel("1:1").check();
  await assertFits(page);
  await assertAccessible(page);
  await submit(page).click();
  await done(page);
  assert.equal((await lastJob(user)).result.height, 768);
  let release;
  const isReleased = new Promise((resolve) => { release = resolve; });
  await page.route(/\/v1\/uploads:resumable$/, async (route) => { await isReleased; await route.continue(); });
  await page.getByRole("button", { name: "Use as input" }).click();
  await page.getByRole("link", { name: "Edit", exact: true }).click(); // while the result is still on its way
  await page.getByRole("heading", { name: "Edit", level: 1 }).waitFor();
  release();
  await page.getByRole("img", { name: "parrots-expand.png", exact: true }).waitFor();
  await page.getByRole("textbox", { name: "In words" }).fill("black and white");
  const request = submitted(page);
  await submit(page).click();
  await (await request).response();
  await done(page);
  const job = await endedJob(user);
  assert.notEqual(job.imageId, imageId);
  assert.deepEqual([job.result.width, job.result.height], [768, 768]);
  await assertFits(page);
  await close();
});

test("a clip plays, and words can be taken into an edit", { skip }, async () => {
  const { page, close } = await open("video-replicate");
  await page.getByLabel("Pixels").check();
  await page.getByLabel("Width in pixels").fill("192");
  await page.getByLabel("Height in pixels").fill("128");
  await page.getByRole("slider", { name: "Duration" }).fill("2");
  await page.getByText("Format and seed").click();
  await page.getByRole("radio", { name: "WEBM" }).check();
  await submit(page).click();
  await done(page);
  const clip = page.locator("video");
  await clip.evaluate((video) => video.play());
  assert.ok(await clip.evaluate((video) => video.duration > 1.5 && video.videoWidth === 192));

  await page.getByRole("link", { name: "Magic prompt" }).click();
  await page.getByRole("button", { name: "gold ring" }).click();
  await page.getByRole("slider", { name: "Count" }).fill("2");
  await submit(page).click();
  await page.getByRole("button", { name: "Use it" }).nth(1).click();
  await page.getByRole("heading", { name: "Edit", level: 1 }).waitFor();
  assert.match(await page.getByRole("textbox", { name: "In words" }).inputValue(), /^gold ring/);
  await close();
});
