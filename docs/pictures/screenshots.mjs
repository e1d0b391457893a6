// Takes the pictures of the console for the documentation: the real program, a real browser, pictures drawn by scenes.js.
//     node docs/pictures/screenshots.mjs [OUT]      TINTYPE_BINARY names the program; OUT is docs/pictures when it is left out
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "../../tests/support/browser.mjs";
import { openConsole } from "../../tests/support/console.mjs";
import { root, settled, signUp, startServer, upload } from "../../tests/support/server.mjs";

const out = process.argv[2] ?? join(root, "docs/pictures");
const kWide = { viewport: { width: 1440, height: 900 } };

async function drawn(browser) {
  const page = await browser.newPage();
  const source = readFileSync(join(root, "docs/pictures/scenes.js"), "utf8").replaceAll("export ", "");
  await page.addScriptTag({ content: `${source}; Object.assign(window, { scene, sceneCount });` });
  const pictures = [];
  for (let at = 0; at < (await page.evaluate(() => sceneCount)); ++at) {
    const { url, name } = await page.evaluate((number) => scene(number), at);
    pictures.push({ name, bytes: Buffer.from(url.slice(url.indexOf(",") + 1), "base64") });
  }
  await page.close();
  return pictures;
}

// The page as it is when every picture on it has come and nothing moves any more.
async function still(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => [...document.images].every((image) => image.complete) &&
    document.getAnimations().every(({ playState }) => playState !== "running"));
}

async function take(browser, server, user, name, path, options, prepare = async () => undefined) {
  const { page, close } = await openConsole(browser, server, path, { user, ...kWide, ...options });
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await prepare(page);
  await still(page);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(out, `${name}.jpg`), type: "jpeg", quality: 88 });
  await close();
}

const server = await startServer({ set: { "wallet.initial": 100 } });
const browser = await launchBrowser();
try {
  const user = await signUp(server, "ann@example.org");
  const ids = {};
  for (const { name, bytes } of (await drawn(browser)).reverse()) {
    const { body: { image } } = await upload(user, bytes, name);
    ids[name] = image.id;
    await server.logged("job_succeeded", { operation: "variants", image: image.id });
  }
  const chosen = ids["fruit-dusk.jpg"];
  await user.post("/api/images/enhance", { imageId: chosen, tier: "TIER_4K" });
  await settled(user, chosen);

  await take(browser, server, user, "console-library", "/library");
  await take(browser, server, user, "console-picture", `/pictures/${chosen}`, { colorScheme: "dark" }, async (page) => {
    await page.getByRole("button", { name: "Compare" }).last().click();
    await page.getByRole("slider", { name: "Original and result" }).waitFor();
  });
  await take(browser, server, user, "console-studio", `/studio/relight?image=${chosen}`, {},
    (page) => page.getByText("Preview, small and free").waitFor());
  await take(browser, server, user, "console-phone", "/library",
    { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
} finally {
  await browser.close();
  await server.stop();
}
