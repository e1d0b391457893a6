// The console in a browser, as somebody who is signed in.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// Pictures are signed for the public host, and the page's policy takes them from its own alone.
export const consoleUrl = (server) => `http://localhost:${new URL(server.url).port}`;

// A page of the console at this path: {page, context, close}. `close` fails where the page asked another host for
// anything or threw.
export async function openConsole(browser, server, path, { user, ...options } = {}) {
  const home = consoleUrl(server);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (user) await context.addCookies([{ name: "next-auth.session-token", value: user.token, url: home, httpOnly: true }]);
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

// Nothing on this page keeps people out, as far as axe sees.
export async function assertAccessible(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`), []);
}

export async function assertFits(page) {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
}
