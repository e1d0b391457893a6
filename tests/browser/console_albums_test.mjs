// Albums in the console, as a user has them: made, filled, put in order, enhanced as a whole, deleted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, consoleUrl, holdNotices, openConsole } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { board, kAdminKey, withoutOriginal } from "../support/queue.mjs";
import { signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();
const kNames = ["one.png", "two.png", "three.png", "four.png"];

let server, browser, user;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "auth.admin_key": kAdminKey } });
  browser = await launchBrowser();
  user = await signUp(server);
  for (const [at, name] of kNames.entries()) await upload(user, scene(120, 90, at), name);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// An album with these pictures, in this order.
async function album(title, names = kNames) {
  const { body: { images } } = await user.json("/v1/images");
  const ids = names.map((name) => images.find((image) => image.filename === name).image_id);
  const { body: { album_id: id } } = await user.post("/v1/albums", { title });
  await user.post(`/v1/albums/${id}/images`, { image_ids: ids });
  return id;
}

const namesIn = async (id) => (await user.json(`/v1/albums/${id}/images`)).body.images.map((image) => image.filename);
const shownNames = (page) => page.getByRole("listitem").getByRole("link").getByRole("img").evaluateAll((all) => all
  .map((one) => ({ name: one.alt, ...one.closest("[data-image]").getBoundingClientRect().toJSON() }))
  .sort((one, other) => one.y - other.y || one.x - other.x).map(({ name }) => name));
const moved = (page) => page.waitForResponse((answer) => answer.url().endsWith("images:move") && answer.ok());

