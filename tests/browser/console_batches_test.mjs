// Batches in the console: planned, filled with pictures of which one is none, watched, tried again, had and deleted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, drop, holdAnswer, openConsole } from "../support/console.mjs";
import { png, scene } from "../support/pictures.mjs";
import { board, kAdminKey } from "../support/queue.mjs";
import { signUp, startServer } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "wallet.initial": 500, "auth.admin_key": kAdminKey } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const pictures = (count) => Array.from({ length: count }, (_, at) => ({ name: `${at + 1}.png`, bytes: scene(96, 64, at + 1) }));
const tile = (page, name) => page.getByRole("article", { name });

// A batch whose pictures have been dropped on its plan.
async function plan(page, name, files, prompt = "a little warmer") {
  await page.getByRole("button", { name: "New batch" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("In words").fill(prompt);
  await drop(page, files);
}

test("a batch is planned with its price, filled, started without what is no picture, and had as an archive", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/batches", { user });
  await page.getByRole("heading", { name: "No batch yet" }).waitFor();
  await plan(page, "Rings", [...pictures(3), { name: "notes.png", bytes: Buffer.from("no picture") }]);
  await page.getByText("4 pictures", { exact: true }).waitFor();
  await page.getByText("60 tokens", { exact: true }).waitFor();
  await page.getByText("of 500 tokens that you have").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Upload and start" }).click();
  await page.getByRole("heading", { name: "1 picture did not arrive" }).waitFor();
  await page.getByText("This file is not a picture in a format we read").waitFor();
  await page.getByText("3 of 4 pictures arrived").waitFor();
  await page.getByText("45 tokens", { exact: true }).waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Leave them out" }).click();
  await page.getByRole("button", { name: "Start with 3 pictures" }).click();
  await page.getByText("3 of 3 done · 45 tokens spent").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download 3 results" }).click();
  assert.equal((await download).suggestedFilename(), "Rings.zip");
  await tile(page, "1.png").getByRole("button").click();
  await page.getByRole("dialog", { name: "1.png" }).getByRole("slider").waitFor(); // the source beside its result
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete the batch" }).click();
  await page.getByRole("heading", { name: "No batch yet" }).waitFor();
  assert.deepEqual((await user.json("/api/batch")).body.batches, []);
  await close();
});

test("it starts by itself with the last picture, is paused, goes on and is cancelled for its tokens", { skip }, async () => {
  const user = await signUp(server);
  await board(server).post("/pause", { lane: "operations" });
  const { page, close } = await openConsole(browser, server, "/batches", { user, reducedMotion: "reduce", viewport: { width: 360, height: 740 } });
  await plan(page, "Shoes", pictures(2));
  await page.getByRole("button", { name: "Upload and start" }).click();
  await page.getByText("0 of 2 done").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Cancel", exact: true }).waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("button", { name: "Cancel the rest" }).click();
  await page.getByText("2 pictures cancelled, 30 tokens given back").waitFor();
  await page.getByText("0 of 2 done · 2 cancelled").waitFor();
  await board(server).post("/resume", { lane: "operations" });
  await page.goto(new URL("/batches", page.url()).href);
  await page.getByRole("link", { name: /Shoes.*cancelled/ }).waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await close();
});

// A batch of so many, of which so many are there already.
async function newBatch(user, total, there = 0) {
  const { body } = await user.post("/api/batch/create", { name: "Lamps", operation: "edit", total_images: total,
    data: { prompt: "a little warmer" } });
  const form = new FormData();
  for (const { name, bytes } of pictures(there)) form.append("images", new Blob([bytes]), name);
  if (there > 0) await user.json(`/api/batch/${body.batchId}/upload-images`, { method: "POST", body: form });
  return body.batchId;
}

const isOfBatch = /\/api\/batch\/batch_\w+$/;
const isUpload = /\/upload-images$/;
const afterFirst = (page) => page.route(isOfBatch, (route) => route.continue(), { times: 1 }); // what sends asks first

test("what arrives while the batch is first asked for is seen", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/batches", { user });
  await plan(page, "Lamps", pictures(2));
  const { given, letGo } = await holdAnswer(page, isOfBatch);
  await afterFirst(page);
  await page.route(isUpload, async (route) => { await given; await route.continue(); });
  const arrived = page.waitForResponse(isUpload);
  await page.getByRole("button", { name: "Upload and start" }).click();
  await (await arrived).finished();
  letGo();
  await page.getByText("2 of 2 done · 30 tokens spent").waitFor();
  await close();
});

test("what could not be answered after the last picture is asked again", { skip }, async () => {
  const user = await signUp(server);
  const id = await newBatch(user, 2);
  const { page, close } = await openConsole(browser, server, `/batches/${id}`, { user });
  await page.getByText("0 of 2 pictures arrived").waitFor();
  await page.route(isOfBatch, (route) => route.fulfill({ status: 429, headers: { "Retry-After": "1" }, json: {} }), { times: 1 });
  await afterFirst(page);
  const refused = page.waitForResponse((response) => response.status() === 429);
  await drop(page, pictures(2));
  await refused;
  await page.getByText("2 of 2 done · 30 tokens spent").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await close();
});

test("an answer from before it was started does not undo what is seen", { skip }, async () => {
  const user = await signUp(server);
  await board(server).post("/pause", { lane: "operations" });
  const id = await newBatch(user, 3, 1);
  const { page, close } = await openConsole(browser, server, `/batches/${id}`, { user });
  await page.getByText("1 of 3 pictures arrived").waitFor();
  const { given, letGo } = await holdAnswer(page, isOfBatch);
  await afterFirst(page);
  await drop(page, [{ name: "more.png", bytes: scene(96, 64, 7) }]);
  await given;
  await page.getByRole("button", { name: "Start with 1 picture" }).click();
  await page.getByText("0 of 2 done").waitFor();
  letGo();
  await board(server).post("/resume", { lane: "operations" });
  await page.getByText("2 of 2 done · 30 tokens spent").waitFor();
  await close();
});

test("too few tokens keep the pictures until there are some", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/batches", { user });
  await plan(page, "Hats", pictures(34));
  await page.getByText("That is not enough").waitFor();
  await page.getByRole("button", { name: "Upload and start" }).click();
  await page.getByText("34 of 34 pictures arrived").waitFor();
  await page.getByText("All have arrived, and it was not started").waitFor();
  await page.getByRole("button", { name: "Start with 34 pictures" }).click();
  await page.getByRole("alert").filter({ hasText: "Insufficient credits" }).waitFor();
  assert.equal(await page.getByRole("article").count(), 34);
  await close();
});

test("what failed says why, costs nothing and is tried again at its price", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/batches", { user });
  const grey = png(96, 64, (x, y) => [x + y, x + y, x + y]);
  await plan(page, "Greys", [...pictures(1), { name: "grey.png", bytes: grey }], "black and white");
  await page.getByRole("button", { name: "Upload and start" }).click();
  await page.getByText("1 of 2 done · 1 failed · 15 tokens spent").waitFor();
  await tile(page, "grey.png").getByText("failed", { exact: true }).waitFor();
  assert.match(await tile(page, "grey.png").textContent(), /nothing|same|change/i);
  const again = page.waitForResponse((response) => response.url().endsWith("/retry") && response.ok());
  await page.getByRole("button", { name: "Retry 1 for 15 tokens" }).click();
  await again;
  await page.getByText("1 of 2 done · 1 failed · 15 tokens spent").waitFor();
  await close();
});
