// Uploading in the console: through cut connections and reloads, with what is no picture and what is there already.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, drop, holdAnswer, openConsole } from "../support/console.mjs";
import { startServerBehindLine } from "../support/line.mjs";
import { noise, scene } from "../support/pictures.mjs";
import { signUp, upload } from "../support/server.mjs";

const skip = missingBrowser();
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

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

const panel = (page) => page.getByRole("region", { name: "Uploads" });
const row = (page, name) => panel(page).getByRole("listitem").filter({ hasText: name });

// Which parts the store has taken, in the order in which it answered.
function partsSent(page) {
  const parts = [];
  page.on("response", (response) => {
    const part = new URL(response.url()).searchParams.get("partNumber");
    if (part && response.request().method() === "PUT" && response.status() === 200) parts.push(Number(part));
  });
  return parts;
}

// Until the page keeps one upload there, with these fields.
const kept = (page, store, fields = {}) => page.waitForFunction(([store, fields]) => new Promise((found) => {
  indexedDB.open("tintype-uploads").onsuccess = ({ target: { result: database } }) => {
    database.transaction(store).objectStore(store).getAll().onsuccess = ({ target: { result: all } }) => {
      database.close();
      found(all.length === 1 && Object.entries(fields).every(([name, value]) => all[0][name] === value));
    };
  };
}), [store, fields]);

async function storedAs(user, name) {
  const { body } = await user.json("/v1/images");
  const image = body.images.find(({ filename }) => filename === name);
  return image && (await user.json(`/v1/images/${image.image_id}`)).body;
}

test("an upload that is cut off waits for the line, and sends no part twice", { skip }, async () => {
  const user = await signUp(server);
  const bytes = noise(2600, 2000); // three parts
  const { page, close } = await openConsole(browser, line, "/library", { user });
  const parts = partsSent(page);
  const cut = line.cut(12 << 20);
  await drop(page, [{ name: "large.png", bytes }]);
  await cut;
  await row(page, "large.png").getByText("It goes on by itself").waitFor();
  line.mend();
  // By hand, if it has not gone on by itself already.
  await page.evaluate(() => document.querySelector("[aria-label='Retry large.png']")?.click());
  await panel(page).getByRole("heading", { name: "1 picture uploaded" }).waitFor();
  // The answer to a part may have been lost with the line; that part is there, and is not sent again either.
  assert.deepEqual([...parts].sort(), [...new Set(parts)].sort());
  assert.equal((await storedAs(user, "large.png")).sha256, sha256(bytes));
  await close();
});

test("it goes on after a reload where it was, also paused, and leaving warns", { skip }, async () => {
  const user = await signUp(server);
  const [large, small] = [noise(2600, 2000), scene(200, 150, 3)];
  const { page, close } = await openConsole(browser, line, "/library", { user });
  const parts = partsSent(page);
  let held = true;
  await page.route(/partNumber=3/, (route) => held || route.continue());
  const dialogs = [];
  page.on("dialog", (dialog) => dialogs.push(dialog.type()) && dialog.accept());
  const arrived = [1, 2].map((part) => // in whatever order
    page.waitForResponse((response) => response.url().includes(`partNumber=${part}`) && response.ok()));
  await drop(page, [{ name: "large.png", bytes: large }]);
  await Promise.all(arrived);
  await kept(page, "files");
  await page.getByRole("link", { name: "Albums" }).click(); // the uploads come along
  await row(page, "large.png").waitFor();
  await page.waitForFunction(() => navigator.userActivation.hasBeenActive);
  await page.reload();
  assert.deepEqual(dialogs, ["beforeunload"]);
  await row(page, "large.png").getByRole("button", { name: "Pause large.png" }).click();
  await row(page, "large.png").getByText(/paused/i).waitFor();
  await kept(page, "states", { isPaused: true });
  held = false;
  await page.reload();
  assert.deepEqual(dialogs, ["beforeunload"], "nothing is under way");
  await panel(page).getByRole("heading", { name: "1 upload paused" }).waitFor();
  await drop(page, [{ name: "small.png", bytes: small }]); // goes past what is paused
  await row(page, "small.png").getByRole("link").waitFor();
  await panel(page).getByRole("button", { name: "Go on with all" }).click();
  await panel(page).getByRole("heading", { name: "2 pictures uploaded" }).waitFor();
  assert.deepEqual([...parts].sort(), [1, 1, 2, 3], "part 1 of each, and none twice");
  assert.equal((await storedAs(user, "large.png")).sha256, sha256(large));
  await page.reload();
  await panel(page).waitFor({ state: "detached" });
  await close();
});

