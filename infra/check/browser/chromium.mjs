// The real browser: Debian's Chromium, headless, steered by playwright-core.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Starts Chromium; CHROMIUM says where it is. */
export function startChromium() {
  const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (!executablePath) throw new Error("there is no Chromium: install it (apt-get install chromium), or say where it is in CHROMIUM");
  // Root has no sandbox; nothing but this machine is visited.
  return chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
}

/** A browser profile of its own, as another person's machine is: nothing is shared between two. */
export async function newProfile(browser) {
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  return context;
}

/** The cookies that a profile has of the product, by name. */
export async function cookiesOf(context, url) {
  return Object.fromEntries((await context.cookies(url)).map((cookie) => [cookie.name, cookie]));
}
