// The reference in a real browser: it asks for nothing from elsewhere, shows every operation that the server describes,
// its code runs as it stands, and its console sends what the form says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { kPatienceMs } from "../support/console.mjs";
import { scene } from "../support/pictures.mjs";
import { kAdminKey } from "../support/queue.mjs";
import { signUp, startServer } from "../support/server.mjs";

const skip = missingBrowser();
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const run = promisify(execFile);

let server, browser, user, folder, descriptions;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.enabled": false, "auth.admin_key": kAdminKey } });
  browser = await launchBrowser();
  user = await signUp(server);
  folder = await mkdtemp(join(tmpdir(), "tintype-docs-page-"));
  await writeFile(join(folder, "photo.jpg"), scene());
  const { descriptions: listed } = await (await fetch(`${server.url}/openapi.json`)).json();
  descriptions = await Promise.all(listed.map(async ({ url }) => ({ url, name: url.match(/(\w+)\.json$/)[1],
    api: await (await fetch(server.url + url)).json() })));
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

// A page of its own that must ask for nothing from elsewhere and must not complain.
async function open(hash = "#/", options = {}) {
  const { bypassCSP, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...rest, bypassCSP });
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  const problems = [];
  page.on("request", (request) => new URL(request.url()).origin === server.url || request.url().startsWith("blob:") ||
    problems.push(`asked for ${request.url()}`));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) &&
    problems.push(message.text()));
  await page.goto(`${server.url}/api/v1/docs${hash}`);
  if (rest.javaScriptEnabled !== false) await page.waitForSelector("html[data-ready]");
  return { page, close: async () => {
    await context.close();
    assert.deepEqual(problems, []);
  } };
}

const show = async (page, surface, id) => {
  await page.evaluate((hash) => { location.hash = hash; }, `#/${surface}/${id}`);
  await page.waitForSelector(`[data-operation="${id}"]`);
};

const codeOf = async (page, language) => {
  await page.click(`.languages button:text-is("${language}")`);
  return page.textContent(".code-place pre");
};

test("every operation of every description is shown, with its code in three languages", { skip }, async () => {
  const { page, close } = await open();
  let count = 0;
  for (const { name, api } of descriptions) {
    for (const methods of Object.values(api.paths)) {
      for (const operation of Object.values(methods)) {
        await show(page, name, operation.operationId);
        const text = await page.textContent("main");
        if (operation.summary) assert.ok(text.includes(operation.summary), operation.operationId);
        for (const status of Object.keys(operation.responses)) assert.ok(text.includes(status), operation.operationId);
        for (const [language, word] of [["cURL", "curl "], ["JavaScript", "fetch("], ["Python", "requests."]]) {
          assert.ok((await codeOf(page, language)).includes(word), `${operation.operationId} ${language}`);
        }
        const here = await page.getAttribute("#contents a[aria-current]", "href");
        assert.equal(here, `#/${name}/${operation.operationId}`);
        ++count;
      }
    }
  }
  assert.ok(count > 90, `${count}`);
  await close();
});

test("the code runs as it stands", { skip }, async () => {
  const { page, close } = await open();
  const python = await run("python3", ["-c", "import requests"]).then(() => true, () => false);
  const env = { ...process.env, TINTYPE_KEY: user.token, TINTYPE_ADMIN_KEY: kAdminKey };
  const runners = {
    cURL: (code) => run("bash", ["-c", `${code} -sS -w ' %{http_code}'`], { cwd: folder, env }),
    JavaScript: async (code) => {
      await writeFile(join(folder, "code.mjs"), code);
      return run(process.execPath, ["code.mjs"], { cwd: folder, env });
    },
    ...(python && { Python: (code) => run("python3", ["-c", code], { cwd: folder, env: { ...env, no_proxy: "*" } }) }),
  };
  const operations = [["enhancement", "listImages", 200], ["enhancement", "uploadImage", 200],
    ["enhancement", "createAlbum", 200], ["enhancement", "getBalance", 200], ["hosting", "announceImage", 201],
    ["hosting", "searchImages", 200], ["admin", "getQueue", 200], ["admin", "pauseQueue", 200], ["admin", "resumeQueue", 200],
    ["enhancement", "getHealth", 200]];
  for (const [surface, id, status] of operations) {
    await show(page, surface, id);
    for (const [language, runner] of Object.entries(runners)) {
      const code = await codeOf(page, language);
      const { stdout, stderr } = await runner(code);
      assert.match(stdout, new RegExp(`\\b${status}\\b`), `${id} in ${language}:\n${code}\n${stdout}${stderr}`);
    }
  }
  await close();
});

