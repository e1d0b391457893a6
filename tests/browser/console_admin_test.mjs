// Administration in the console, by an operator, over a server whose jobs wait, run and fail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, consoleUrl, openConsole } from "../support/console.mjs";
import { modelShelf } from "../support/models.mjs";
import { scene } from "../support/pictures.mjs";
import { board, fail, kAdminKey, signUpAdmin, submit } from "../support/queue.mjs";
import { settled, signUp, startServer, upload } from "../support/server.mjs";

const skip = missingBrowser();

let server, browser, shelf, user, admin, failed;

before(async () => {
  if (skip) return;
  shelf = await modelShelf();
  server = await startServer({ set: { "limits.enabled": false, "auth.admin_key": kAdminKey, ...shelf.set } });
  browser = await launchBrowser();
  user = await signUp(server);
  admin = await signUpAdmin(server);
  failed = await fail(server, user);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await shelf?.close();
});

const open = (path, options = {}) => openConsole(browser, server, path, { user: admin, ...options });
const lane = (page, name) => page.getByRole("article", { name });
const row = (page, text) => page.getByRole("row").filter({ hasText: text });

test("it is for users with the role admin alone", { skip }, async () => {
  const { page, close } = await open("/admin/queue", { user });
  await page.getByRole("heading", { name: "This is not yours to see" }).waitFor();
  await page.getByText("tintype admin user role").waitFor();
  assert.equal(await page.getByRole("link", { name: "Admin" }).count(), 0);
  await assertAccessible(page);
  await close();
});

test("a user is found, granted tokens and a plan, banned and let in again, all with reasons that are kept", { skip }, async () => {
  const one = await signUp(server);
  const { page, close } = await open("/library");
  await page.getByRole("link", { name: "Admin" }).click();
  await page.getByLabel("Search by e-mail").fill(one.email);
  await page.getByText("1 to 1 of 1").waitFor();
  await page.getByRole("link", { name: one.email }).click();

  await page.getByRole("button", { name: "Grant tokens" }).click();
  await page.getByLabel("Tokens", { exact: true }).fill("250");
  await page.getByLabel("Reason").fill("For the exhibition");
  await page.getByRole("button", { name: "Grant", exact: true }).click();
  const granted = row(page, "For the exhibition");
  await granted.waitFor();
  assert.match(await granted.textContent(), /\+250.*350/);
  assert.equal((await one.json("/api/tokens/balance")).body.available, 350);

  await page.getByRole("button", { name: "Remove tokens" }).click();
  await page.getByLabel("Tokens", { exact: true }).fill("50");
  await page.getByLabel("Reason").fill("Too many");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await row(page, "Too many").waitFor();

  await page.getByLabel("Plan").selectOption("professional");
  await page.getByText("The plan is professional now").waitFor();

  await page.getByRole("button", { name: "Ban", exact: true }).click();
  await page.getByLabel("Reason").fill("Spam");
  await page.getByRole("dialog").getByRole("button", { name: "Ban" }).click();
  await page.getByRole("button", { name: "Lift the ban" }).waitFor();
  assert.equal((await one.json("/api/tokens/balance")).status, 403);
  await page.getByRole("button", { name: "Lift the ban" }).click();
  await page.getByText("may sign in again").waitFor();

  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByLabel("Whom it concerns").fill(one.id);
  await row(page, "unban").waitFor();
  for (const said of ["For the exhibition", "Too many", "Spam", "set plan"]) await row(page, said).waitFor();
  await row(page, "create user").waitFor({ state: "detached" }); // of others
  await close();
});

test("lanes are paused and resumed, and a failed job is tried again by the keyboard", { skip }, async () => {
  const { page, close } = await open("/admin/queue");
  await lane(page, "Background").getByRole("button", { name: "Pause" }).click();
  await lane(page, "Background").getByText(/Paused since .* by/).waitFor();
  await lane(page, "Background").getByRole("button", { name: "Resume" }).click();
  await lane(page, "Background").getByText(/Paused since/).waitFor({ state: "detached" });

  await page.getByRole("radio", { name: "Failed" }).check();
  const job = row(page, failed.jobId);
  await job.waitFor();
  assert.match(await job.textContent(), /enhance.*enhancement/);
  await job.getByRole("button", { name: `Retry ${failed.jobId}` }).focus();
  await page.keyboard.press("Enter");
  await job.waitFor({ state: "detached" });
  assert.equal((await settled(user, failed.imageId)).jobs[0].status, "COMPLETED");
  await page.getByRole("radio", { name: "Done" }).check();
  await job.waitFor();
  await close();
});