test("an album is made, filled from the library, described, made public and deleted; its pictures stay", { skip }, async () => {
  const { page, close } = await openConsole(browser, server, "/albums", { user });
  await page.getByRole("heading", { name: "No album yet" }).waitFor();
  await page.getByRole("button", { name: "New album" }).click();
  await page.getByLabel("Title").fill("The sea");
  await page.reload(); // what was typed is kept
  await page.getByRole("button", { name: "New album" }).click();
  assert.equal(await page.getByLabel("Title").inputValue(), "The sea");
  await page.getByRole("button", { name: "Make the album" }).click();

  await page.getByRole("heading", { name: "There is no picture in this album yet" }).waitFor();
  await page.getByRole("button", { name: "Add pictures" }).first().click();
  const picker = page.getByRole("dialog", { name: "Add to “The sea”" });
  await picker.getByRole("checkbox", { name: "two.png" }).check();
  await picker.getByRole("checkbox", { name: "four.png" }).check();
  await picker.getByRole("button", { name: "Add 2" }).click();
  await page.getByText("2 pictures", { exact: true }).waitFor();

  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await page.getByLabel("Description").fill("Two weeks in July.");
  await page.getByLabel("Visibility").selectOption("public");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Two weeks in July.").waitFor();
  await page.getByText("public", { exact: true }).waitFor();

  await page.getByRole("link", { name: "Albums" }).click();
  await page.getByRole("link", { name: /The sea\s*2 pictures/ }).waitFor();
  await page.getByRole("button", { name: "More for The sea" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByText("Its 2 pictures stay in your library").waitFor();
  await page.getByRole("button", { name: "Delete the album" }).click();
  await page.getByRole("heading", { name: "No album yet" }).waitFor();
  assert.equal((await user.json("/v1/images")).body.images.length, kNames.length);
  await close();
});

test("pictures are put in order by the mouse and by the keyboard, and a reload has them so", { skip }, async () => {
  const id = await album("Order");
  const { page, close } = await openConsole(browser, server, `/albums/${id}`, { user });
  const tile = (name) => page.getByRole("listitem").filter({ has: page.getByRole("img", { name }) });
  const said = (text) => page.getByRole("status").filter({ hasText: text }).waitFor({ state: "attached" });
  await page.getByRole("heading", { name: "Order", level: 1 }).waitFor(); // what stands above moves them no more
  const from = await tile("four.png").boundingBox();
  const to = await tile("one.png").boundingBox();
  await page.mouse.move(from.x + 60, from.y + 60);
  await page.mouse.down();
  await page.mouse.move(to.x + 80, to.y + 80, { steps: 12 });
  await said("four.png is over place 1 of 4");
  const [answer] = await Promise.all([moved(page), page.mouse.up()]);
  assert.ok(answer.ok());
  assert.deepEqual(await namesIn(id), ["four.png", "one.png", "two.png", "three.png"]);
  assert.equal(new URL(page.url()).pathname, `/albums/${id}`); // it was no click on the picture

  await said("four.png was laid down");
  await page.getByRole("button", { name: "Move four.png, place 1 of 4" }).focus();
  await page.keyboard.press("Space");
  await said("four.png is over place 1 of 4");
  await page.evaluate(() => new Promise((done) => setTimeout(done))); // keys are listened to from the next task on
  await page.keyboard.press("ArrowRight");
  await said("four.png is over place 2 of 4");
  await Promise.all([moved(page), page.keyboard.press("Space")]);
  assert.deepEqual(await namesIn(id), ["one.png", "four.png", "two.png", "three.png"]);

  await page.getByRole("button", { name: "More for three.png" }).click();
  await Promise.all([moved(page), page.getByRole("menuitem", { name: "To the front" }).click()]);
  await page.reload();
  await tile("three.png").waitFor();
  assert.deepEqual(await shownNames(page), ["three.png", "one.png", "four.png", "two.png"]);
  await close();
});

test("a picture is made the cover, and one that is removed comes back to its place", { skip }, async () => {
  const id = await album("Cover");
  const { page, close } = await openConsole(browser, server, `/albums/${id}`, { user });
  const tile = (name) => page.getByRole("listitem").filter({ has: page.getByRole("img", { name }) });
  await page.getByRole("button", { name: "More for two.png" }).click();
  await page.getByRole("menuitem", { name: "Use as cover" }).click();
  await tile("two.png").getByText("Cover").waitFor();

  await holdNotices(page);
  await page.getByRole("button", { name: "More for two.png" }).click();
  await page.getByRole("menuitem", { name: "Remove from the album" }).click();
  await tile("two.png").waitFor({ state: "detached" });
  assert.deepEqual(await namesIn(id), ["one.png", "three.png", "four.png"]);
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await tile("two.png").getByText("Cover").waitFor();
  assert.deepEqual(await namesIn(id), kNames);
  await close();
});

test("an album is enhanced as a whole: the price first, then a board that outlives a reload and says what failed", { skip }, async () => {
  const owner = await signUp(server);
  const { body: { album_id: id } } = await owner.post("/v1/albums", { title: "Enhance" });
  const ids = [];
  for (const [at, name] of kNames.slice(0, 3).entries()) {
    ids.push((await upload(owner, scene(120, 90, at + 10), name)).body.image.id);
  }
  await owner.post(`/v1/albums/${id}/images`, { image_ids: ids });
  const { page, close } = await openConsole(browser, server, `/albums/${id}`, { user: owner });
  await page.getByRole("button", { name: "Enhance all" }).click();
  const dialog = page.getByRole("dialog", { name: "Enhance the album" });
  await dialog.getByRole("radio", { name: "1K" }).check();
  await dialog.getByLabel("Leave out what has been enhanced").uncheck();
  await dialog.getByText("3 pictures at 2 tokens").waitFor();
  await dialog.getByText("100 tokens").waitFor();
  await dialog.getByText("94 tokens").waitFor();
  await assertAccessible(page);
  const jobs = page.getByRole("list", { name: "Jobs" });
  await withoutOriginal(server, ids[1], async () => {
    await board(server).post("/pause", { lane: "operations" });
    await dialog.getByRole("button", { name: "Enhance for 6 tokens" }).click();
    await jobs.waitFor();
    assert.match(page.url(), /batch=batch_/);
    await page.reload();
    await jobs.waitFor();
    await page.goto(`${consoleUrl(server)}/albums/${id}`); // and by the API, where the address is lost
    await page.getByRole("button", { name: "Watch" }).click();
    await page.getByText("0 of 3 done").waitFor();
    await board(server).post("/resume", { lane: "operations" });
    await page.getByText("2 of 3 done · 1 failed · 4 tokens spent").waitFor();
  });
  const failed = jobs.getByRole("listitem").filter({ hasText: "tokens given back" });
  assert.match(await failed.textContent(), /two\.png./); // and why
  await assertAccessible(page);
  assert.equal((await owner.json("/api/tokens/balance")).body.available, 96);

  // What has been enhanced costs nothing.
  await page.getByRole("button", { name: "Close the board" }).click();
  await page.getByRole("button", { name: "Enhance all" }).click();
  await dialog.getByRole("radio", { name: "1K" }).check();
  await dialog.getByRole("button", { name: "Enhance for at most 6 tokens" }).click();
  await page.getByText("1 of 1 done · 2 tokens spent").waitFor();
  await close();
});

test("tokens that do not suffice are said before and after the click, and nothing is charged", { skip }, async () => {
  const owner = await signUp(server);
  const { body: { album_id: id } } = await owner.post("/v1/albums", { title: "Dear" });
  const ids = [];
  for (let at = 0; at < 11; ++at) ids.push((await upload(owner, scene(40, 30, at + 20), `${at}.png`)).body.image.id);
  await owner.post(`/v1/albums/${id}/images`, { image_ids: ids });
  const { page, close } = await openConsole(browser, server, `/albums/${id}`, { user: owner });
  await page.getByRole("button", { name: "Enhance all" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "4K" }).check();
  await dialog.getByText("Your tokens may not suffice for all.").waitFor();
  await dialog.getByRole("button", { name: "Enhance for at most 110 tokens" }).click();
  await dialog.getByRole("alert").filter({ hasText: "Insufficient tokens" }).waitFor();
  assert.equal((await owner.json("/api/tokens/balance")).body.reserved, 0);
  await close();
});

test("they fit a phone, and nothing in them keeps people out (axe)", { skip }, async () => {
  const id = await album("Phone");
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    const { page, close } = await openConsole(browser, server, "/albums", { user, colorScheme,
      viewport: { width, height: 740 }, reducedMotion: "reduce" });
    await page.getByRole("link", { name: /Phone/ }).waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await page.goto(`${consoleUrl(server)}/albums/${id}`);
    await page.getByRole("img", { name: "one.png" }).waitFor();
    await assertFits(page);
    await assertAccessible(page);
    await page.getByRole("button", { name: "Add pictures" }).click();
    await page.getByRole("checkbox", { name: "one.png" }).waitFor();
    await assertAccessible(page);
    await close();
  }
});
