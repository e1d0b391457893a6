// A link that is made in the console, as a stranger has it: in a window of his own, without JavaScript, until it is revoked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, consoleUrl, kPatienceMs, openConsole } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { settled, signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser, user, album, images;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false } });
  browser = await launchBrowser();
  user = await signUp(server);
  images = [];
  for (const [at, [width, height]] of [[800, 600], [300, 700], [900, 300]].entries()) {
    const { body: { image } } = await upload(user, scene(width, height, at + 1), `${at}.png`);
    await user.json(`/v1/images/${image.id}`, { method: "PATCH", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: `Picture <${at + 1}>` }) });
    await ready(image.id);
    images.push(image.id);
  }
  album = (await user.post("/v1/albums", { title: "The sea & the sand", description: "Two weeks in July." })).body.album_id;
  await user.post(`/v1/albums/${album}/images`, { image_ids: images });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// Until the variants that a page shows are made.
async function ready(id) {
  await settled(user, id);
  for (;;) {
    const { body } = await user.json(`/v1/images/${id}`);
    if (body.status === "ready") return;
    await user.fetch(`/v1/images/${id}:view?variant=large`);
  }
}

async function share(more = {}, kind = "albums", id = album) {
  const { status, body } = await user.post(`/v1/${kind}/${id}/shares`, { type: "link", ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

// A window of somebody who has never been here, and whose browser runs no script. It asks nobody else for anything.
async function stranger(options = {}) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  const elsewhere = [];
  page.on("request", (request) => new URL(request.url()).origin === consoleUrl(server) || elsewhere.push(request.url()));
  return { page, close: async () => {
    await context.close();
    assert.deepEqual(elsewhere, []);
  } };
}

const meta = (page, name) => page.locator(`meta[property="${name}"], meta[name="${name}"]`).getAttribute("content");
// Until all pictures have come. On a page without scripts waitForFunction() looks once and never again.
async function areShown(page) {
  const areAll = () => page.evaluate(() => [...document.images].every((one) => one.complete && one.naturalWidth > 0));
  for (const end = Date.now() + kPatienceMs; !await areAll();) assert.ok(Date.now() < end, "A picture does not come");
}

test("a link made in the console shows the album to a stranger, and nothing once it is revoked there", { skip }, async () => {
  const { page, close } = await openConsole(browser, server, `/albums/${album}`, { user });
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this album" });
  await dialog.getByLabel("Visitors may download").check();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByRole("textbox", { name: "Link", exact: true }).inputValue();
  assert.ok(link.startsWith(`${consoleUrl(server)}/s/`), link);

  const other = await stranger();
  await other.page.goto(link);
  await other.page.getByRole("heading", { name: "The sea & the sand" }).waitFor();
  await other.page.getByText("Two weeks in July.").waitFor();
  assert.equal(await other.page.getByRole("img").count(), 3);
  await areShown(other.page);
  await other.page.getByRole("link", { name: "Picture <1>" }).click();
  await other.page.getByRole("heading", { name: "Picture <1>" }).waitFor();
  await other.page.getByRole("link", { name: "Next picture" }).click();
  await other.page.getByRole("heading", { name: "Picture <2>" }).waitFor();
  const [download] = await Promise.all([other.page.waitForEvent("download"), other.page.getByRole("link", { name: "Download" }).click()]);
  assert.match(download.suggestedFilename(), /\.png$/);
  const picture = await other.page.getByRole("img").first().getAttribute("src");

  await page.reload();
  await page.getByRole("button", { name: "Share" }).click();
  await dialog.getByRole("button", { name: /^Revoke the link/ }).click();
  await page.getByRole("dialog", { name: "Revoke this link?" }).getByRole("button", { name: "Revoke" }).click();
  await page.getByText("The link is revoked").waitFor();
  const answer = await other.page.reload();
  assert.equal(answer.status(), 404);
  assert.equal((await other.page.goto(consoleUrl(server) + picture)).status(), 404);
  await other.close();
  await close();
});

test("a chat that is sent a link has a title, a text and a picture of known size to show", { skip }, async () => {
  await user.json(`/v1/albums/${album}`, { method: "PATCH", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ cover_image_id: images[2] }) });
  const { page, close } = await stranger();
  for (const [{ url }, title, description] of [
    [await share(), "The sea & the sand", "Two weeks in July."],
    [await share({}, "images", images[2]), "Picture <3>", null],
  ]) {
    await page.goto(url);
    assert.equal(await meta(page, "og:title"), title);
    if (description) assert.equal(await meta(page, "og:description"), description);
    assert.equal(await meta(page, "og:url"), url);
    assert.equal(await meta(page, "twitter:card"), "summary_large_image");
    const picture = await meta(page, "og:image");
    assert.ok(picture.startsWith(`${url}/`), picture);
    // As a preview's robot fetches it: without a cookie, with no word on what it reads.
    const answer = await fetch(picture);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /^image\/jpeg/);
    const width = Number(await meta(page, "og:image:width"));
    const height = Number(await meta(page, "og:image:height"));
    assert.deepEqual([width, height], [900, 300]);
  }
  await close();
});

test("a password is asked for, wrong ones are refused, and the right one opens", { skip }, async () => {
  const { url } = await share({ password: "sea gull" });
  const { page, close } = await stranger();
  const answer = await page.goto(url);
  assert.equal(answer.status(), 401);
  assert.equal(await page.locator("meta[property='og:title']").count(), 0); // says nothing of what is behind
  await page.getByLabel("Password").fill("albatross");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("alert").waitFor();
  assert.ok(await page.getByLabel("Password").evaluate((field) => field.getAttribute("aria-invalid")));
  await page.getByLabel("Password").fill("sea gull");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "The sea & the sand" }).waitFor();
  await areShown(page);
  await close();
});

test("a link whose time is over says so", { skip }, async () => {
  const { url } = await share({ expires_in_sec: 1 });
  const { page, close } = await stranger();
  let answer = await page.goto(url);
  while (answer.status() === 200) answer = await page.reload();
  assert.equal(answer.status(), 410);
  await page.getByRole("heading", { name: /expired/ }).waitFor();
  await close();
});

test("it fits a phone, in light and dark, nothing in it keeps people out (axe) and nothing jumps", { skip }, async () => {
  const open = await share({ role: "downloader" });
  const locked = await share({ password: "sea gull" });
  const pages = [open.url, `${open.url}/${images[1]}`, locked.url, `${consoleUrl(server)}/s/none`];
  for (const [colorScheme, width] of [["light", 360], ["dark", 360], ["light", 1280]]) {
    const { page, close } = await stranger({ javaScriptEnabled: true, colorScheme, viewport: { width, height: 740 } });
    await page.addInitScript(() => {
      window.jumps = [];
      const tell = ({ value, sources }) => `${value}: ${sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join("; ")}`;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.jumps.push(tell(entry))))
        .observe({ type: "layout-shift", buffered: true });
    });
    for (const url of pages) {
      await page.goto(url);
      await areShown(page);
      await assertFits(page);
      await assertAccessible(page);
      assert.deepEqual(await page.evaluate(() => window.jumps), []);
    }
    await close();
  }
});
