// The picture page of the console: a photo is enhanced, held against its result, described, shared, deleted by mistake.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, holdAnswer, holdNotices, openConsole } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { root, signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();
const photo = join(root, "../shared/assets/bench/kodak/23.png");
const kTokens = 12; // enough for 2K, and then not for 4K

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "wallet.initial": kTokens } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function newImage(user, bytes = scene(160, 120, 1), name = "photo.png") {
  const { body } = await upload(user, bytes, name);
  return body.image.id;
}

async function open(user, id, options = {}) {
  const opened = await openConsole(browser, server, `/pictures/${id}`, { user, ...options });
  opened.page.setDefaultTimeout(120_000); // a photo is enhanced by what the machine has left
  await opened.page.locator("[data-layer=original]:not([data-level='-1'])").waitFor();
  return opened;
}

const layer = (page, name) => page.locator(`[data-layer=${name}]`);
const drawn = (page, name) => page.locator(`[data-layer=${name}][data-level=full]`).waitFor();
const zoomIs = (page, zoom) => page.getByRole("button", { name: new RegExp(`^Zoom ${zoom} %$`) }).waitFor();

// Where a layer shows this place of its own picture, both as parts of 1: on the screen, whatever its pixels.
const placeOf = (page, name, across, down) => layer(page, name).locator("img").last().evaluate((image, at) => {
  const box = image.getBoundingClientRect();
  return { x: box.x + at.across * box.width, y: box.y + at.down * box.height, pixels: image.naturalWidth };
}, { across, down });

// Of the picture, what lies under this point of the screen, as parts of 1.
const under = (page, { x, y }) => layer(page, "original").evaluate((frame, at) => {
  const box = frame.getBoundingClientRect();
  return { across: (at.x - box.x) / box.width, down: (at.y - box.y) / box.height };
}, { x, y });

function assertNear(one, other, most, what) {
  for (const key of Object.keys(one)) {
    assert.ok(Math.abs(one[key] - other[key]) <= most, `${what}: ${key} ${one[key]}, ${other[key]}`);
  }
}

test("a photo is enhanced for a price that is seen before, and lies in register under its result", { skip }, async () => {
  const user = await signUp(server);
  const bytes = existsSync(photo) ? readFileSync(photo) : scene(384, 256, 3);
  const id = await newImage(user, bytes, "parrots.png");
  // Without movement: what is measured is where it comes to rest.
  const { page, close } = await open(user, id, { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });

  const panel = page.getByRole("complementary", { name: "Enhance this picture" });
  await panel.getByText(`You have ${kTokens} tokens, ${kTokens - 5} after this`).waitFor();
  const followed = page.waitForRequest(/\/api\/jobs\/[^/]+\/events$/);
  await panel.getByRole("radio", { name: /^2K/ }).check();
  await panel.getByRole("button", { name: "Enhance for 5 tokens" }).click();
  await followed;
  const job = panel.getByRole("listitem", { name: "Enhancement to 2K" });
  await job.getByText("done").waitFor();
  await job.getByText("2,048 × ").waitFor();
  await drawn(page, "result"); // it is held against the original at once
  await panel.getByText(`You have ${kTokens - 5} tokens`).waitFor();

  // What is too dear says so, and cannot be asked for.
  await panel.getByRole("radio", { name: /^4K/ }).check();
  await panel.getByText("3 tokens too few").waitFor();
  assert.ok(await panel.getByRole("button", { name: "Enhance for 10 tokens" }).isDisabled());

  // Around the pointer, up to single pixels.
  await page.keyboard.press("1");
  await zoomIs(page, 100);
  const at = { x: 500, y: 400 };
  await page.mouse.move(at.x, at.y);
  const seen = await under(page, at);
  await page.mouse.wheel(0, -Math.log(4) / 0.002);
  await zoomIs(page, 400);
  assertNear(await under(page, at), seen, 0.001, "what lies under the pointer");
  await drawn(page, "original");
  for (const [across, down] of [[0, 0], [0.3, 0.4], [0.5, 0.5], [1, 1]]) {
    const { pixels, ...original } = await placeOf(page, "original", across, down);
    const { pixels: finer, ...result } = await placeOf(page, "result", across, down);
    assert.ok(finer > pixels);
    assertNear(original, result, 0.01, `the place ${across}, ${down} of both`);
  }
  const rendering = (name) => layer(page, name).locator("img").last()
    .evaluate((image) => getComputedStyle(image).imageRendering);
  assert.equal(await rendering("original"), "pixelated");
  assert.equal(await rendering("result"), "auto"); // its own pixels are not that large

  const slider = page.getByRole("slider", { name: "Original and result" });
  await slider.press("End");
  assert.equal(await slider.getAttribute("aria-valuenow"), "100");
  await slider.press("ArrowLeft");
  assert.equal(await slider.getAttribute("aria-valuenow"), "98");
  await slider.press("Home");
  assert.equal(await slider.getAttribute("aria-valuenow"), "0");
  await page.keyboard.down("o"); // the original alone, while it is held
  await slider.waitFor({ state: "detached" });
  await page.keyboard.up("o");
  await slider.waitFor();

  await page.getByRole("button", { name: "Side by side" }).click();
  const [left, right] = [await placeOf(page, "original", 0.4, 0.4), await placeOf(page, "result", 0.4, 0.4)];
  const half = await page.locator("[data-layer=result]").locator("..").evaluate((pane) => pane.offsetLeft);
  assertNear({ x: left.x + half, y: left.y }, { x: right.x, y: right.y }, 0.01, "the same place of both panes");
  await assertAccessible(page);
  await close();
});