test("what is stored while the library is first asked for is seen there", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, line, "/wallet", { user });
  await page.clock.install();
  const { given, letGo } = await holdAnswer(page, /\/v1\/images\?limit=100/);
  await page.getByRole("link", { name: "Library", exact: true }).click();
  await given;
  await drop(page, [{ name: "late.png", bytes: scene(200, 150, 5) }]);
  await panel(page).getByRole("heading", { name: "1 picture uploaded" }).waitFor();
  await page.clock.fastForward("00:02"); // the lists are told once a second
  letGo();
  await page.getByRole("gridcell").waitFor();
  await close();
});

test("what failed says why, and what is cancelled leaves nothing behind", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, line, "/wallet", { user, reducedMotion: "reduce", viewport: { width: 360, height: 740 } });
  await page.route(/partNumber=1/, (route) => route.request().postDataBuffer()?.length === cancelled.length || route.continue());
  const cancelled = scene(220, 150, 9);
  await drop(page, [
    { name: "notes.txt", type: "text/plain", bytes: Buffer.from("no picture") },
    { name: "half.png", bytes: scene(300, 200, 8).subarray(0, 700) },
    { name: "good.png", bytes: scene(200, 150, 4) },
  ]);
  await row(page, "notes.txt").getByText("Pictures of type 'text/plain' are not taken").waitFor();
  await panel(page).getByRole("heading", { name: "1 uploaded, 2 failed" }).waitFor();
  assert.match(await row(page, "half.png").textContent(), /damaged|truncated|incomplete|end/i);
  await assertAccessible(page);
  await assertFits(page);
  await drop(page, [{ name: "cancelled.png", bytes: cancelled }]);
  const aborted = page.waitForResponse((response) => response.request().method() === "DELETE" && response.ok());
  await row(page, "cancelled.png").getByRole("progressbar").waitFor();
  await row(page, "cancelled.png").getByRole("button", { name: "Cancel cancelled.png" }).click();
  await aborted;
  await row(page, "cancelled.png").waitFor({ state: "detached" });
  await panel(page).getByRole("button", { name: "Close the uploads" }).click();
  await panel(page).waitFor({ state: "detached" });
  const { body } = await user.json("/v1/images");
  assert.deepEqual(body.images.map(({ filename }) => filename), ["good.png"]);
  await close();
});

test("a picture that is there already is pointed out, and uploaded where it is wanted", { skip }, async (t) => {
  const user = await signUp(server);
  const bytes = scene(240, 160, 6);
  const { body: { image } } = await upload(user, bytes, "first.png");
  const { body: none } = await user.json(`/v1/images?sha256=${"0".repeat(64)}`);
  if (none.images?.length !== 0) return t.skip("this server does not look for a hash");
  const { page, close } = await openConsole(browser, line, "/library", { user });
  await drop(page, [{ name: "again.png", bytes }, { name: "other.png", bytes: scene(240, 160, 7) }]);
  await row(page, "again.png").getByText("You have this picture already").waitFor();
  assert.equal(await row(page, "again.png").getByRole("link").getAttribute("href"), `/pictures/${image.id}`);
  await row(page, "other.png").getByRole("link").waitFor();
  await row(page, "again.png").getByRole("button", { name: "Upload anyway" }).click();
  await panel(page).getByRole("heading", { name: "2 pictures uploaded" }).waitFor();
  assert.equal((await storedAs(user, "again.png")).sha256, sha256(bytes));
  await close();
});

