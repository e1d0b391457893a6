// The library in the console: looked through, chosen from, searched, put into albums, deleted and had back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, holdNotices, openConsole } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// A user with this many pictures, called 1.png and so on: the last is the newest, and stands first.
async function userWith(count) {
  const user = await signUp(server);
  user.images = [];
  for (let at = 1; at <= count; ++at) {
    const { body } = await upload(user, scene(60 + 20 * (at % 4), 60, at), `${at}.png`);
    user.images.unshift(body.image.id);
  }
  return user;
}

const picture = (page, name) =>
  page.getByRole("gridcell").filter({ has: page.getByRole("img", { name, exact: true }) });
const alts = (images) => images.evaluateAll((all) => all.map((one) => one.alt).filter(Boolean));
const names = (page) => alts(page.getByRole("gridcell").getByRole("img"));
const chosen = (page) => alts(page.locator("[role=gridcell][aria-selected=true] img[alt$='.png']"));
const bar = (page) => page.getByRole("region", { name: "Selected pictures" });
const focused = (page) => page.evaluate(() => document.activeElement.querySelector("img[alt$='.png']")?.alt);
const total = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

test("pictures are chosen by mouse and keyboard as in every grid, and opened", { skip }, async () => {
  const user = await userWith(12);
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "12 pictures");
  await picture(page, "1.png").waitFor();
  assert.deepEqual(await names(page), Array.from({ length: 12 }, (_, at) => `${12 - at}.png`));

  await page.getByRole("button", { name: "Select 11.png" }).click();
  await picture(page, "8.png").getByRole("link").click({ modifiers: ["Shift"] });
  assert.deepEqual(await chosen(page), ["11.png", "10.png", "9.png", "8.png"]);
  await picture(page, "10.png").getByRole("link").click({ modifiers: ["Control"] });
  assert.deepEqual(await chosen(page), ["11.png", "9.png", "8.png"]);
  await page.keyboard.press("Escape");
  assert.deepEqual(await chosen(page), []);

  await picture(page, "12.png").getByRole("link").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "11.png");
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowLeft"); // a range shrinks as well
  assert.deepEqual(await chosen(page), ["11.png", "10.png"]);
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await focused(page), "10.png");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Control+End");
  assert.equal(await focused(page), "1.png");
  await page.keyboard.press("Control+a");
  await bar(page).getByText("12 pictures").waitFor();
  await page.keyboard.press("Escape");
  await bar(page).waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/pictures/${user.images.at(-1)}`);
  await page.goBack();
  await total(page, "12 pictures");
  await close();
});

test("a finger that rests chooses, and then taps choose too", { skip }, async () => {
  const user = await userWith(3);
  const { page, context, close } = await openConsole(browser, server, "/library",
    { user, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await total(page, "3 pictures");
  const cdp = await context.newCDPSession(page);
  const { x, y, width, height } = await picture(page, "3.png").boundingBox();
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await bar(page).getByText("1 picture").waitFor();
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await picture(page, "1.png").getByRole("link").tap();
  await bar(page).getByText("2 pictures").waitFor();
  assert.deepEqual(await chosen(page), ["3.png", "1.png"]);
  await assertFits(page);
  await assertAccessible(page);
  await close();
});

test("what is deleted comes back by Undo, lies in the trash, is restored and goes for good", { skip }, async () => {
  const user = await userWith(4);
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "4 pictures");
  await holdNotices(page);
  await picture(page, "4.png").getByRole("link").focus();
  await page.keyboard.press("Delete");
  await total(page, "3 pictures");
  assert.equal(await focused(page), "3.png"); // its neighbour has the focus
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await total(page, "4 pictures");
  assert.deepEqual(await names(page), ["4.png", "3.png", "2.png", "1.png"]);

  await page.getByRole("button", { name: "Select 4.png" }).click();
  await page.getByRole("button", { name: "Select 2.png" }).click();
  await bar(page).getByRole("button", { name: "Delete" }).click();
  await page.getByText("2 pictures moved to the trash").waitFor();
  await page.getByRole("link", { name: "Trash" }).click();
  await page.getByRole("heading", { name: "Trash", level: 1 }).waitFor(); // there are two in the library as well
  await total(page, "2 pictures");
  assert.deepEqual([...(await names(page))].sort(), ["2.png", "4.png"]);
  assert.equal(await page.getByText("Deleted for good in 7 days").count(), 2);
  await assertAccessible(page);
  await page.getByRole("button", { name: "Select 4.png" }).click();
  await bar(page).getByRole("button", { name: "Restore" }).click();
  await page.getByText("1 picture restored").waitFor();
  await page.getByRole("button", { name: "Select 2.png" }).click();
  await bar(page).getByRole("button", { name: "Delete for good" }).click();
  const confirm = page.getByRole("dialog", { name: "Delete 1 picture for good?" });
  await confirm.getByRole("button", { name: "Cancel" }).click();
  await bar(page).getByRole("button", { name: "Delete for good" }).click();
  await confirm.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
  await page.getByRole("link", { name: "Back to the library" }).click();
  await total(page, "3 pictures");
  assert.deepEqual(await names(page), ["4.png", "3.png", "1.png"]);
  await close();
});

test("what is chosen goes into albums by the bar and by dragging, is published and enhanced", { skip }, async () => {
  const user = await userWith(4);
  const { body: { album_id: albumId } } = await user.post("/v1/albums", { title: "The sea" });
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "4 pictures");
  await page.getByRole("button", { name: "Select 4.png" }).click();
  await page.getByRole("button", { name: "Select 3.png" }).click();
  await bar(page).getByRole("button", { name: "Add to album" }).click();
  await page.getByLabel("Find an album, or name a new one").fill("Summer");
  await page.getByRole("button", { name: "New album" }).click();
  await page.getByText("2 pictures added to Summer").waitFor();

  const from = await picture(page, "3.png").boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 20, from.y + from.height / 2 + 20, { steps: 4 });
  const albums = page.getByRole("region", { name: "Drop into an album" });
  await albums.getByText("The sea").hover({ force: true }); // the target around it takes the pointer
  await albums.locator("[data-over=true]").filter({ hasText: "The sea" }).waitFor();
  await page.mouse.up();
  await page.getByText("2 pictures added to The sea").waitFor();
  assert.equal((await user.json(`/v1/albums/${albumId}`)).body.image_count, 2);

  await bar(page).getByRole("button", { name: "Visibility" }).click();
  await page.getByRole("menuitem", { name: "Make public" }).click();
  await page.getByText("2 pictures are public now").waitFor();
  assert.equal((await user.json(`/v1/images/${user.images[0]}`)).body.visibility, "public");

  await bar(page).getByRole("button", { name: "Enhance" }).click();
  const dialog = page.getByRole("dialog", { name: "Enhance 2 pictures" });
  await dialog.getByText("100 tokens").waitFor();
  await dialog.getByRole("radio", { name: "1024 pixels" }).check();
  await dialog.getByRole("button", { name: "Enhance for 4 tokens" }).click();
  await page.getByText("2 pictures are being enhanced").waitFor();
  assert.equal((await user.json("/api/tokens/balance")).body.available, 96);
  await close();
});

test("a search is typed or put together, kept in the address, and shows where it is wrong", { skip }, async () => {
  const user = await userWith(3);
  const patched = await user.fetch(`/v1/images/${user.images[1]}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title: "Harbour.png", tags: ["sea"] }),
  });
  assert.equal(patched.status, 200);
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "3 pictures");
  const field = page.getByRole("combobox", { name: "Search your pictures" });
  await field.fill("harbour");
  await page.keyboard.press("Enter");
  await total(page, "1 picture");
  assert.deepEqual(await names(page), ["Harbour.png"]);
  assert.equal(new URL(page.url()).searchParams.get("q"), "harbour");

  await field.fill("tag:sea widht:>2");
  await page.keyboard.press("Enter");
  await page.getByText("Character 9: there is no filter 'widht'").waitFor();
  assert.equal(await page.locator("mark").textContent(), "widht:>2");
  await assertAccessible(page);
  await page.goBack();
  await total(page, "1 picture");
  assert.equal(await field.inputValue(), "harbour");

  await page.getByRole("button", { name: "Filters" }).click();
  const filters = page.getByRole("dialog", { name: "Filters" });
  await filters.getByLabel("Tag").fill("sea");
  await filters.getByLabel("Type").selectOption("jpeg");
  await filters.getByRole("button", { name: "Show pictures" }).click();
  await page.getByRole("heading", { name: "Nothing was found" }).waitFor();
  assert.equal(await field.inputValue(), "harbour tag:sea format:jpeg");
  await page.getByRole("button", { name: "Remove format:jpeg" }).click();
  await total(page, "1 picture");
  await page.getByRole("button", { name: "Clear the search" }).click();
  await total(page, "3 pictures");
  await page.getByRole("button", { name: "How to search" }).click();
  await page.getByRole("dialog", { name: "How to search" }).getByText("tag:pets", { exact: true }).waitFor();
  await close();
});

