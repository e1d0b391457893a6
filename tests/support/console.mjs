// The console in a browser: somebody signed in, what they drop, and what a page must never do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const kPatienceMs = 120_000; // a machine that does much else is slow, and what never comes fails all the same

// Pictures are signed for the public host.
export const consoleUrl = (server) => `http://localhost:${new URL(server.url).port}`;

// A page of the console at this path: {page, context, close}. `close` fails where the page asked another host for
// anything or threw.
export async function openConsole(browser, server, path, { user, ...options } = {}) {
  const home = consoleUrl(server);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (user) {
    await context.addCookies([{ name: "next-auth.session-token", value: user.token, url: home, httpOnly: true, sameSite: "Lax" }]);
  }
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  const problems = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:"].includes(url.protocol) && url.origin !== home) problems.push(request.url());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(home + path);
  return { page, context, close: async () => {
    await context.close();
    assert.deepEqual(problems, []);
  } };
}

// Drops files on the page, as from another window: [{name, type, bytes}].
export async function drop(page, files) {
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  const data = await page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of files) {
      data.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name, { type }));
    }
    return data;
  }, files.map(({ name, type = "image/png", bytes }) => ({ name, type, base64: bytes.toString("base64") })));
  await page.waitForFunction((dataTransfer) => { // said again and again, as by every browser
    document.body.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer }));
    return document.body.innerText.includes("Drop to add");
  }, data);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

// Holds the page's next answer from there back, as the server gave it: {given, letGo}.
export async function holdAnswer(page, url) {
  let [give, letGo] = [];
  const given = new Promise((done) => { give = done; });
  const isLetGo = new Promise((done) => { letGo = done; });
  await page.route(url, async (route) => {
    const response = await route.fetch();
    give();
    await isLetGo;
    await route.fulfill({ response });
  }, { times: 1 });
  return { given: page.waitForRequest(url).then(() => given), letGo };
}

// From now on a notice on the page stays until it is used: time stands still for one that is pointed at.
export const holdNotices = (page) => page.evaluate(() => new MutationObserver(() => {
  for (const button of document.querySelectorAll("[role=status] [aria-label=Dismiss]:not([data-held])")) {
    button.dataset.held = "";
    button.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  }
}).observe(document.body, { childList: true, subtree: true }));

// Nothing on this page keeps people out, as far as axe sees. What is evaluated passes by the page's policy.
export async function assertAccessible(page) {
  await page.emulateMedia({ reducedMotion: "reduce" }); // a colour on its way to another is nobody's
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`), []);
}

export async function assertFits(page) {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
}
