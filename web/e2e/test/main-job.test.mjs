// The main job in a real browser against the real program: a visitor rings, an
// agent answers, the server is killed in the middle, and nothing is lost. Once
// with everybody at a desktop, once with everybody on a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCount, DESKTOP, PHONE } from "../browser.mjs";
import { Agent, Visitor } from "../people.mjs";
import { Server } from "../server.mjs";
import { browser, stage } from "../stage.mjs";

stage("own");

/** What is known of the visitor: a column, or on a phone a drawer. */
async function whatIsKnown(agent, viewport, look) {
  if (viewport === DESKTOP) return look(agent.page.getByRole("complementary", { name: "What is known" }));
  await agent.page.getByRole("button", { name: "Show what is known" }).click();
  const drawer = agent.page.getByRole("dialog");
  await look(drawer);
  await agent.page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
}

for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`the main job on a ${size}, with the server killed in the middle`, async (t) => {
    // A server for each: who left a moment ago is still online to the router.
    const server = await Server.start();
    t.after(async () => {
      await browser.everybodyLeaves();
      await server.stop();
    });
    const ana = new Agent(await browser.person(viewport));
    const ben = new Agent(await browser.person(viewport));
    const mia = new Visitor(await browser.person(viewport));

    await t.test("an agent logs in and is online", async () => {
      await ana.logIn(server.url, "ana@demo.test");
      await ana.page.getByText("No chats with you").waitFor();
    });

    await t.test("a visitor rings about an order and gets her", async () => {
      await mia.arrive(server.url);
      await mia.open();
      await mia.chat.getByText("Refund").click();
      await mia.chat.getByLabel("Name").fill("Mia Lund");
      await mia.chat.getByLabel("E-mail").fill("mia@example.test");
      await mia.say("Where is my parcel?");
      await mia.chat.getByRole("heading", { name: "Ana" }).waitFor();
      await ana.pick("Mia Lund");
      await ana.said("Where is my parcel?").waitFor();
      await whatIsKnown(ana, viewport, async (known) => {
        for (const text of ["mia@example.test", "Claimed, not verified", "A-1001", "Refund"]) {
          await known.getByText(text, { exact: true }).waitFor();
        }
        await known.getByText("Skills router chose you.").waitFor();
        await known.getByText(/Ana takes chats about Refund/).waitFor();
      });
      await mia.log.getByText("Read").waitFor();
    });

    await t.test("both write, and see each other write", async () => {
      await ana.box.pressSequentially("I am looking");
      await mia.chat.getByText("Ana is writing").waitFor();
      await ana.say("I am looking into it.");
      await mia.said("I am looking into it.").waitFor();
      await mia.chat.getByText("Ana is writing").waitFor({ state: "detached" });
      await mia.box.pressSequentially("Tha");
      await ana.page.getByText("Mia Lund is writing").waitFor();
      await mia.say("Thank you.");
      await ana.said("Thank you.").waitFor();
      await ana.log.getByText("Read").waitFor();
    });

    await t.test("a note stays at the desk", async () => {
      await ana.addNote("The label was damaged.");
      await ana.said("The label was damaged.").waitFor();
      await ana.say("It is in Bristol.");
      await mia.said("It is in Bristol.").waitFor();
      await assertCount(mia.said("The label was damaged."), 0, "a note reached the visitor");
    });

    await t.test("killed while both write: nothing is lost, nothing is doubled", async () => {
      const fromMia = Array.from({ length: 6 }, (_, at) => `Mia writes ${at}.`);
      const fromAna = Array.from({ length: 6 }, (_, at) => `Ana writes ${at}.`);
      for (const text of fromMia.slice(0, 3)) await mia.say(text);
      for (const text of fromAna.slice(0, 3)) await ana.say(text);
      browser.serverIsDown = true;
      await server.kill();
      for (const text of fromMia.slice(3)) await mia.say(text);
      for (const text of fromAna.slice(3)) await ana.say(text);
      await mia.chat.getByText("Connecting again.").waitFor();
      await ana.page.getByText("Connecting again.").waitFor();
      await server.up();
      await mia.chat.getByText("Connecting again.").waitFor({ state: "detached" });
      await ana.page.getByText("Connecting again.").waitFor({ state: "detached" });
      browser.serverIsDown = false;
      for (const person of [mia, ana]) {
        for (const text of [...fromMia, ...fromAna]) await person.said(text).waitFor();
        await person.log.getByText("Sending").waitFor({ state: "detached" });
        for (const text of [...fromMia, ...fromAna]) await assertCount(person.said(text), 1, `${text} is there once`);
      }
      const order = async (person, texts) => {
        const all = await person.log.locator("p").allTextContents();
        return texts.map((text) => all.indexOf(text));
      };
      for (const person of [mia, ana]) {
        for (const texts of [fromMia, fromAna]) {
          const at = await order(person, texts);
          assert.deepEqual(
            at,
            [...at].sort((a, b) => a - b),
            "in the order they were written",
          );
        }
      }
    });

    await t.test("a saved reply with a plugin's values is shown filled, taken, and sent", async () => {
      await ana.box.fill("/eta");
      const filled = "Your order A-1001 is on its way; it should arrive on Friday.";
      await ana.page.getByText(filled).waitFor();
      await ana.box.press("Enter");
      assert.equal(await ana.box.inputValue(), filled);
      await assertCount(mia.said(filled), 0, "taking a saved reply does not send it");
      await ana.box.press("Enter");
      await mia.said(filled).waitFor();
    });

    await t.test("a transfer with its reason, to a colleague", async () => {
      await ben.logIn(server.url, "ben@demo.test");
      await ana.box.blur();
      await ana.page.keyboard.press("t");
      const dialog = ana.page.getByRole("dialog", { name: "Transfer chat" });
      await dialog.getByText("Ben").click();
      await dialog.getByLabel("Reason").fill("Ben knows the carrier");
      await dialog.getByRole("button", { name: "Transfer chat" }).click();
      await dialog.waitFor({ state: "detached" });
      await ben.pick("Mia Lund");
      await ben.page.getByText("Handed over: Ben knows the carrier").waitFor();
      await ben.said("The label was damaged.").waitFor();
      await mia.chat.getByRole("heading", { name: "Ben" }).waitFor();
      await ana.page.getByText("Ben has this chat.").waitFor();
    });

    await t.test("resolved and rated", async () => {
      await ben.say("It arrives tomorrow. Have a good day.");
      await mia.said("It arrives tomorrow. Have a good day.").waitFor();
      await ben.page.getByRole("button", { name: "Resolve chat" }).click();
      await mia.chat.getByText("How was this chat?").waitFor();
      await mia.chat.getByLabel("5 of 5: Great").check();
      await mia.chat.getByLabel("A comment, if you like").fill("Quick and kind");
      await mia.chat.getByRole("button", { name: "Send rating" }).click();
      await mia.chat.getByText("You rated this chat 5 of 5").waitFor();
      await ben.page.getByText("Rated 5 of 5: “Quick and kind”").waitFor();
    });

    await t.test("found by search", async () => {
      if (viewport === PHONE) await ana.page.getByRole("button", { name: "Back to the list" }).click();
      await ana.page.getByRole("searchbox", { name: "Search messages" }).fill("parcel");
      const hit = ana.page
        .getByRole("list", { name: "Found messages" })
        .getByRole("link")
        .filter({ hasText: "Where is my parcel?" });
      await hit.locator("mark").first().waitFor();
      await hit.click();
      await ana.said("Where is my parcel?").waitFor();
    });

    await t.test("a reload forgets nothing, and writing again opens it again", async () => {
      await mia.page.reload();
      // On a phone it would cover the page somebody has just come back to.
      if (viewport === PHONE) await mia.launcher.click();
      await mia.said("Where is my parcel?").waitFor();
      await mia.chat.getByText("You rated this chat 5 of 5").waitFor();
      await mia.say("One more thing.");
      await ben.said("One more thing.").waitFor();
      await ben.page.getByRole("button", { name: "Resolve chat" }).waitFor();
      await ben.page.reload();
      await ben.said("One more thing.").waitFor();
    });

    await t.test("the visitor ends it", async () => {
      await mia.chat.getByRole("button", { name: "End chat" }).click();
      await mia.chat.getByRole("button", { name: "End chat" }).click();
      await ben.log.getByText(/ended by the visitor/).waitFor();
    });

    browser.assertQuiet();
  });
}