test("a search is completed by what one's own pictures have, by mouse and keyboard", { skip }, async () => {
  const user = await userWith(3);
  for (const [at, tag] of ["sea", "seaside", "forest"].entries()) {
    const patched = await user.fetch(`/v1/images/${user.images[at]}`, { method: "PATCH",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ tags: [tag, "seen"] }) });
    assert.equal(patched.status, 200);
  }
  await user.post("/v1/albums", { title: "Seafood" });
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "3 pictures");
  const field = page.getByRole("combobox", { name: "Search your pictures" });
  const list = page.getByRole("listbox", { name: "Suggestions" });
  await field.pressSequentially("ta");
  await list.getByRole("option", { name: "tag:" }).click();
  assert.equal(await field.inputValue(), "tag:");
  await field.pressSequentially("sea");
  await page.waitForFunction(() => { // those of the letters before stand until the next have come
    const labels = [...document.querySelectorAll("[role=option]")].map((one) => one.textContent);
    return labels.some((label) => /^seaside/.test(label)) && !labels.some((label) => /forest|seen|Seafood/.test(label));
  });
  await assertAccessible(page);
  await page.keyboard.press("ArrowDown");
  const active = await field.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`[id="${active}"]`).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Escape"); // the list alone goes
  await list.waitFor({ state: "detached" });
  assert.equal(await field.inputValue(), "tag:sea");
  await field.pressSequentially("s");
  await list.getByRole("option", { name: /^seaside/ }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[role=option]").length === 1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await total(page, "1 picture");
  assert.equal(new URL(page.url()).searchParams.get("q"), "tag:seaside");
  assert.deepEqual(await names(page), ["2.png"]);
  await close();
});

