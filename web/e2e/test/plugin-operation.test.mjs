// A plugin in operation, as an admin meets it: installed from a file, upgraded by a
// newer one, broken by how it is set up, paused, and rolled back to what worked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertCount, DESKTOP, PHONE } from "../browser.mjs";
import { reversioned, send, zooFile } from "../desk-api.mjs";
import { Agent } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("one");

async function ring(name) {
  const { token } = await send(server.url, null, "POST", "/widget/sessions", { inbox: "demo-web" });
  await send(server.url, token, "POST", "/widget/conversations", { client_msg_id: "ring", text: `${name} rings` });
}

async function assertGood(page, name) {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await assertAccessible(page, `${name}, ${viewport.width} wide`);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
  }
}

test("a plugin in operation", async (t) => {
  const owner = new Agent(await browser.person());
  const { page } = owner;
  const dialog = page.getByRole("dialog");
  const versions = page.getByRole("list", { name: "Versions" });
  const version = (number) => versions.getByRole("listitem").filter({ hasText: number });
  const mode = page.getByLabel("Mode");
  const file = await zooFile("bad-router");
  const upload = (name, buffer) =>
    page.getByLabel("Plugin file").setInputFiles({ name, mimeType: "application/wasm", buffer });

  await t.test("installed from a file", async () => {
    await owner.logIn(server.url, "owner@demo.test");
    await page.goto(`${server.url}/#/settings/plugins`);
    await page.getByRole("heading", { name: "Plugins", level: 1 }).waitFor();
    await upload("bad-router.wasm", file);
    await dialog.getByLabel("Mode").fill("no-opinion");
    await dialog.getByRole("button", { name: "Install plugin" }).click();
    await page.getByRole("heading", { name: "Bad router", level: 1 }).waitFor();
    await version("0.1.0").getByText("In use", { exact: true }).waitFor();
    await page.getByText("None yet. Each question the plugin is asked is listed here.").waitFor();
    await page.getByText("Nothing written yet.").waitFor();
  });

  await t.test("a newer file leads to its upgrade, which says what changes", async () => {
    await page.getByRole("link", { name: "Plugins", exact: true }).last().click();
    await page.getByRole("heading", { name: "Installed" }).waitFor();
    await upload("bad-router-0.1.1.wasm", reversioned(file, "0.1.0", "0.1.1"));
    await page.getByRole("heading", { name: "Upgrade Bad router to 0.1.1" }).waitFor();
    await page.getByText("It wants the same as the one in use.").waitFor();
    await assertGood(page, "upgrade");
    await page.getByRole("button", { name: "Upgrade plugin" }).click();
    await version("0.1.1").getByText("In use", { exact: true }).waitFor();
    await version("0.1.0").getByText("In use before").waitFor();
    await assertCount(page.getByRole("button", { name: "Upgrade", exact: true }), 0, "there is nothing newer");
  });

  await t.test("broken by how it is set up, it is paused, and the page says until when and why", async () => {
    await mode.fill("trap");
    await page.getByRole("button", { name: "Save configuration" }).click();
    await page.getByText("Saved. It is in force from the next chat on.").waitFor();
    for (let n = 1; n <= 5; n += 1) await ring(`Visitor ${n}`);
    await page.getByText(/^Paused: it failed too often\. It is tried again at \d\d:\d\d/).waitFor();
    await page.getByText("Crashed").first().waitFor();
    const log = page.getByRole("region", { name: "Log of the plugin" });
    await log.getByText("error").first().waitFor();
    await page.getByRole("button", { name: "Load again" }).click();
    await page.getByRole("table").getByText("Crashed").first().waitFor();
    await assertGood(page, "a paused plugin");
    await page.getByRole("link", { name: "Plugins", exact: true }).last().click();
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Bad router", exact: true }).click();
  });

  await t.test("the log shows the levels one asks for, and stands still when it is paused", async () => {
    const log = page.getByRole("region", { name: "Log of the plugin" });
    await log.getByText("error").first().waitFor();
    await page.getByRole("button", { name: "Pause log" }).click();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByLabel("Show").selectOption("error");
    await log.getByText("error").first().waitFor();
    await assertCount(log.getByText("info", { exact: true }), 0, "only errors");
  });

  await t.test("its figures are there, and its limits can be lowered but not raised", async () => {
    const figures = page.locator("section").filter({ has: page.getByRole("heading", { name: "Figures" }) });
    await figures.getByText("Calls").waitFor();
    await page.getByRole("button", { name: "Lower limits" }).click();
    await page.getByLabel("Memory in MiB").fill("9000");
    await page.getByRole("button", { name: "Save limits" }).click();
    await page.getByText("From 1 to 32").waitFor();
    browser.forgive(/status of 422/);
    await assertGood(page, "limits that are too high");
    await page.getByLabel("Memory in MiB").fill("16");
    await page.getByRole("button", { name: "Save limits" }).click();
    await page.getByText("At most 16 MiB").waitFor();
    await assertGood(page, "lowered limits and figures");
  });

  await t.test("rolled back, what worked holds again", async () => {
    await page.getByRole("button", { name: "Roll back to 0.1.0" }).click();
    await dialog.waitFor();
    await assertGood(page, "asked whether to roll back");
    await dialog.getByRole("button", { name: "Roll back plugin" }).click();
    await dialog.waitFor({ state: "detached" });
    await version("0.1.0").getByText("In use", { exact: true }).waitFor();
    await page.getByText(/^Paused: /).waitFor({ state: "detached" });
    assert.equal(await mode.inputValue(), "no-opinion");
  });

  browser.assertQuiet();
});
