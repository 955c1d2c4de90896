// The visitor's side of a chat as people use it: the badge, help buttons, keys,
// many tabs, a line that comes and goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCount, PHONE } from "../browser.mjs";
import { Agent, Visitor } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("each");

/** Where the keys go: in the page, or inside the launcher. */
const focused = (page) =>
  page.evaluate(() => {
    const it = document.activeElement;
    return (it?.shadowRoot?.activeElement ?? it)?.tagName;
  });

test("a help button's order reaches the agent, and a later one's too", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.chat.getByText("Order A-1001").waitFor();
  await visitor.chat.getByText("Refund").click();
  await visitor.say("The cup is cracked.");
  await agent.pick("The cup is cracked.");
  const known = agent.page.getByRole("complementary", { name: "What is known" });
  for (const text of ["A-1001", "Refund"]) await known.getByText(text, { exact: true }).waitFor();
  await visitor.page.evaluate(() => window.deskbell.help({ order_id: "A-2002", attributes: { gift: true } }));
  await visitor.chat.getByText("Order A-2002").waitFor();
  await visitor.say("This one as well.");
  for (const text of ["A-2002", "Refund"]) await known.getByText(text, { exact: true }).waitFor();
  await assertCount(visitor.chat.getByText("Order A-2002"), 0, "told once");
  // What the visitor takes off is not told.
  await visitor.page.evaluate(() => window.deskbell.help({ order_id: "A-3003" }));
  await visitor.chat.getByRole("button", { name: "Do not send Order A-3003" }).click();
  await visitor.say("Never mind the third.");
  await agent.said("Never mind the third.").waitFor();
  await known.getByText("A-2002", { exact: true }).waitFor();
  browser.assertQuiet();
});

test("the badge counts what was missed, and opening is reading", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.say("Hello?");
  await agent.pick("Hello?");
  await visitor.chat.getByRole("heading", { name: "Ana" }).waitFor();
  await visitor.chat.getByRole("button", { name: "Close chat" }).click();
  await agent.say("One.");
  await agent.say("Two.");
  await visitor.page.locator("deskbell-chat").getByText("2", { exact: true }).waitFor();
  assert.equal(await visitor.launcher.getAttribute("aria-label"), "Chat (2)");
  await agent.log.getByText("Delivered").waitFor();
  // On the next page of the site, too, without a click.
  await visitor.page.reload();
  await visitor.page.locator("deskbell-chat").getByText("2", { exact: true }).waitFor();
  await visitor.launcher.click();
  await visitor.said("Two.").waitFor();
  await agent.log.getByText("Read").waitFor();
  await visitor.page.locator("deskbell-chat").getByText("2", { exact: true }).waitFor({ state: "detached" });
  browser.assertQuiet();
});

test("everything by keyboard: in, written, out, and back where one was", async () => {
  const visitor = new Visitor(await browser.person());
  const { page } = visitor;
  await visitor.arrive(server.url);
  await visitor.launcher.focus();
  await page.keyboard.press("Enter");
  await visitor.chat.getByRole("heading", { name: "Hello!" }).waitFor();
  await visitor.frame().waitForFunction(() => document.activeElement?.tagName === "H1");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.tagName === "DESKBELL-CHAT");
  assert.equal(await focused(page), "BUTTON");

  const help = page.getByRole("button", { name: "Need help with this order?" });
  await help.focus();
  await page.keyboard.press("Enter");
  await visitor.frame().waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.type("Typed, not clicked.");
  await page.keyboard.press("Enter");
  await visitor.said("Typed, not clicked.").waitFor();
  await visitor.chat.getByRole("button", { name: "End chat" }).focus();
  await page.keyboard.press("Enter");
  await visitor.chat.getByText("End this chat?").waitFor();
  await page.keyboard.press("Escape");
  await visitor.chat.getByText("End this chat?").waitFor({ state: "detached" });
  assert.equal(await visitor.launcher.getAttribute("aria-expanded"), "true", "only the question went away");
  await visitor.box.focus();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.textContent?.includes("Need help"));
  browser.assertQuiet();
});

