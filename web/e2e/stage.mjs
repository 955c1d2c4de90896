// What a file of runs stands on: one browser, and the real program. Called once at
// the top of a file, it starts both and stops them again.

import { after, afterEach, before, beforeEach } from "node:test";
import { Browser } from "./browser.mjs";
import { Server } from "./server.mjs";

export let browser;
export let server;

/**
 * `each`: a server for each test, since who left a moment ago is still online to the
 * router; `one`: one for the whole file; `own`: the tests start theirs.
 */
export function stage(servers) {
  before(async () => {
    [browser, server] = await Promise.all([Browser.start(), servers === "one" ? Server.start() : null]);
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  if (servers !== "each") return;
  beforeEach(async () => {
    server = await Server.start();
  });
  afterEach(async () => {
    await browser.everybodyLeaves();
    await server.stop();
    server = null;
  });
}
