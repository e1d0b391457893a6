// The console's library of 100,000 pictures: what each way through it costs the page, in time of the main thread on a
// core (so that other programs on the machine do not count), and whether anything in it moves by itself.
//   node bench/library.mjs [PICTURES]      needs Debian's chromium and sqlite3; TINTYPE_BINARY names the program
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { launchBrowser } from "../tests/support/browser.mjs";
import { consoleUrl, openConsole } from "../tests/support/console.mjs";
import { scene } from "../tests/support/pictures.mjs";
import { signUp, upload } from "../tests/support/server.mjs";
import { startOurs } from "./harness.mjs";

const count = Number(process.argv[2] ?? 100_000);
const kShapes = [[300, 200], [200, 300], [240, 240], [320, 180], [300, 200], [400, 160]];
const kYears = 6;

// Real pictures, and rows that stand for `count` more: they have the files of these.
async function fill(server, user) {
  for (const [at, [width, height]] of kShapes.entries()) {
    const { body } = await upload(user, scene(width, height, at + 1), `${at}.png`);
    for (let state = ""; state !== "ready"; state = (await user.json(`/v1/images/${body.image.id}`)).body.status);
  }
  const sql = (text) => execFileSync("sqlite3", ["-cmd", ".timeout 60000", join(server.folder, "data/tintype.db"), text],
    { encoding: "utf8" });
  const columns = (table, ...but) => sql(`SELECT group_concat(name) FROM pragma_table_info('${table}')`).trim().split(",")
    .filter((name) => !but.includes(name)).join(", ");
  const own = "id, name, object_key, created_at_ms".split(", ");
  const image = columns("images", ...own), variant = columns("variants", "image_id");
  sql(`
    CREATE TEMP TABLE kinds AS SELECT row_number() OVER (ORDER BY created_at_ms) - 1 AS kind, id FROM images;
    CREATE TEMP TABLE more AS
      WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${count - kShapes.length})
      SELECT at, 'img_' || printf('%022d', at) AS new_id, (at * 7919) % ${kShapes.length} AS kind FROM n;
    BEGIN;
    INSERT INTO images (${own}, ${image}) SELECT new_id, at || '.png', 'images/' || new_id || '/o.png',
      created_at_ms - at * ${Math.floor(kYears * 365.25 * 86_400_000 / count)}, ${image}
      FROM more JOIN kinds USING (kind) JOIN images USING (id);
    INSERT INTO variants (image_id, ${variant}) SELECT new_id, ${variant}
      FROM more JOIN kinds USING (kind) JOIN variants ON image_id = id;
    UPDATE storage_usage SET images = images + ${count - kShapes.length};
    COMMIT;`);
}

// What `act` cost: tasks of the page's main thread by their time on a core, and what moved.
async function measure(page, cdp, label, act) {
  const events = [];
  const hear = ({ value }) => events.push(...value);
  cdp.on("Tracing.dataCollected", hear);
  await page.evaluate(() => { window.shifts = []; window.asked = performance.getEntriesByType("resource").length; });
  await cdp.send("Tracing.start", { categories: "toplevel,devtools.timeline", transferMode: "ReportEvents" });
  const began = performance.now();
  await act();
  const took = performance.now() - began;
  const ended = new Promise((done) => cdp.once("Tracing.tracingComplete", done));
  await cdp.send("Tracing.end");
  await ended;
  cdp.off("Tracing.dataCollected", hear);
  // The renderer's main thread is the one on which scripts ran.
  const { pid, tid } = events.find(({ name }) => name === "FunctionCall") ?? {};
  const tasks = events.filter((one) => one.name.endsWith("RunTask") && one.pid === pid && one.tid === tid && one.tdur)
    .map(({ tdur }) => tdur / 1000).sort((a, b) => b - a);
  await page.evaluate(() => window.gc());
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 2 ** 20);
  const { shifts, cells, requests } = await page.evaluate(() => ({ shifts: window.shifts,
    cells: document.querySelectorAll("[role=gridcell]").length,
    requests: performance.getEntriesByType("resource").slice(window.asked)
      .filter(({ name }) => /v1\/images(\?|:outline)/.test(name)).length }));
  const moved = shifts.reduce((sum, { value }) => sum + value, 0);
  console.log(`${label.padEnd(34)} longest ${(tasks[0] ?? 0).toFixed(0).padStart(4)} ms, over 50 ms: ` +
    `${tasks.filter((one) => one > 50).length}, all ${tasks.reduce((sum, one) => sum + one, 0).toFixed(0).padStart(5)} ms; ` +
    `shift ${moved.toFixed(3)}; ${cells} cells, heap ${heap.toFixed(0)} MB, ${requests} calls, ${(took / 1000).toFixed(1)} s`);
  for (const { value, sources } of shifts.slice(0, 3)) console.log(`  ${value.toFixed(3)} by ${sources.join("; ")}`);
}

