// Plugins as an admin meets them, and as an agent feels them: installed from the
// catalogue, set up wrongly and then rightly, off, on, a bad file refused; then a
// visitor rings, and the reason is the plugin's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCount } from "../browser.mjs";
import { Agent } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("one");

/** A visitor without a page: this is about the desk. */
async function ring(about) {
  const ask = async (path, token, body) => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  const { token } = await ask("/widget/sessions", null, {
    inbox: "demo-web",
    page: { url: "https://shop.example/orders/A-1001", title: "Your order A-1001", referrer: "" },
    locale: "de-AT",
    time_zone: "Asia/Tokyo",
  });
  return ask("/widget/conversations", token, {
    client_msg_id: "ring-1",
    text: `About ${about}`,
    category: about,
    attributes: { order_id: "A-1001" },
  });
}

test("plugins", async (t) => {
  const owner = new Agent(await browser.person());
  const { page } = owner;
  const dialog = page.getByRole("dialog");
  const installed = (name) => page.getByRole("link", { name, exact: true });

  await t.test("an owner finds what the demo has installed", async () => {
    await owner.logIn(server.url, "owner@demo.test");
    // An owner who is online is asked too: the chats of this test are for others.
    await page.keyboard.press("v");
    await page.getByRole("menuitemradio", { name: /^Away/ }).click();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Plugins", level: 1 }).waitFor();
    await installed("Skills router").waitFor();
    await installed("Order variables").waitFor();
  });

  await t.test("uninstalled, it is offered again", async () => {
    await installed("Skills router").click();
    await page.getByRole("button", { name: "Uninstall plugin" }).click();
    await dialog.getByRole("button", { name: "Uninstall plugin" }).click();
    await page.getByRole("button", { name: "Install Skills router" }).waitFor();
    await assertCount(installed("Skills router"), 0, "it is not installed any more");
  });

  await t.test("installed from the catalogue: consent first, a wrong address refused at its field", async () => {
    await page.getByRole("button", { name: "Install Skills router" }).click();
    await dialog.getByText("Decides who gets each chat").waitFor();
    await dialog.getByRole("button", { name: "Add rule" }).click();
    await dialog.getByLabel("Name").fill("Late deliveries go to Ben");
    await dialog.getByLabel("The category is").fill("Late delivery");
    await dialog.getByRole("button", { name: "Add e-mail address" }).click();
    const address = dialog.getByLabel("Goes to 1", { exact: true });
    await address.fill("ben at the desk");
    await dialog.getByRole("button", { name: "Install plugin" }).click();
    await dialog.getByText("This is no e-mail address.").waitFor();
    assert.equal(await address.getAttribute("aria-invalid"), "true");
    await address.fill("ben@demo.test");
    const reach = dialog.getByRole("switch", { name: /^Allow: Reads agents/ });
    if ((await reach.count()) > 0) {
      await dialog.getByRole("button", { name: "Install plugin" }).click();
      await dialog.getByText("Not installed. What you filled in is kept.").waitFor();
      browser.forgive(/status of 422/);
      await reach.click();
    }
    await dialog.getByRole("button", { name: "Install plugin" }).click();
    await page.getByRole("heading", { name: "Skills router", level: 1 }).waitFor();
    assert.equal(await page.getByLabel("Goes to 1", { exact: true }).inputValue(), "ben@demo.test");
  });

  await t.test(
    "configured: a wrong value stays marked, a right one is saved and still there after a reload",
    async () => {
      const name = page.getByLabel("Name");
      const save = page.getByRole("button", { name: "Save configuration" });
      await name.fill("");
      await save.click();
      await page.getByText("Fill this in.").waitFor();
      await page.getByText("Not saved. See the marked fields.").waitFor();
      await name.fill("Ben knows the carrier");
      await save.click();
      await page.getByText("Saved. It is in force from the next chat on.").waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "How it is set up" }).waitFor();
      assert.equal(await name.inputValue(), "Ben knows the carrier");
    },
  );

  await t.test("off and on again, at once", async () => {
    const onOff = page.getByRole("switch", { name: "Skills router is on" });
    await onOff.click();
    await page.getByText("Off", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Plugins", exact: true }).last().click();
    await page.getByRole("heading", { name: "Installed" }).waitFor();
    assert.equal(await onOff.getAttribute("aria-checked"), "false");
    await onOff.click();
    await page.getByRole("switch", { name: "Skills router is on", checked: true }).waitFor();
    await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
  });

  await t.test("a bad file is refused, finding by finding, and nothing is lost", async () => {
    await page.getByLabel("Plugin file").setInputFiles({
      name: "holiday.wasm",
      mimeType: "application/wasm",
      buffer: Buffer.from("a picture of the sea"),
    });
    const refusal = page.getByRole("alert").filter({ hasText: "holiday.wasm was refused" });
    await refusal.waitFor();
    browser.forgive(/status of 422/);
    assert.ok((await refusal.locator("li").count()) >= 1, "it says what was found");
    assert.match(await refusal.textContent(), /Nothing on this desk was changed/);
    await installed("Skills router").waitFor();
    await refusal.getByRole("button", { name: "Dismiss" }).click();
    await refusal.waitFor({ state: "detached" });
  });

  const ana = new Agent(await browser.person());
  const ben = new Agent(await browser.person());

  await t.test("a visitor rings: the plugin decides, and the reason is its own", async () => {
    await ana.logIn(server.url, "ana@demo.test");
    await ben.logIn(server.url, "ben@demo.test");
    await ring("Late delivery");
    await ben.pick("About Late delivery");
    const known = ben.page.getByRole("complementary", { name: "What is known" });
    await known.getByText("Skills router chose you.").waitFor();
    await known
      .getByRole("list", { name: "What plugins said" })
      .getByText(/Ben knows the carrier/)
      .waitFor();
    await known.getByRole("link", { name: "Your order A-1001" }).waitFor();
    await known.getByText("Austrian German").waitFor();
  });

  await t.test("a saved reply is shown with the plugin's values", async () => {
    await ben.box.fill("/eta");
    await ben.page.getByText("takes it into your reply").waitFor();
    await ben.box.press("Enter");
    const filled = await ben.box.inputValue();
    assert.match(filled, /A-1001/);
    assert.doesNotMatch(filled, /\{\{/);
    await ben.box.press("Enter");
    await ben.said(filled).waitFor();
  });

  await t.test("switched off while a page is open, the page says so", async () => {
    const token = await page.evaluate(() => JSON.parse(localStorage.getItem("deskbell.session")).access_token);
    const ask = (method, path) =>
      fetch(`${server.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } });
    const { items } = await (await ask("GET", "/installations")).json();
    const it = items.find((each) => each.plugin_key === "skills-router");
    assert.equal((await ask("POST", `/installations/${it.id}/disable`)).status, 200);
    await page.getByRole("switch", { name: "Skills router is on", checked: false }).waitFor();
  });

  await t.test("an agent has no business there, and reads the saved replies", async () => {
    await ana.page.goto(`${server.url}/settings/plugins`);
    await ana.page.getByText("Only admins can open this").waitFor();
    await ana.page.getByRole("link", { name: "Saved replies" }).click();
    await ana.page.getByText("/greeting").waitFor();
    await assertCount(ana.page.getByRole("button", { name: "New saved reply" }), 0, "she cannot write one");
  });

  browser.assertQuiet();
});