test("on a phone the chat is the screen", async () => {
  const visitor = new Visitor(await browser.person(PHONE));
  await visitor.arrive(server.url);
  await visitor.open();
  const box = await visitor.page.locator("deskbell-chat iframe").boundingBox();
  assert.deepEqual(box, { x: 0, y: 0, ...PHONE });
  assert.equal(await visitor.launcher.isVisible(), false);
  await visitor.chat.getByRole("button", { name: "Close chat" }).click();
  await visitor.launcher.waitFor();
  browser.assertQuiet();
});

test("offline and back: the truth is told, and each message arrives once", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.say("Before the tunnel.");
  await agent.pick("Before the tunnel.");
  browser.serverIsDown = true;
  await visitor.page.context().setOffline(true);
  await server.kill();
  const texts = ["In the tunnel.", "Still in the tunnel.", "It is a long one."];
  for (const text of texts) await visitor.say(text);
  await visitor.chat.getByText("You are offline.").waitFor();
  await visitor.log.getByText("Sending").waitFor();
  await server.up();
  await visitor.page.context().setOffline(false);
  await visitor.chat.getByText("You are offline.").waitFor({ state: "detached" });
  for (const text of texts) {
    await agent.said(text).waitFor();
    await assertCount(agent.said(text), 1, `${text} at the desk`);
    await assertCount(visitor.said(text), 1, `${text} in the chat`);
  }
  browser.serverIsDown = false;
  browser.assertQuiet();
});

test("ten tabs at once are one visitor with one chat, and nothing is said twice", async () => {
  const agent = new Agent(await browser.person());
  const first = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  const context = first.page.context();
  const more = await Promise.all(Array.from({ length: 9 }, () => context.newPage()));
  const tabs = [first, ...more.map((page) => new Visitor(page))];
  await Promise.all(tabs.map((tab) => tab.arrive(server.url)));
  for (const tab of tabs) {
    await tab.page.bringToFront();
    await tab.open();
  }
  // All of them ring at the same moment, before any knows of another.
  await Promise.all(tabs.map((tab, at) => tab.box.fill(`Tab ${at}.`)));
  await Promise.all(tabs.map((tab) => tab.box.press("Enter")));
  for (const tab of tabs) {
    for (let at = 0; at < tabs.length; at += 1) await assertCount(tab.said(`Tab ${at}.`), 1, `tab ${at}`);
  }
  await agent.row("Visitor").first().click();
  for (let at = 0; at < tabs.length; at += 1) {
    await agent.said(`Tab ${at}.`).waitFor();
    await assertCount(agent.said(`Tab ${at}.`), 1, `tab ${at} at the desk`);
  }
  await assertCount(agent.row("Visitor"), 1, "one conversation");
  await agent.say("I see you.");
  await Promise.all(tabs.map((tab) => tab.said("I see you.").waitFor()));
  browser.assertQuiet();
});

test("who has said their name is not asked again, and finds the chats of before", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.chat.getByLabel("Name").fill("Mia Lund");
  await visitor.chat.getByLabel("E-mail").fill("mia@example.test");
  await visitor.say("The first chat.");
  await agent.pick("Mia Lund");
  await visitor.chat.getByRole("button", { name: "End chat" }).click();
  await visitor.chat.getByRole("button", { name: "End chat" }).click();
  await visitor.chat.getByText("How was this chat?").waitFor();
  await visitor.chat.getByRole("button", { name: "Back to the start" }).click();
  await visitor.chat.getByRole("button", { name: /You: The first chat/ }).waitFor();
  await visitor.chat.getByRole("button", { name: "Start a chat" }).click();
  await visitor.chat.getByText("You write as Mia Lund, mia@example.test").waitFor();
  await visitor.say("The second chat.");
  await agent.page.getByText("The second chat.").first().waitFor();
  await visitor.chat.getByRole("button", { name: "Back to the start" }).click();
  await visitor.chat.getByRole("button", { name: /Continue your chat/ }).waitFor();
  await assertCount(visitor.chat.locator(".chat-row"), 2, "both chats");
  browser.assertQuiet();
});
