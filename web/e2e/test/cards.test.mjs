// What a CRM knows, beside the chat: the real plugin, against a CRM on this machine.
// Set up by an admin on the plugin's page, secret included; read by an agent, who
// asks again when it fails; and a note about the chat is in the CRM.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertCount, DESKTOP, PHONE } from "../browser.mjs";
import { asOwner, send } from "../desk-api.mjs";
import { ASKS_THIS_MACHINE, CLIENT, LocalCrm } from "../local-crm.mjs";
import { Agent } from "../people.mjs";
import { Server } from "../server.mjs";
import { browser, stage } from "../stage.mjs";

stage("own");

const MIA = "mia@example.com";
let crm;
let server;

before(async () => {
  [crm, server] = await Promise.all([LocalCrm.start(), Server.start(ASKS_THIS_MACHINE)]);
});
after(async () => {
  await server?.stop();
  await crm?.stop();
});

async function ring(name, email) {
  const { token } = await send(server.url, null, "POST", "/widget/sessions", { inbox: "demo-web" });
  const form = email ? { name, email } : { name };
  const body = { client_msg_id: "ring", text: `${name} rings`, subject: "A broken cup", form };
  return send(server.url, token, "POST", "/widget/conversations", body);
}

async function assertGood(page, name) {
  await assertAccessible(page, name);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
}

test("a CRM beside the chat", async (t) => {
  const owner = new Agent(await browser.person());
  const ana = new Agent(await browser.person());
  const known = ana.page.getByRole("complementary", { name: "What is known" });
  const cards = known.getByRole("region", { name: "CRM sync" });

  await t.test("without a plugin that has any there are none", async () => {
    await ana.logIn(server.url, "ana@demo.test");
    await ring("Jonas Weber");
    await ana.pick("Jonas Weber");
    await known.getByText("Why did I get this?").waitFor();
    await assertCount(cards, 0, "nobody offers cards");
    await assertCount(known.getByRole("button", { name: "Try again" }), 0, "and nothing failed");
  });

  await t.test("an admin enters its secret on the plugin's page, and nobody reads it again", async () => {
    const ask = await asOwner(server.url);
    const { plugin } = await ask("POST", "/plugins", { catalogue: "crm-sync" });
    await ask("POST", "/installations", {
      plugin_id: plugin.id,
      hooks: ["events", "context"],
      capabilities: ["http", "kv"],
      config: crm.config,
      enabled: true,
    });
    const { page } = owner;
    await owner.logIn(server.url, "owner@demo.test");
    // An owner who is online is asked too: the chats of this test are Ana's.
    await page.keyboard.press("v");
    await page.getByRole("menuitemradio", { name: /^Away/ }).click();
    await page.goto(`${server.url}/#/settings/plugins`);
    await page.getByRole("link", { name: "CRM sync", exact: true }).click();
    const heading = page.getByRole("heading", { name: /^Client secret/ });
    const secret = page.getByRole("listitem").filter({ has: heading });
    await secret.getByText("Not set").waitFor();
    await secret.getByText(/Deskbell gets access tokens with it and sends those/).waitFor();
    await page.getByRole("button", { name: "Set Client secret" }).focus();
    await page.keyboard.press("Enter");
    const value = page.getByLabel("Value", { exact: true });
    await page.keyboard.press("Enter");
    await secret.getByText("Fill this in.").waitFor();
    await page.keyboard.type(CLIENT.secret);
    assert.equal(await value.getAttribute("type"), "password");
    for (const viewport of [PHONE, DESKTOP]) {
      await page.setViewportSize(viewport);
      await assertGood(page, `a secret, ${viewport.width} wide`);
    }
    await value.focus();
    await page.keyboard.press("Enter");
    await secret.getByText(/^Set /).waitFor();
    await page.reload();
    await secret.getByText(/^Set /).waitFor();
    assert.ok(!(await page.content()).includes(CLIENT.secret), "the page does not have it");
    const { items } = await ask("GET", "/installations");
    const it = items.find((each) => each.plugin_key === "crm-sync");
    const told = JSON.stringify(await ask("GET", `/installations/${it.id}/secrets`));
    assert.ok(told.includes('"set":true') && !told.includes(CLIENT.secret), told);
  });

  await t.test("an agent reads what the CRM knows, under the plugin's name", async () => {
    await ring("Mia Lund", MIA);
    await ana.pick("Mia Lund");
    const name = cards.getByRole("link", { name: /^Mia Lund/ });
    await name.waitFor();
    assert.equal(await name.getAttribute("href"), `${crm.url}/contacts/101`);
    assert.equal(await name.getAttribute("target"), "_blank");
    assert.match(await name.getAttribute("rel"), /\bnoopener\b/);
    for (const words of ["Lund Ceramics", "Sam Reed", "Customer", "Open deals", "Second kiln"]) {
      await cards.getByText(words, { exact: true }).waitFor();
    }
    await assertCount(cards.getByText("First kiln"), 0, "a closed deal is not open");
    await assertGood(ana.page, "cards");
  });

  await t.test("while it fails one quiet line says so, and asks again by keyboard", async () => {
    await crm.fail([503]);
    await cards.getByRole("button", { name: "Refresh CRM sync" }).press("Enter");
    await cards.getByText(/The CRM answered 503\./).waitFor();
    await assertCount(cards.getByRole("article"), 0, "no card of which nobody knows whether it holds");
    await assertGood(ana.page, "cards that failed");
    await cards.getByRole("button", { name: "Try again" }).press("Enter");
    await cards.getByRole("link", { name: /^Mia Lund/ }).waitFor();
    await assertCount(cards.getByRole("button", { name: "Try again" }), 0, "it holds again");
  });

  await t.test("on a phone they are in the dialog at the side", async () => {
    await ana.page.setViewportSize(PHONE);
    await ana.page.getByRole("button", { name: "Show what is known" }).click();
    const dialog = ana.page.getByRole("dialog");
    await dialog.getByRole("link", { name: /^Mia Lund/ }).waitFor();
    await assertGood(ana.page, "cards on a phone");
    await ana.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await ana.page.setViewportSize(DESKTOP);
  });

  await t.test("the chat is in the CRM, once", async () => {
    let notes = [];
    for (const deadline = Date.now() + 30_000; notes.length === 0 && Date.now() < deadline; ) {
      notes = await crm.notes(MIA);
    }
    assert.equal(notes.length, 1);
    assert.match(notes[0].hs_note_body, /Chat began: A broken cup/);
  });

  browser.assertQuiet();
});
