// The audit log, as an admin reads it: what was done a moment ago in words, opened in
// place, narrowed down, paged, and taken along as a file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertAccessible, assertCount, DESKTOP, PHONE } from "../browser.mjs";
import { asOwner, reversioned, zooFile } from "../desk-api.mjs";
import { Agent } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("one");

async function assertGood(page, name) {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await assertAccessible(page, `${name}, ${viewport.width} wide`);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
  }
}

test("the audit log", async (t) => {
  const ask = await asOwner(server.url);
  const file = await zooFile("bad-router");
  const { plugin } = await ask("POST", "/plugins", file);
  const router = await ask("POST", "/installations", {
    plugin_id: plugin.id,
    hooks: ["routing"],
    capabilities: [],
    config: { mode: "no-opinion" },
    enabled: false,
  });
  await ask("POST", "/plugins", reversioned(file, "0.1.0", "0.2.0"));
  await ask("POST", `/installations/${router.id}/upgrade`, {
    plugin_version: "0.2.0",
    hooks: ["routing"],
    capabilities: [],
  });
  for (let n = 1; n <= 60; n += 1) {
    await ask("POST", "/canned-responses", { shortcut: `so-long-${n}`, title: "=1+1", text: "Bye" });
  }

  const owner = new Agent(await browser.person());
  const { page } = owner;
  const entries = page.getByRole("main").getByRole("listitem");
  const sentence = (text) => entries.filter({ hasText: text });
  const more = page.getByRole("button", { name: "Show older entries" });
  // As it is told to readers once it is there: the list before stays until then.
  const listed = async (count, what) => {
    await page
      .getByRole("status")
      .getByText(new RegExp(`^${count} entries`))
      .waitFor();
    await assertCount(entries, count, what);
  };

  await t.test("says in words who did what, and opens what changed in place", async () => {
    await owner.logIn(server.url, "owner@demo.test");
    await page.goto(`${server.url}/#/settings/plugins`);
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByRole("heading", { name: "Audit log", level: 1 }).waitFor();
    await listed(50, "a page of them");
    await sentence("created the saved reply /so-long-60").waitFor();
    await page.getByRole("button", { name: "Plugins", exact: true }).click();
    const upgraded = sentence("upgraded Bad router from 0.1.0 to 0.2.0");
    await upgraded.waitFor();
    await assertCount(sentence("so-long"), 0, "only about plugins");
    await upgraded.getByRole("button", { name: /^Details: / }).focus();
    await page.keyboard.press("Enter");
    await upgraded.getByText("As before").waitFor();
    await upgraded.getByText("plugin.upgraded").waitFor();
    await assertGood(page, "the audit log, opened");
    await page.keyboard.press("Enter");
    await upgraded.getByText("plugin.upgraded").waitFor({ state: "detached" });
  });

  await t.test("is narrowed down to one thing, and leads there", async () => {
    await sentence("upgraded Bad router")
      .getByRole("button", { name: /^Details: / })
      .click();
    await page.getByRole("button", { name: "Only about Bad router" }).click();
    await listed(2, "installed and upgraded");
    await page.reload();
    await listed(2, "the address keeps it");
    await page.getByRole("link", { name: "Bad router" }).first().click();
    await page.getByRole("heading", { name: "Bad router", level: 1 }).waitFor();
    await page.getByRole("link", { name: "Show who changed this plugin" }).click();
    await listed(2, "and back");
    await page.getByRole("button", { name: /^Only Bad router/ }).click();
    await more.waitFor();
  });

  await t.test("goes on to where it begins", async () => {
    while (await more.isVisible()) {
      const before = await entries.count();
      await more.click();
      await page.waitForFunction((count) => document.querySelectorAll("main li").length > count, before);
    }
    await page.getByText("That is where the log begins.").waitFor();
    await sentence("created the team Support").waitFor();
    const numbers = (await entries.allTextContents()).filter((it) => it.includes("/so-long-"));
    assert.equal(new Set(numbers.map((it) => it.match(/so-long-(\d+)/)[1])).size, 60);
    assert.equal(numbers.length, 60, "no entry came twice");
  });

  await t.test("is a file of what is shown", async () => {
    await page.getByRole("button", { name: "Saved replies", exact: true }).click();
    await sentence("so-long-60").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^audit-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await download.path(), "utf8")).split("\r\n");
    assert.equal(lines.filter((it) => it.includes('"canned_response.created"')).length, 65);
    assert.equal(lines.filter((it) => it.includes('"plugin.')).length, 0);
    await page.getByRole("button", { name: "Saved replies", exact: true }).click();
  });

  await t.test("says when nothing fits, what cannot be, and what did not load", async () => {
    await page.getByLabel("When").selectOption("Days I choose");
    await page.getByLabel("First day").fill("2020-02-01");
    await page.getByLabel("Last day").fill("2020-02-02");
    await page.getByText("Nothing like this").waitFor();
    await assertGood(page, "nothing in the audit log");
    await page.getByLabel("Last day").fill("2020-01-31");
    await page.getByText("The last day is before the first.").waitFor();
    await assertGood(page, "days that cannot be");
    await page.route("**/api/v1/audit?*", (route) => route.abort());
    await page.getByLabel("When").selectOption("Any time");
    await page.getByText(/^The log did not load\./).waitFor();
    await page.unroute("**/api/v1/audit?*");
    browser.forgive(/ERR_FAILED/);
    await page.getByRole("button", { name: "Load again" }).click();
    await listed(50, "and then it did");
  });

  await t.test("what others do meanwhile is told of", async () => {
    await ask("POST", "/teams", { name: "Returns", strategy: "manual" });
    await page.getByRole("button", { name: "Show newer entries" }).click();
    await sentence("created the team Returns").waitFor();
  });

  await t.test("only admins read it", async () => {
    const ana = new Agent(await browser.person());
    await ana.logIn(server.url, "ana@demo.test");
    await ana.page.goto(`${server.url}/#/settings/audit`);
    await ana.page.getByText("Only admins can open this").waitFor();
  });

  browser.assertQuiet();
});
