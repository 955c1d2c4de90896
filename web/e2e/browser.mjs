// The system's Chromium, pages that report whatever goes wrong in them, and the
// check of a screen for accessibility in both themes.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE_MS = 30_000;
/** What a browser logs when a server is not there: expected while it is down. */
const NOBODY_THERE =
  /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to/;

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export class Browser {
  #browser;
  #home;
  #problems = [];
  serverIsDown = false;

  static async start() {
    const browser = new Browser();
    browser.#home = await mkdtemp(join(tmpdir(), "deskbell-browser-"));
    browser.#browser = await chromium.launch({
      executablePath: process.env.DESKBELL_TEST_CHROMIUM || "/usr/bin/chromium",
      args: FLAGS,
      env: { ...process.env, HOME: browser.#home },
    });
    return browser;
  }

  /** A page in a profile of its own: another person. */
  async person(viewport = DESKTOP, { colorScheme = "light", scale = 1 } = {}) {
    const context = await this.#browser.newContext({
      viewport,
      colorScheme,
      reducedMotion: "reduce",
      locale: "en-GB",
      deviceScaleFactor: scale,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.#problems.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      if (this.serverIsDown && NOBODY_THERE.test(message.text())) return;
      this.#problems.push(`${page.url()}: ${message.text()}`);
    });
    return page;
  }

  /** Nothing was logged as an error, and no policy was broken, so far. */
  assertQuiet() {
    assert.deepEqual(this.#problems, []);
  }

  /** What the browser itself says of something a test has caused on purpose. */
  forgive(said) {
    this.#problems = this.#problems.filter((problem) => !said.test(problem));
  }

  /** Closes all pages, so that the next test begins with nobody there. */
  async everybodyLeaves() {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    this.#problems = [];
  }

  async stop() {
    await this.#browser.close();
    await rm(this.#home, { recursive: true, force: true });
  }
}

/** No accessibility violation on this screen, light and dark, in the page and in `frame`. */
export async function assertAccessible(page, name, frame = null) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    for (const document of frame ? [page, frame] : [page]) {
      assert.deepEqual(await violations(document), [], `${name}, ${colorScheme}`);
    }
  }
}

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"], iframes: false });
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map((it) => it.html).slice(0, 3),
    }));
  });
}

/** Waits until there are exactly `count`; then looks whether there are more. */
export async function assertCount(locator, count, what) {
  if (count > 0) await locator.nth(count - 1).waitFor();
  assert.equal(await locator.count(), count, what);
}