test("the console sends what the form says, with a session token that stays in the tab", { skip }, async () => {
  const { page, close } = await open("#/enhancement/uploadImage");
  await page.fill("[data-credential=bearer]", user.token);
  await page.setInputFiles("[data-part=file]", join(folder, "photo.jpg"));
  await page.click(".console button.main");
  await page.waitForSelector("[data-status='200']");
  const uploaded = JSON.parse(await page.textContent(".answer-place pre"));
  assert.equal(uploaded.image.name, "photo.jpg");

  await show(page, "enhancement", "getImage");
  assert.equal(await page.inputValue("[data-credential=bearer]"), user.token);
  await page.fill("[data-parameter=id]", uploaded.image.id);
  assert.ok((await codeOf(page, "cURL")).includes(`/api/images/${uploaded.image.id}`), "the code follows the form");
  assert.ok(!(await codeOf(page, "cURL")).includes(user.token), "the key stays out of the code");
  await page.keyboard.press("Tab");
  await page.focus("[data-parameter=id]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-status='200']");

  await show(page, "enhancement", "enhanceImage");
  await page.fill(".console textarea", "{}");
  await page.click(".console button.main");
  await page.waitForSelector("[data-status='400']");
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), "{}");
  await close();
});

test("the search finds calls by their words, by the keyboard alone", { skip }, async () => {
  const { page, close } = await open();
  await page.keyboard.press("/");
  await page.keyboard.type("cancel job");
  await page.waitForFunction(() => /calls found/.test(document.querySelector("[role=status]").textContent));
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-operation]");
  assert.match(await page.getAttribute("[data-operation]", "data-operation"), /cancel/i);
  await close();
});

test("a phone shows it without scrolling sideways, and hides the list until it is asked for", { skip }, async () => {
  const { page, close } = await open("#/hosting/announceImage", { viewport: { width: 360, height: 740 } });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  assert.ok(!await page.isVisible("#contents"));
  await page.click("#contents-button");
  await page.click('#contents a[href="#/hosting/listImages"]');
  await page.waitForSelector('[data-operation="listImages"]');
  assert.ok(!await page.isVisible("#contents"));
  for (const hash of ["#/", "#/enhancement", "#/admin/getQueue"]) {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await page.waitForFunction((to) => location.hash === to, hash);
    assert.ok(await fits(), hash);
  }
  await close();
});

test("without JavaScript the page leads to every description", { skip }, async () => {
  const { page, close } = await open("", { javaScriptEnabled: false });
  const links = await page.locator("main a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.deepEqual(links.sort(), descriptions.map(({ url }) => url).sort());
  await close();
});

test("nothing in it keeps people out (axe)", { skip }, async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open("#/", { colorScheme, bypassCSP: true, reducedMotion: "reduce" });
    await page.addScriptTag({ path: axe });
    for (const hash of ["#/", "#/hosting", "#/enhancement/uploadImage", "#/hosting/announceImage", "#/admin/listQueueJobs"]) {
      await page.evaluate((to) => { location.hash = to; }, hash);
      await page.waitForFunction((to) => document.title && location.hash === to, hash);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${hash} ${id}: ${nodes[0].html}`), []);
    }
    await close();
  }
});

test("the page is served as one that runs nothing from elsewhere, and is kept", { skip }, async () => {
  const page = await fetch(`${server.url}/api/v1/docs`);
  assert.match(page.headers.get("content-security-policy"), /^default-src 'none'/);
  assert.ok(!page.headers.get("content-security-policy").includes("unsafe"));
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const again = await fetch(`${server.url}/api/v1/docs`, { headers: { "If-None-Match": page.headers.get("etag") } });
  assert.equal(again.status, 304);
});
