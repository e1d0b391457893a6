// Signing up and in, and the account page, as a user has them: by the keyboard, with what goes wrong, and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, missingBrowser } from "../support/browser.mjs";
import { assertAccessible, assertFits, consoleUrl, openConsole } from "../support/console.mjs";
import { signUpAdmin } from "../support/queue.mjs";
import { signUp, startServer } from "../support/server.mjs";

const skip = missingBrowser();
const kPassword = "correct horse battery";

let server, browser;

before(async () => {
  if (skip) return;
  server = await startServer({ set: { "limits.password_tries_per_address": 1000, "limits.password_tries": 6 } });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const field = (page, name) => page.getByLabel(name, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });

async function signInBy(page, email, password) {
  await field(page, "E-mail").fill(email);
  await field(page, "Password").fill(password);
  await page.keyboard.press("Enter");
}

// A session of this user from another program.
async function signInElsewhere(user, agent, password = kPassword) {
  const answer = await fetch(`${server.url}/auth/v1/token?grant_type=password`, { method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": agent }, body: JSON.stringify({ email: user.email, password }) });
  return { status: answer.status, token: (await answer.json()).session_token };
}

const statusWith = async (token) =>
  (await fetch(`${server.url}/api/account`, { headers: { Authorization: `Bearer ${token}` } })).status;

test("one signs up by the keyboard alone, is told how strong the password is, and finds oneself in the library", { skip }, async () => {
  const { page, close } = await openConsole(browser, server, "/sign-up");
  await field(page, "Name").focus();
  await page.keyboard.type("Ann");
  await page.keyboard.press("Tab");
  await page.keyboard.type("ann@example.org");
  await page.keyboard.press("Tab");
  await page.keyboard.type("password1");
  await page.getByText(/^Weak/).waitFor();
  await field(page, "Password").fill(kPassword);
  await page.getByText(/^Strong/).waitFor();
  await button(page, "Show: Password").press("Enter");
  assert.equal(await field(page, "Password").getAttribute("type"), "text");
  await button(page, "Hide: Password").press("Enter");
  await field(page, "Password").press("Enter");
  await page.getByRole("heading", { name: "Library" }).waitFor();
  await page.getByRole("link", { name: "Account" }).click();
  assert.equal(await field(page, "Name").inputValue(), "Ann");
  await page.getByRole("listitem").filter({ hasText: "This one" }).waitFor();
  await button(page, "Sign out").click();
  await page.getByRole("heading", { name: "Sign in to Tintype" }).waitFor();
  await close();
});

test("a taken e-mail and a wrong password are said, what was typed stays, and one arrives where one wanted to", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/wallet");
  await page.getByRole("link", { name: "Make an account" }).click();
  await field(page, "E-mail").fill(user.email);
  await field(page, "Password").fill(kPassword);
  await button(page, "Make the account").click();
  await page.getByText("There is an account with this e-mail already").waitFor();
  await page.goto(`${consoleUrl(server)}/wallet`);
  assert.equal(await field(page, "E-mail").inputValue(), user.email);
  await signInBy(page, user.email, "a wrong one");
  await page.getByText("This e-mail and this password do not belong together").waitFor();
  await signInBy(page, user.email, kPassword);
  await page.getByRole("heading", { name: "Wallet" }).waitFor();
  await close();
});

test("after too many tries the button waits for the time that the server says", { skip }, async () => {
  const user = await signUp(server);
  for (let at = 0; at < 6; ++at) await signInElsewhere(user, "curl/8.5.0", "a wrong one");
  const { page, close } = await openConsole(browser, server, "/sign-in");
  await signInBy(page, user.email, kPassword);
  await page.getByText(/You can try again in \d+/).waitFor();
  assert.ok(await button(page, "Sign in").isDisabled());
  await close();
});

test("where signing up is closed, the page says so and asks for nothing", { skip }, async () => {
  const closed = await startServer({ set: { "auth.signup": "closed" } });
  const { page, close } = await openConsole(browser, closed, "/sign-up");
  await page.getByText("On this server nobody makes an account alone").waitFor();
  assert.equal(await page.getByRole("textbox").count(), 0);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByText("Accounts here are made by whoever runs this server").waitFor();
  await close();
  await closed.stop();
});

test("name, e-mail and password are changed; another e-mail and another password ask for the present one", { skip }, async () => {
  const user = await signUp(server);
  const elsewhere = (await signInElsewhere(user, "curl/8.5.0")).token;
  const { page, close } = await openConsole(browser, server, "/account", { user });
  await field(page, "Name").fill("Ann Example");
  await page.keyboard.press("Enter");
  await page.getByText("Your name is changed").waitFor();
  assert.equal((await user.json("/api/account")).body.account.name, "Ann Example");

  const email = `moved-${user.email}`;
  await field(page, "E-mail").fill(email);
  await field(page, "Your password").fill("a wrong one");
  await button(page, "Change the e-mail").click();
  await page.getByText("This is not your password").waitFor();
  await field(page, "Your password").fill(kPassword);
  await button(page, "Change the e-mail").click();
  await page.getByText("From now on you sign in with the new address").waitFor();
  assert.equal((await user.json("/api/account")).body.account.email, email);

  await field(page, "Present password").fill(kPassword);
  await field(page, "New password").fill("an even better battery");
  await page.keyboard.press("Enter");
  await page.getByText("signed out everywhere else").waitFor();
  assert.equal(await statusWith(elsewhere), 401);
  assert.equal(await statusWith(user.token), 200);
  assert.equal((await signInElsewhere({ email }, "curl/8.5.0", "an even better battery")).status, 200);
  await close();
});

test("sessions are named by their devices and end one by one, or all but this", { skip }, async () => {
  const user = await signUp(server);
  const phone = (await signInElsewhere(user,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1")).token;
  const program = (await signInElsewhere(user, "curl/8.5.0")).token;
  const { page, close } = await openConsole(browser, server, "/account", { user });
  const row = page.getByRole("listitem").filter({ hasText: "Safari on iPhone" });
  assert.match(await row.textContent(), /127\.0\.0\.1.*last used/);
  await button(page, "Sign out Safari on iPhone").click();
  await row.waitFor({ state: "detached" });
  assert.equal(await statusWith(phone), 401);
  assert.equal(await statusWith(program), 200);

  await button(page, "Sign out everywhere else").click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await statusWith(program), 200);
  await button(page, "Sign out everywhere else").click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("curl 8.5.0").waitFor({ state: "detached" });
  assert.equal(await statusWith(program), 401);
  await close();
});

test("a theme that is chosen holds through a reload, and space is measured", { skip }, async () => {
  const user = await signUp(server);
  const { page, close } = await openConsole(browser, server, "/account", { user });
  await page.getByLabel("Dark").check();
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await page.getByLabel("As the system").check();
  assert.equal(await page.locator("html").getAttribute("data-theme"), null);
  await page.getByRole("progressbar", { name: "Space" }).waitFor();
  await close();
});

test("on a phone every place is reached, the last ones by More and the keyboard", { skip }, async () => {
  const user = await signUpAdmin(server);
  const { page, close } = await openConsole(browser, server, "/account", { user, viewport: { width: 360, height: 740 } });
  const places = page.getByRole("navigation", { name: "Main" });
  await places.getByRole("link", { name: "Library" }).waitFor();
  for (const link of await places.getByRole("link").all()) {
    const box = await link.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 360);
  }
  assert.equal(await places.getByRole("link", { name: "Wallet" }).count(), 0);
  await button(page, "More").press("Enter");
  await places.getByRole("link", { name: "Admin" }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await places.getByRole("link", { name: "Admin" }).waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Wallet" }).waitFor();
  assert.equal(await places.getByRole("link", { name: "Wallet" }).count(), 0);
  await close();
});

test("they fit a phone, and nothing in them keeps people out (axe)", { skip }, async () => {
  const user = await signUp(server);
  for (const [colorScheme, width] of [["light", 360], ["dark", 1280]]) {
    for (const [path, seen] of [["/sign-in", "New here?"], ["/sign-up", "You have one?"], ["/account", "This one"]]) {
      const { page, close } = await openConsole(browser, server, path, { colorScheme, viewport: { width, height: 740 },
        reducedMotion: "reduce", ...(path === "/account" ? { user } : {}) });
      await page.getByText(seen).waitFor();
      await assertFits(page);
      await assertAccessible(page);
      await close();
    }
  }
});