const server = await startOurs();
const user = await signUp(server);
await fill(server, user);
const browser = await launchBrowser(["--js-flags=--expose-gc", "--enable-precise-memory-info"]);
const { page, context } = await openConsole(browser, server, "/account", { user, viewport: { width: 1440, height: 900 } });
await page.addInitScript(() => {
  window.shifts = [];
  performance.setResourceTimingBufferSize(100_000);
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const tell = ({ node, previousRect: from, currentRect: to }) =>
        `${node?.nodeName}.${node?.className} from ${from.top},${from.left} to ${to.top},${to.left}`;
      window.shifts.push({ value, sources: sources.map(tell) });
    }
  }).observe({ type: "layout-shift", buffered: true });
});
const cdp = await context.newCDPSession(page);
const first = () => page.locator("[role=gridcell] [data-state=shown]").first().waitFor();
const shown = (name) => page.locator(`[role=gridcell] [data-state=shown] img[alt="${name}"]`).waitFor();
const total = () => page.getByText(`${count.toLocaleString("en")} pictures`, { exact: true }).waitFor();
const frames = (n) => page.evaluate(async (n) => { while (n-- > 0) await new Promise(requestAnimationFrame); }, n);
const newest = `${kShapes.length - 1}.png`, oldest = `${count - kShapes.length}.png`;
const scroll = (y) => page.evaluate((y) => scrollTo(0, y * document.documentElement.scrollHeight), y);
const wheel = (steps, dy) => async () => {
  for (let step = 0; step < steps; ++step) await page.mouse.wheel(0, dy), await frames(1);
  await frames(10);
};

const step = (label, act) => measure(page, cdp, label, act);

await step("open, to the first picture", async () => {
  await page.goto(`${consoleUrl(server)}/library`);
  await first();
});
await step("until all are known", total);
await page.mouse.move(700, 500);
await step("wheel, 60 px a frame", wheel(60, 60));
await step("wheel, 500 px a frame", wheel(60, 500));
await step("scroll to the very end", async () => { await scroll(1); await shown(oldest); });
await step("wheel up from there, 60 px", wheel(60, -60));
await step("wheel up from there, 2,000 px", wheel(60, -2_000));
await step("drag the scroll bar, 30 places", async () => {
  for (let at = 30; at >= 1; --at) await scroll(at / 31), await frames(1);
  await frames(20);
});
await scroll(0);
await shown(newest);
await page.locator("[role=gridcell] a").first().focus();
const jump = (key, to) => async () => {
  await page.keyboard.press(key);
  await shown(to);
};
await step("Ctrl+End", jump("Control+End", oldest));
await step("Ctrl+Home", jump("Control+Home", newest));
await step("Ctrl+End again", jump("Control+End", oldest));
await step("page up, ten times", async () => {
  for (let at = 0; at < 10; ++at) await page.keyboard.press("PageUp"), await frames(3);
});
const resize = async (width) => {
  await page.setViewportSize({ width, height: 900 });
  await frames(1);
};
await step("resize there, 1440 to 1200", async () => {
  await resize(1200);
  await frames(30);
});
await step("resize there, 24 steps", async () => {
  for (let at = 1; at <= 24; ++at) await resize(1200 - 30 * at);
  await frames(20);
});
await step("choose all, and none", async () => {
  await page.keyboard.press("Control+a");
  await page.getByRole("region", { name: "Selected pictures" }).waitFor();
  await page.keyboard.press("Escape");
  await frames(5);
});
await browser.close();
await server.stop();
