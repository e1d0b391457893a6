// The console in a browser: somebody signed in, what they drop, and what a page must never do.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// Opens the console at `path` as this user. `close` fails when the page threw or asked anybody but `origin`.
export async function openConsole(browser, origin, user, path = "/library", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.addCookies([{ name: "next-auth.session-token", value: user.token, url: origin, httpOnly: true, sameSite: "Lax" }]);
  const page = await context.newPage();
  const problems = [];
  const isOurs = (url) => url.startsWith(origin) || /^(blob|data):/.test(url);
  page.on("request", (request) => isOurs(request.url()) || problems.push(request.url()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(origin + path);
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return { page, context, close: async () => {
    await context.close();
    assert.deepEqual(problems, []);
  } };
}

// Drops files on the page, as from another window: [{name, type, bytes}].
export async function drop(page, files) {
  const data = await page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of files) {
      data.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name, { type }));
    }
    return data;
  }, files.map(({ name, type = "image/png", bytes }) => ({ name, type, base64: bytes.toString("base64") })));
  await page.dispatchEvent("body", "dragover", { dataTransfer: data });
  await page.getByText("Drop to add").waitFor({ timeout: 10_000 });
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

// What keeps people out of the page as it is now: nothing may. The context must have been opened with `bypassCSP`.
export async function accessible(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
}