test("what changes elsewhere is seen without a reload, and draining asks first", { skip }, async () => {
  await board(server).post("/pause", { lane: "operations" });
  const { page, close } = await open("/admin/queue");
  await lane(page, "Operations").getByText(/Paused since .* by admin key/).waitFor();
  const { body } = await upload(user, scene(40, 30, 5));
  const jobId = await submit(user, body.image.id);
  const status = async () => (await user.json(`/api/jobs/${jobId}`)).body.job.status;
  await row(page, jobId).waitFor();
  const drain = lane(page, "Operations").getByRole("button", { name: "Drain" });
  await drain.click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel", exact: true }).click();
  assert.equal(await status(), "PENDING");
  await drain.click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await status(), "PENDING");
  await page.getByRole("button", { name: "Drain enhance" }).click();
  await page.getByRole("dialog", { name: "Drain enhance?" }).getByRole("button", { name: "Cancel them" }).click();
  await row(page, jobId).waitFor({ state: "detached" });
  assert.equal(await status(), "CANCELLED");

  const another = await submit(user, body.image.id);
  await page.getByRole("button", { name: `Cancel ${another}` }).click();
  await page.getByText("2 tokens given back").waitFor();
  await lane(page, "Operations").getByRole("button", { name: "Resume" }).click();
  await lane(page, "Operations").getByText(/Paused since/).waitFor({ state: "detached" });
  await close();
});

test("the configuration is searched, says where a value comes from, and shows no secret", { skip }, async () => {
  const { page, close } = await open("/admin/config");
  await page.getByLabel("Only what was set").check();
  const setting = page.locator("[data-setting='limits.enabled']");
  await setting.getByText("from the command line").waitFor();
  await setting.getByText("false", { exact: true }).waitFor();
  assert.ok(!(await page.textContent("main")).includes(kAdminKey));
  await page.getByLabel("Find a setting").fill("admin key");
  await page.locator("[data-setting='auth.admin_key']").waitFor();
  await setting.waitFor({ state: "detached" });
  await close();
});

test("a model is added from its file, used by a size, and removed", { skip }, async () => {
  const { page, close } = await open("/admin/models");
  await page.getByRole("button", { name: "Add from files" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a model from its files" });
  const files = (...sent) => dialog.getByLabel("Files").setInputFiles(sent.map(([name, buffer]) =>
    ({ name, mimeType: "application/octet-stream", buffer })));
  await files(["Broken one.pth", Buffer.from("no network")]);
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Broken-one");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await files(["net.pth", shelf.network]);
  await dialog.getByLabel("Name").fill("my-net");
  await dialog.getByLabel("Licence").fill("MIT");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("my-net is installed").waitFor();
  await row(page, "my-net").getByText("MIT").waitFor();
  await page.getByLabel("Enhance to 1K").selectOption("my-net");
  await row(page, "my-net").getByText("Enhance to 1K").waitFor();
  await page.getByLabel("Enhance to 1K").selectOption("");
  await row(page, "my-net").getByText("Enhance to 1K").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove my-net" }).click();
  await page.getByRole("dialog", { name: "Remove my-net?" }).getByRole("button", { name: "Remove" }).click();
  await row(page, "my-net").waitFor({ state: "detached" });
  await close();
});

test("each of its pages fits a phone, and nothing in them keeps people out (axe)", { skip }, async () => {
  const { body: { stats } } = await admin.json("/api/admin/users");
  const pages = [["users", user.email], [`users/${user.id}`, "spent"], ["queue", "By operation and age"], ["models", "Catalogue"],
    ["audit", "set role"], ["stats", `${stats.active} active`], ["config", "auth.admin_key"]];
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    const { page, close } = await open("/admin", { colorScheme, viewport: { width, height: 740 }, reducedMotion: "reduce" });
    for (const [path, said] of pages) {
      await page.goto(`${consoleUrl(server)}/admin/${path}`);
      await page.getByText(said).first().waitFor();
      await assertFits(page);
      await assertAccessible(page);
    }
    await close();
  }
});