test("it tells all its albums, and what the studio made of it", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user, scene(60, 40, 7));
  const albums = [];
  for (let at = 1; at <= 30; ++at) albums.push((await user.post("/v1/albums", { title: `Album ${at}` })).body.album_id);
  await user.post(`/v1/albums/${albums[0]}/images`, { image_ids: [id] });
  const { body: { jobId } } = await user.post("/api/ai/submit", { operationType: "relight", data: { image_id: id } });
  await user.json(`/api/ai/status/${jobId}?wait=60`);
  const { page, close } = await open(user, id);
  await page.getByRole("listitem", { name: "Relight, in the studio" }).getByText("done").waitFor();
  await page.keyboard.press("i");
  const holding = page.getByRole("list", { name: "Albums it is in" });
  await holding.getByRole("link", { name: "Album 1", exact: true }).waitFor();
  assert.equal(await holding.getByRole("listitem").count(), 1);
  const choice = page.getByLabel("Add it to");
  assert.equal(await choice.getByRole("option", { name: "Album 1", exact: true }).count(), 0);
  await choice.selectOption(albums[29]);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await holding.getByRole("link", { name: "Album 30" }).waitFor();
  await close();
});

test("title, tags and visibility are changed, and what was typed outlives a reload", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user);
  const { page, close } = await open(user, id);
  const answered = () => page.waitForResponse((answer) => answer.request().method() === "PATCH" && answer.ok());
  const image = async () => (await user.json(`/v1/images/${id}`)).body;

  await page.keyboard.press("i");
  await page.getByLabel("Title").fill("By the lake");
  await page.reload(); // where there is room, the panel is as it was left
  assert.equal(await page.getByLabel("Title").inputValue(), "By the lake");
  await page.getByLabel("Description").fill("An evening in May");
  await Promise.all([answered(), page.getByRole("button", { name: "Save" }).click()]);
  await page.getByRole("heading", { name: "By the lake", level: 1 }).waitFor();

  await page.getByLabel("Add a tag").fill("water, evening");
  await Promise.all([answered(), page.getByLabel("Add a tag").press("Enter")]);
  await Promise.all([answered(), page.getByRole("button", { name: "Take away water" }).click()]);
  await page.getByText("Only you see it").waitFor();
  await Promise.all([answered(), page.getByRole("radio", { name: "Public" }).click()]);
  await page.getByText("without location and other metadata").waitFor();

  const { title, description, tags, visibility } = await image();
  assert.deepEqual({ title, description, tags, visibility },
    { title: "By the lake", description: "An evening in May", tags: ["evening"], visibility: "public" });
  await assertAccessible(page);
  await close();
});

