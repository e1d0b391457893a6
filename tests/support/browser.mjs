// Debian's Chromium, by Playwright.
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

const kProgram = "/usr/bin/chromium";

// Why no browser can be started here; false when one can.
export function missingBrowser() {
  try {
    execFileSync(kProgram, ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    return `${kProgram} is not installed here`;
  }
}

// As root, where a container is all there is, Chromium's own sandbox cannot be made.
export const launchBrowser = (args = []) =>
  chromium.launch({ executablePath: kProgram, args: [...(process.getuid() === 0 ? ["--no-sandbox"] : []), ...args] });