test("a folder full is a few rows, and all arrive", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, line, "/library", { user });
  const bytes = scene(48, 32, 2);
  let letGo; // once they have been looked at
  const looked = new Promise((done) => { letGo = done; });
  await page.route(/partNumber=/, async (route) => {
    await looked;
    await route.continue();
  });
  await drop(page, Array.from({ length: 80 }, (_, at) =>
    ({ name: `${at}.png`, bytes: Buffer.concat([bytes, Buffer.from(`${at}`)]) })));
  await panel(page).getByRole("heading", { name: /Uploading \d+ of 80 pictures/ }).waitFor();
  assert.ok(await panel(page).getByRole("listitem").count() < 20);
  letGo();
  await panel(page).getByRole("heading", { name: "80 pictures uploaded" }).waitFor({ timeout: 200_000 });
  await close();
});

// A folder on the disk with two pictures, one of them further in, and what is none.
async function pictureFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "tintype-folder-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "further in"));
  await writeFile(join(folder, "one.png"), scene(60, 40, 21));
  await writeFile(join(folder, "further in", "two.png"), scene(60, 40, 22));
  await writeFile(join(folder, "notes.txt"), "no picture");
  await writeFile(join(folder, ".hidden.png"), scene(60, 40, 23));
  return folder;
}

const names = async (user) => (await user.json("/v1/images")).body.images.map(({ filename }) => filename).sort();

test("a folder is dropped as it comes from the system, and its pictures are taken", { skip }, async (t) => {
  const user = await signUp(server);
  const folder = await pictureFolder(t);
  const { page, context, close } = await openConsole(browser, line, "/library", { user });
  await page.getByRole("heading", { name: "No pictures yet" }).waitFor();
  const session = await context.newCDPSession(page);
  const drag = (type) => session.send("Input.dispatchDragEvent",
    { type, x: 600, y: 500, data: { items: [], files: [folder], dragOperationsMask: 1 } });
  for (const type of ["dragEnter", "dragOver"]) await drag(type);
  await page.getByText("Drop to add").waitFor();
  await drag("drop");
  await panel(page).getByRole("heading", { name: "2 pictures uploaded" }).waitFor();
  await page.getByText("2 files in that folder are no pictures and were left out").waitFor();
  assert.deepEqual(await names(user), ["one.png", "two.png"]);
  await close();
});

test("a folder is chosen by the menu", { skip }, async (t) => {
  const user = await signUp(server);
  const folder = await pictureFolder(t);
  const { page, close } = await openConsole(browser, line, "/library", { user });
  await page.getByRole("button", { name: "Upload: more ways" }).click();
  const asked = page.waitForEvent("filechooser");
  await page.getByRole("menuitem", { name: "Choose a folder" }).click();
  await (await asked).setFiles(folder);
  await panel(page).getByRole("heading", { name: "2 pictures uploaded" }).waitFor();
  assert.deepEqual(await names(user), ["one.png", "two.png"]);
  await close();
});

test("what was copied is pasted, under a name that says when", { skip }, async () => {
  const user = await signUp(server);
  const { page, context, close } = await openConsole(browser, line, "/library", { user });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("heading", { name: "No pictures yet" }).waitFor();
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
  }, scene(80, 50, 24).toString("base64"));
  await page.keyboard.press("Control+v");
  await panel(page).getByRole("heading", { name: "1 picture uploaded" }).waitFor();
  assert.match((await names(user))[0], /^Pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/);
  await close();
});

test("a phone offers its camera, and what it takes is uploaded", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, line, "/library",
    { user, viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await page.getByRole("button", { name: "Upload: more ways" }).tap();
  const asked = page.waitForEvent("filechooser");
  await page.getByRole("menuitem", { name: "Take a photo" }).tap();
  const chooser = await asked;
  assert.equal(await chooser.element().evaluate((input) => `${input.accept} ${input.getAttribute("capture")}`), "image/* environment");
  await chooser.setFiles([{ name: "image.jpg", mimeType: "image/png", buffer: scene(90, 60, 25) }]);
  await panel(page).getByRole("heading", { name: "1 picture uploaded" }).waitFor();
  assert.deepEqual(await names(user), ["image.jpg"]);
  await close();
});