test("an answer from before a change does not undo what is seen of it", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user);
  const { page, close } = await open(user, id);
  const url = new RegExp(`/v1/images/${id}$`);
  await page.keyboard.press("i");
  await page.getByLabel("Title").fill("By the lake");
  await page.clock.install();
  await page.clock.fastForward("01:00");
  const { given, letGo } = await holdAnswer(page, url);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))); // as on coming back to the tab
  await given;
  const answered = page.waitForResponse((answer) => url.test(answer.url()) && answer.request().method() === "GET");
  await page.getByRole("button", { name: "Save" }).click();
  const heading = page.getByRole("heading", { name: "By the lake", level: 1 });
  await heading.waitFor();
  letGo();
  await (await answered).finished();
  await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); }));
  assert.ok(await heading.isVisible());
  await close();
});

test("a link is made with a password, opened by a stranger and revoked", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user);
  const { page, close } = await open(user, id);
  await page.keyboard.press("s");
  const dialog = page.getByRole("dialog", { name: "Share this picture" });
  await dialog.getByLabel("It works").selectOption("For a day");
  await dialog.getByLabel("Password").fill("sesame");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  await dialog.getByText("ends in").waitFor();
  await assertAccessible(page);
  assert.equal((await fetch(link, { headers: { Accept: "application/json" } })).status, 401);

  await dialog.getByRole("button", { name: /^Revoke the link/ }).click();
  await page.getByRole("dialog", { name: "Revoke this link?" }).getByRole("button", { name: "Revoke" }).click();
  await page.getByText("The link is revoked").waitFor();
  await dialog.getByText("1 link").waitFor({ state: "detached" });
  assert.equal((await fetch(link)).status, 404);
  await close();
});

