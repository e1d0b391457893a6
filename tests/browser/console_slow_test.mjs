// The console over a slow line: what is not there yet has its place from the first moment, nothing moves when it comes,
// and an upload is told no further than it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, consoleUrl, openConsole } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { signUpAdmin } from "../support/queue.mjs";
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

async function slowDown(page, context) {
  const line = await context.newCDPSession(page);
  await line.send("Network.emulateNetworkConditions",
    { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 });
}

// Keeps what is shown while a page comes, and what of it moves.
const watch = () => {
  window.shown = { isLoading: false, alerts: [], moved: [] };
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries()) {
      window.shown.moved.push(...sources.map(({ node, previousRect: from, currentRect: to }) =>
        `${node?.outerHTML?.slice(0, 120) ?? node?.textContent}: ${JSON.stringify([from, to])}`));
    }
  }).observe({ type: "layout-shift", buffered: true });
  const look = () => {
    window.shown.isLoading ||= document.querySelector("[role=status][aria-label=Loading]") !== null;
    window.shown.alerts.push(...[...document.querySelectorAll("[role=alert]")].map((one) => one.textContent));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
};

async function userWithPages() {
  const user = await signUp(server);
  const images = [];
  for (let at = 0; at < 6; ++at) {
    images.push((await upload(user, scene(240 + 40 * at, 200, at), `${at}.png`)).body.image.id);
  }
  const { body: { album_id: album } } = await user.post("/v1/albums", { title: "Lakes" });
  await user.post(`/v1/albums/${album}/images`, { image_ids: images });
  await Promise.all(images.map((id) => user.json(`/v1/images/${id}?wait=60`))); // all that is made of them is there
  return { user, pages: ["/library", "/trash", `/pictures/${images[0]}`, "/albums", `/albums/${album}`, "/studio/relight",
    "/batches", "/wallet", "/developers/keys", "/developers/webhooks", "/developers/usage", "/account"] };
}

// All that is in sight has come: what is loaded, and the pictures.
const hasCome = () => document.querySelector("main h1") !== null &&
  document.querySelector("[role=status][aria-label=Loading]") === null &&
  [...document.images].every((one) => one.complete || one.loading === "lazy");

async function comesCalmly(page, path) {
  await page.goto(consoleUrl(server) + path, { waitUntil: "commit" });
  await page.waitForFunction(hasCome);
  const { isLoading, alerts, moved } = await page.evaluate(() => window.shown);
  assert.ok(isLoading, `${path} shows that it loads`);
  assert.deepEqual(alerts, [], path);
  assert.deepEqual(moved, [], path);
}

async function comeCalmly(user, pages, options) {
  const { page, context, close } = await openConsole(browser, server, "/account", { user, ...options });
  await page.addInitScript(watch);
  await slowDown(page, context);
  for (const path of pages) await comesCalmly(page, path);
  await close();
}

test("every kind of page holds its places until it has come, and nothing moves", { skip }, async () => {
  const { user, pages } = await userWithPages();
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  await Promise.all([
    comeCalmly(user, pages.slice(0, 6)),
    comeCalmly(user, pages.slice(6)),
    comeCalmly(user, pages, phone),
    comeCalmly(await signUpAdmin(server), ["/admin/users", "/admin/queue", "/admin/models", "/admin/stats"]),
  ]);
});

test("before there is a script the frame stands, and pictures have their ThumbHash before they come", { skip }, async () => {
  const { user } = await userWithPages();
  const { page, close } = await openConsole(browser, server, "/account", { user });
  let letGo;
  const isLetGo = new Promise((done) => { letGo = done; });
  await page.route(/\/assets\/.*\.js$|:view\?/, async (route) => {
    await isLetGo;
    await route.continue();
  });
  await page.goto(`${consoleUrl(server)}/library`, { waitUntil: "commit" });
  await page.getByRole("status", { name: "Loading" }).waitFor();
  assert.equal(await page.locator(".boot header").evaluate((one) => one.getBoundingClientRect().width), 208);
  letGo();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route(/:view\?/, () => undefined); // never
  await page.goto(`${consoleUrl(server)}/library`, { waitUntil: "commit" });
  const cells = page.getByRole("gridcell");
  await cells.nth(5).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("[role=gridcell]")].every((cell) => {
    const [hash, picture] = cell.querySelectorAll("img");
    return hash.src.startsWith("data:") && hash.naturalWidth > 0 && !picture.complete;
  }));
  await assertAccessible(page);
  await close();
});

test("an upload over a slow line is told as far as it has come, and is done when the server has it", { skip }, async () => {
  const user = await signUp(server);
  const { page, context, close } = await openConsole(browser, server, "/library", { user });
  await page.getByRole("heading", { name: "No pictures yet" }).waitFor();
  await page.evaluate(() => {
    window.told = [];
    new MutationObserver(() => {
      const bar = document.querySelector("section[aria-label=Uploads] li progress");
      const words = document.querySelector("section[aria-label=Uploads] li p")?.textContent;
      if (words && words !== window.told.at(-1)?.words) window.told.push({ words, share: bar?.value ?? null });
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
  });
  await slowDown(page, context);
  const bytes = scene(360, 240, 3);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await (await chooser).setFiles([{ name: "slow.png", mimeType: "image/png", buffer: bytes }]);
  await page.getByText("1 picture uploaded").first().waitFor();
  assert.equal((await user.json("/v1/images")).body.images.length, 1);
  const told = await page.evaluate(() => window.told);
  const shares = told.map(({ share }) => share).filter((share) => share !== null);
  assert.deepEqual(shares, [...shares].sort((one, other) => one - other), JSON.stringify(told));
  assert.ok(shares.some((share) => share > 0 && share < 1), JSON.stringify(told));
  await close();
});