// A list of this many pictures, drawn out from one: a thousand uploads would say no more about the page. Answers what
// was asked for.
async function drawnOut(page, like, count, list = "/v1/images") {
  const ids = Array.from({ length: count }, (_, at) => `img_${String(at).padStart(22, "0")}`);
  const image = (id) => ({ ...like, image_id: id, filename: `${Number(id.slice(4))}.png`,
    created_at_ms: 1_700_000_000_000 - Number(id.slice(4)) * 3_600_000 });
  const asked = { pages: [], outlines: [], ids: [] };
  const nextOf = (last) => (last < count ? String(last) : null);
  await page.route(`**${list}?*`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const wanted = query.get("image_ids")?.split(",");
    asked[wanted ? "ids" : "pages"].push(wanted ?? query.get("cursor"));
    const images = wanted ?? ids.slice(0, 100);
    return route.fulfill({ json: { images: images.map(image), next_cursor: wanted ? null : nextOf(100) } });
  });
  await page.route("**/v1/images:outline?*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const first = Number(query.get("cursor")), last = Math.min(count, first + Number(query.get("limit")));
    asked.outlines.push(first);
    const drawn = ids.slice(first, last).map(image);
    return route.fulfill({ json: { image_ids: drawn.map((one) => one.image_id),
      widths: drawn.map((one) => one.original.width), heights: drawn.map((one) => one.original.height),
      created_at_ms: drawn.map((one) => one.created_at_ms), next_cursor: nextOf(last) } });
  });
  return asked;
}

test("a library is laid out whole, and what is in sight of it is shown", { skip }, async () => {
  const user = await userWith(1);
  const { body } = await user.json("/v1/images?limit=1");
  const { page, close } = await openConsole(browser, server, "/account", { user });
  const asked = await drawnOut(page, body.images[0], 25_000);
  await page.getByRole("link", { name: "Library", exact: true }).click();
  await picture(page, "0.png").waitFor();
  await total(page, "25,000 pictures");
  assert.deepEqual([asked.pages, asked.outlines], [[null], [100, 10_100, 20_100]]); // each once
  await picture(page, "0.png").getByRole("link").focus();
  await page.keyboard.press("Control+End");
  await picture(page, "24999.png").waitFor();
  assert.equal(await focused(page), "24999.png");
  await page.setViewportSize({ width: 700, height: 900 });
  await page.waitForFunction(() => document.querySelector("[role=grid]").clientWidth < 700);
  await page.waitForFunction(() => document.activeElement.querySelector("img[alt='24999.png']"));
  assert.ok(await page.getByRole("gridcell").count() < 200);
  assert.ok(asked.ids.every((ids) => ids.length <= 100));
  assert.ok(asked.ids.flat().length < 2_000); // of what lies between nothing
  await page.waitForFunction(() => history.state?.scrolled > 100_000);
  await page.reload();
  await picture(page, "24999.png").waitFor(); // where one was
  await picture(page, "24999.png").getByRole("link").focus();
  await page.keyboard.press("Control+Home");
  await page.waitForFunction(() => document.activeElement.querySelector("img[alt='0.png']"));
  await close();
});

