// Every screen of the visitor's, light and dark, on a desktop and a phone: no
// accessibility violation in the page and in the frame, nothing wider than the
// screen, nothing refused by a policy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, DESKTOP, PHONE } from "../browser.mjs";
import { Agent, Visitor } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("each");

async function assertGood(visitor, name) {
  const frame = visitor.frame() ?? null;
  await assertAccessible(visitor.page, name, frame);
  for (const document of frame ? [visitor.page, frame] : [visitor.page]) {
    const sideways = await document.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
  }
}

const LONG_TEXT = `${"A long story about a parcel. ".repeat(130)}${"x".repeat(200)}`;
/** A desktop of 1280 × 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };

for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE, "page at 400 %": ZOOMED })) {
  test(`the visitor's screens on a ${size}`, async () => {
    const visitor = new Visitor(await browser.person(viewport));
    const agent = new Agent(await browser.person(DESKTOP));
    await visitor.arrive(server.url);
    await assertGood(visitor, "order page");
    await visitor.launcher.click();
    await visitor.chat.getByRole("heading", { name: "Hello!" }).waitFor();
    await assertGood(visitor, "home");
    await visitor.chat.getByRole("button", { name: "Close chat" }).click();
    await visitor.open();
    await assertGood(visitor, "start");
    await visitor.chat.getByLabel("E-mail").fill("not an address");
    await visitor.say("Hello?");
    await visitor.chat.getByText("This is no e-mail address.").waitFor();
    await assertGood(visitor, "start with a wrong address");
    await visitor.chat.getByLabel("E-mail").fill("");
    await visitor.say("Hello?");
    await visitor.chat.getByText("You are next.").waitFor();
    await assertGood(visitor, "in the queue");
    await agent.logIn(server.url, "ana@demo.test");
    await visitor.chat.getByRole("heading", { name: "Ana" }).waitFor();
    await agent.pick("Hello?");
    await agent.say(LONG_TEXT);
    await agent.box.pressSequentially("and");
    await visitor.chat.getByText("Ana is writing").waitFor();
    await visitor.say("مرحبا، أين طلبي؟");
    await visitor.log.getByText("Read").waitFor();
    await assertGood(visitor, "conversation");
    await visitor.chat.getByRole("button", { name: "End chat" }).click();
    await assertGood(visitor, "asked whether to end");
    await visitor.chat.getByRole("button", { name: "End chat" }).click();
    await visitor.chat.getByLabel("2 of 5: Poor").check();
    await assertGood(visitor, "rating");
    await visitor.chat.getByRole("button", { name: "Send rating" }).click();
    await visitor.chat.getByText("You rated this chat").waitFor();
    await assertGood(visitor, "rated");
    await visitor.chat.getByRole("button", { name: "Back to the start" }).click();
    await visitor.chat.getByText("Your chats").waitFor();
    await assertGood(visitor, "home with an earlier chat");
    browser.assertQuiet();
  });
}
