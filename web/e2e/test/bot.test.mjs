// A bot answers first: it greets, asks by buttons and by a form, and hands off to an
// agent who sees what it found out; whoever wants a person gets one, whatever it does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertCount, DESKTOP, PHONE } from "../browser.mjs";
import { withBot, zooFile } from "../desk-api.mjs";
import { Agent, Visitor } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("each");

async function assertGood(person, name) {
  const frame = person.frame?.() ?? null;
  await assertAccessible(person.page, name, frame);
  for (const document of frame ? [person.page, frame] : [person.page]) {
    const sideways = await document.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
  }
}

/** By the launcher, so that no order comes along: the bot has to ask for it. */
async function begin(visitor, words, page) {
  await visitor.arrive(server.url, page);
  await visitor.launcher.click();
  await visitor.chat.getByRole("button", { name: /Start a chat/ }).click();
  await visitor.chat.getByLabel("Name").fill("Mia Lund");
  await visitor.say(words);
}

const buttons = (visitor) => visitor.chat.getByRole("group", { name: "What is it about?" });
const person = (visitor) => visitor.chat.getByRole("button", { name: "Talk to a person" });

for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`a bot asks and hands off, on a ${size}`, async () => {
    const owner = new Agent(await browser.person(viewport));
    const ana = new Agent(await browser.person(viewport));
    const visitor = new Visitor(await browser.person(viewport));

    // The owner chooses it for the inbox.
    await owner.logIn(server.url, "owner@demo.test");
    await owner.page.keyboard.press("v");
    await owner.page.getByRole("menuitemradio", { name: /^Away/ }).click();
    await owner.page.goto(`${server.url}/#/settings/inboxes`);
    await owner.page.getByRole("navigation", { name: "Inboxes" }).getByRole("link").first().waitFor();
    await owner.page.getByLabel("Bot", { exact: true }).selectOption({ label: "Welcome bot" });
    await owner.page.getByRole("button", { name: "Save inbox" }).click();
    await owner.page.getByText("Saved. Pages show it the next time they load.").waitFor();
    await assertGood(owner, "an inbox with a bot");

    await ana.logIn(server.url, "ana@demo.test");
    await begin(visitor, "My cup came in two halves.");
    await buttons(visitor).waitFor();
    await visitor.chat.getByRole("heading", { name: "Welcome bot" }).waitFor();
    await visitor.log.getByText("Bot", { exact: true }).first().waitFor();
    await person(visitor).waitFor();
    await assertGood(visitor, "buttons");

    // The desk looks on.
    await ana.page.getByRole("link", { name: "Bot", exact: true }).locator("visible=true").click();
    await ana.row("Mia Lund").waitFor();
    await assertGood(ana, "the chats with a bot");
    await ana.pick("Mia Lund");
    await ana.page.getByText("A bot has this chat until you take it over.").waitFor();
    await ana.log.getByRole("list", { name: "Asked" }).getByText("A refund").waitFor();
    await assertGood(ana, "a chat with a bot");

    await buttons(visitor).getByRole("button", { name: "A refund" }).click();
    await visitor.said("A refund").waitFor();
    await buttons(visitor).waitFor({ state: "detached" });
    await assertCount(visitor.said("A refund"), 1, "one answer");
    await ana.log.getByText("A refund, chosen").waitFor();

    const send = visitor.chat.getByRole("button", { name: "Send answers" });
    await send.click();
    await visitor.chat.getByText("Fill this in.").waitFor();
    await assertGood(visitor, "a form, wrongly filled in");
    await visitor.chat.getByLabel("Order number").fill("A-1001");
    await send.click();

    await visitor.chat.getByRole("heading", { name: "Ana" }).waitFor();
    await visitor.said("Order number: A-1001").waitFor();
    await person(visitor).waitFor({ state: "detached" });
    await assertCount(visitor.chat.getByText(/^Topic: A refund/), 0, "the summary is for the desk");
    const note = ana.log.getByRole("group").filter({ hasText: /Topic: A refund\s+Order: A-1001/ });
    await note.getByText("Note", { exact: true }).waitFor();
    await ana.page.getByText("Handed over: A refund").waitFor();
    await assertGood(ana, "handed off, with the summary");
    await ana.say("I have your order here. A new cup is on its way.");
    await visitor.said("I have your order here. A new cup is on its way.").waitFor();
    browser.assertQuiet();
  });
}

test("the demo has a page of its own on which a bot answers first", async () => {
  const visitor = new Visitor(await browser.person());
  await begin(visitor, "Hello?", "/demo/bot/");
  await buttons(visitor).waitFor();
  await person(visitor).waitFor();
  browser.assertQuiet();
});

test("everything by keyboard: a button is pressed, and one goes on writing", async () => {
  const visitor = new Visitor(await browser.person());
  await withBot(server.url, "welcome-bot");
  await begin(visitor, "Hello?");
  await buttons(visitor).getByRole("button", { name: "An order" }).focus();
  await visitor.page.keyboard.press("Enter");
  await visitor.said("An order").waitFor();
  await visitor.frame().waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await visitor.page.keyboard.type("It is A-1001");
  await visitor.page.keyboard.press("Enter");
  await visitor.chat.getByText(/^You are (next|in the queue|number)/).waitFor();
  browser.assertQuiet();
});

test("an answer given without a line arrives once it is back, once", async () => {
  const visitor = new Visitor(await browser.person());
  await withBot(server.url, "welcome-bot");
  await begin(visitor, "Hello?");
  const refund = buttons(visitor).getByRole("button", { name: "A refund" });
  await refund.waitFor();
  browser.serverIsDown = true;
  await visitor.page.context().setOffline(true);
  await server.kill();
  await refund.click();
  await visitor.log.getByText("Sending").waitFor();
  await buttons(visitor).waitFor({ state: "detached" });
  await server.up();
  await visitor.page.context().setOffline(false);
  await visitor.chat.getByRole("button", { name: "Send answers" }).waitFor();
  await assertCount(visitor.said("A refund"), 1, "one answer");
  browser.serverIsDown = false;
  browser.assertQuiet();
});

test("a bot that says nothing is left by asking for a person", async () => {
  const ana = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await withBot(server.url, "bad-bot", await zooFile("bad-bot"), { mode: "call-back", after_ms: 3_600_000 });
  await ana.logIn(server.url, "ana@demo.test");
  await begin(visitor, "Is anybody there?");
  await visitor.said("Is anybody there?").waitFor();
  await person(visitor).click();
  await visitor.chat.getByRole("heading", { name: "Ana" }).waitFor();
  await person(visitor).waitFor({ state: "detached" });
  await ana.pick("Mia Lund");
  await ana.page.getByText("Handed over: the visitor asked for a person").waitFor();
  browser.assertQuiet();
});

test("taken over in the middle, the buttons are gone and the agent has the word", async () => {
  const ana = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await withBot(server.url, "welcome-bot");
  await ana.logIn(server.url, "ana@demo.test");
  await begin(visitor, "Hello?");
  await buttons(visitor).waitFor();
  await ana.page.keyboard.press("3");
  await ana.pick("Mia Lund");
  await ana.page.getByRole("button", { name: "Take over" }).click();
  await visitor.chat.getByRole("heading", { name: "Ana" }).waitFor();
  await buttons(visitor).waitFor({ state: "detached" });
  await ana.say("I am Ana, how can I help?");
  await visitor.said("I am Ana, how can I help?").waitFor();
  browser.assertQuiet();
});