test("what a search finds is laid out as the library is, and nothing moves", { skip }, async () => {
  const user = await userWith(1);
  const { body } = await user.json("/v1/images?limit=1");
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "1 picture");
  const asked = await drawnOut(page, { ...body.images[0], owner_id: user.id }, 20_000, "/v1/search/images");
  await page.evaluate(() => {
    window.moved = 0;
    new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.moved += value; })
      .observe({ type: "layout-shift" });
  });
  await page.getByRole("combobox", { name: "Search your pictures" }).fill("sea");
  await page.keyboard.press("Enter");
  await total(page, "20,000 pictures");
  assert.deepEqual([asked.pages, asked.outlines], [[null], [100, 10_100]]);
  await picture(page, "0.png").getByRole("link").focus();
  await page.keyboard.press("Control+End");
  await picture(page, "19999.png").waitFor();
  assert.ok(await page.getByRole("gridcell").count() < 200);
  assert.ok(asked.ids.flat().length < 2_000);
  assert.equal(await page.evaluate(() => window.moved), 0);
  await page.keyboard.press("Control+a");
  await bar(page).getByText("20,000").waitFor();
  await close();
});

test("a trash of more than a page shows when each picture goes, and gives back the last one", { skip }, async () => {
  const user = await userWith(3);
  const { page, close } = await openConsole(browser, server, "/account", { user });
  await Promise.all(user.images.map((id) => user.fetch(`/v1/images/${id}`, { method: "DELETE" })));
  // Of the newest one more is told than there is, so that the others come as outlines.
  await page.route("**/v1/images:deleted?limit=*", (route) =>
    route.continue({ url: route.request().url().replace(/limit=\d+/, "limit=1") }));
  await page.goto(`${new URL(page.url()).origin}/trash`);
  await total(page, "3 pictures");
  await picture(page, "1.png").getByText(/^Deleted for good in/).waitFor();
  await page.getByRole("button", { name: "Select 1.png" }).click();
  await page.getByRole("button", { name: "Restore" }).click();
  await total(page, "2 pictures");
  await page.getByRole("link", { name: "Back to the library" }).click();
  await total(page, "1 picture");
  assert.deepEqual(await names(page), ["1.png"]);
  await close();
});

test("what is uploaded stands first without a reload", { skip }, async () => {
  const user = await userWith(2);
  const { page, close } = await openConsole(browser, server, "/library", { user });
  await total(page, "2 pictures");
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await (await chooser).setFiles([{ name: "new.png", mimeType: "image/png", buffer: scene(90, 60, 9) }]);
  await total(page, "3 pictures");
  assert.deepEqual(await names(page), ["new.png", "2.png", "1.png"]);
  await close();
});

test("it keeps nobody out (axe), fits a phone, and has a state for nothing and for too much", { skip }, async () => {
  const user = await userWith(2);
  for (const [colorScheme, width] of [["light", 1280], ["dark", 360]]) {
    const { page, close } = await openConsole(browser, server, "/library",
      { user, colorScheme, reducedMotion: "reduce", viewport: { width, height: 740 } });
    await page.getByRole("button", { name: "Select 2.png" }).click();
    await bar(page).waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await close();
  }
  const { page, close } = await openConsole(browser, server, "/library", { user: await signUp(server) });
  await page.getByRole("heading", { name: "No pictures yet" }).waitFor();
  await assertAccessible(page);
  await page.clock.install();
  await page.reload();
  await page.route("**/v1/search/images?*", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "60" },
    json: { title: "Too Many Requests", status: 429, detail: "Slow down", code: "RATE_LIMIT" } }));
  await page.getByRole("combobox").fill("sea");
  await page.keyboard.press("Enter");
  await page.getByText(/You can try again in \d/).waitFor();
  await page.unroute("**/v1/search/images?*");
  await page.clock.fastForward("01:00");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Nothing was found" }).waitFor();
  await close();
});