test("by the keyboard: from picture to picture, zoom, full screen, and a delete taken back", { skip }, async () => {
  const user = await signUp(server);
  const ids = [];
  for (const seed of [1, 2, 3]) ids.unshift(await newImage(user, scene(160, 120, seed), `${seed}.png`));
  const { page, close } = await open(user, ids[0]);
  const heading = (name) => page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Picture after" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await heading("2.png");
  assert.equal(new URL(page.url()).pathname, `/pictures/${ids[1]}`);
  await page.keyboard.press("1");
  await zoomIs(page, 100);
  await page.keyboard.press("+");
  await zoomIs(page, 150);
  await page.keyboard.press("f");
  await page.getByRole("button", { name: "Leave full screen" }).waitFor();
  await page.keyboard.press("f");
  await page.getByRole("button", { name: "Full screen", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Picture after" }).waitFor();
  await holdNotices(page);
  await page.keyboard.press("Delete");
  await heading("1.png"); // the one behind it
  assert.equal((await user.json(`/v1/images/${ids[1]}`)).status, 404);
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await heading("2.png");
  assert.equal((await user.json(`/v1/images/${ids[1]}`)).status, 200);
  await page.getByRole("button", { name: "Picture before" }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await heading("3.png");
  await close();
});

// Fingers on the glass, as the browser has them from a screen.
async function fingersOn(page) {
  const session = await page.context().newCDPSession(page);
  const send = (type, points) => session.send("Input.dispatchTouchEvent",
    { type, touchPoints: points.map(({ x, y }, id) => ({ x: Math.round(x), y: Math.round(y), id })) });
  // From one place of all fingers to another, in steps, and off; what the page makes of it is drawn then.
  return async (from, to, steps = 8) => {
    await send("touchStart", from);
    for (let step = 1; step <= steps; ++step) {
      await send("touchMove", from.map(({ x, y }, at) => ({
        x: x + (to[at].x - x) * step / steps, y: y + (to[at].y - y) * step / steps })));
    }
    await send("touchEnd", []);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
  };
}

test("on a phone a swipe leads to the picture beside, two fingers zoom where they are, and then one moves it", { skip }, async () => {
  const user = await signUp(server);
  const ids = [];
  for (const seed of [1, 2]) ids.unshift(await newImage(user, scene(320, 240, seed), `${seed}.png`));
  const { page, close } = await open(user, ids[0],
    { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, reducedMotion: "reduce" });
  const move = await fingersOn(page);
  const heading = (name) => page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Picture after", includeHidden: true }).waitFor({ state: "attached" });
  const { x, y, width, height } = await layer(page, "original").boundingBox();
  const middle = { x: x + width / 2, y: y + height / 2 };
  const [left, right] = [{ x: middle.x - 90, y: middle.y }, { x: middle.x + 90, y: middle.y }];

  await move([middle], [{ x: middle.x + 20, y: middle.y + 120 }]); // down is no swipe
  await heading("2.png");
  await move([right], [left]);
  await heading("1.png");
  await layer(page, "original").waitFor();
  await page.getByRole("button", { name: "Picture before", includeHidden: true }).waitFor({ state: "attached" });
  await move([left], [right]);
  await heading("2.png");
  await drawn(page, "original");

  const near = [{ x: middle.x - 30, y: middle.y - 20 }, { x: middle.x + 30, y: middle.y + 20 }];
  const far = near.map((finger) => ({ x: middle.x + (finger.x - middle.x) * 3, y: middle.y + (finger.y - middle.y) * 3 }));
  const seen = await Promise.all(near.map((finger) => under(page, finger)));
  await move(near, far);
  for (const [at, finger] of far.entries()) assertNear(await under(page, finger), seen[at], 0.02, "what lies under a finger");
  await heading("2.png"); // fingers that part are no swipe

  const before = await layer(page, "original").boundingBox();
  await move([middle], [{ x: middle.x - 50, y: middle.y - 30 }]);
  const after = await layer(page, "original").boundingBox();
  assertNear({ x: after.x, y: after.y }, { x: before.x - 50, y: before.y - 30 }, 1, "a finger moves it");
  await heading("2.png");
  await close();
});

test("an enhancement that is begun before the history has come stands in it", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user);
  const { page, close } = await openConsole(browser, server, "/wallet", { user });
  const { given, letGo } = await holdAnswer(page, new RegExp(`/api/images/${id}$`));
  await page.goto(new URL(`/pictures/${id}`, page.url()).href);
  await given;
  const panel = page.getByRole("complementary", { name: "Enhance this picture" });
  await panel.getByRole("radio", { name: /^2K/ }).check();
  await panel.getByRole("button", { name: "Enhance for 5 tokens" }).click();
  const job = panel.getByRole("listitem", { name: "Enhancement to 2K" });
  await job.waitFor();
  letGo();
  await job.getByText("done").waitFor();
  await close();
});

test("on a phone the picture stays in sight above the panel, and a double tap zooms", { skip }, async () => {
  const user = await signUp(server);
  const id = await newImage(user);
  const { page, close } = await open(user, id, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await page.getByRole("button", { name: "Enhance", exact: true }).click();
  const panel = page.getByRole("complementary", { name: "Enhance this picture" });
  await panel.waitFor();
  const [picture, sheet] = [await layer(page, "original").boundingBox(), await panel.boundingBox()];
  assert.ok(picture.y + picture.height <= sheet.y + 1, "the panel hides the picture");
  await assertFits(page);
  await assertAccessible(page);
  await panel.getByRole("button", { name: "Close the panel" }).click();
  const { x, y, width, height } = await layer(page, "original").boundingBox();
  const isWider = (factor) => page.waitForFunction((least) =>
    document.querySelector("[data-layer=original]").getBoundingClientRect().width > least, width * factor);
  // Each at a time of its own: on a slow machine the second would come too late.
  const session = await page.context().newCDPSession(page);
  const [begun, touchPoints] = [Date.now() / 1000, [{ x: x + width / 2, y: y + height / 2 }]];
  for (const after of [0, 0.1]) {
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints, timestamp: begun + after });
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [], timestamp: begun + after + 0.05 });
  }
  await isWider(1.5);
  await close();
});
