// Every screen, light and dark, on a desktop and a phone: no accessibility
// violation, nothing wider than the screen, nothing refused by the policy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, DESKTOP, PHONE } from "../browser.mjs";
import { Agent, Visitor } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("each");

async function assertGood(page, name) {
  await assertAccessible(page, name);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(sideways <= 0, `${name} is ${sideways} px wider than the screen`);
}

const LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff Maximiliane von und zu X";
const LONG_TEXT = `${"A long story about a parcel. ".repeat(130)}${"x".repeat(200)}`;

for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`the agent's screens on a ${size}`, async () => {
    const agent = new Agent(await browser.person(viewport));
    const visitor = new Visitor(await browser.person(DESKTOP));
    const { page } = agent;
    await page.goto(server.url);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await assertGood(page, "log-in");
    await page.getByLabel("Tenant").fill("demo");
    await page.getByLabel("E-mail").fill("ben@demo.test");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    await assertGood(page, "log-in refused");
    // A browser logs the refused request itself.
    browser.forgive(/status of 401/);
    await agent.logIn(server.url, "ben@demo.test");
    await page.getByText("No chats with you").waitFor();
    await assertGood(page, "empty list");

    await visitor.arrive(server.url);
    await visitor.open();
    await visitor.chat.getByLabel("Name").fill(LONG_NAME);
    await visitor.say(LONG_TEXT);
    await agent.row(LONG_NAME).waitFor();
    await assertGood(page, "list");
    await agent.pick(LONG_NAME);
    await agent.say("One moment.");
    await agent.addNote("Writes at length.");
    await agent.said("Writes at length.").waitFor();
    await assertGood(page, "thread");
    await agent.box.fill("/");
    await page.getByRole("listbox", { name: "Saved replies" }).waitFor();
    await page.getByText("takes it into your reply").waitFor();
    await assertGood(page, "saved replies");
    await agent.box.fill("");
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Transfer chat" }).waitFor();
    await assertGood(page, "menu");
    await page.getByRole("menuitem", { name: "Transfer chat" }).click();
    await page.getByRole("dialog", { name: "Transfer chat" }).waitFor();
    await assertGood(page, "transfer");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await agent.box.blur();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await assertGood(page, "keys");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    if (viewport === PHONE) {
      await page.getByRole("button", { name: "Show what is known" }).click();
      await page.getByRole("dialog").getByText("Why did I get this?").waitFor();
      await assertGood(page, "what is known");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Back to the list" }).click();
    }
    await page.getByRole("button", { name: /, Online$/ }).click();
    await page.getByRole("menuitemradio", { name: /^Away/ }).waitFor();
    await assertGood(page, "availability");
    await page.getByRole("menuitemradio", { name: /^Away/ }).click();
    await page.getByRole("button", { name: /, Away$/ }).waitFor();
    await page.getByRole("searchbox", { name: "Search messages" }).fill("story");
    await page.getByRole("list", { name: "Found messages" }).waitFor();
    await assertGood(page, "search");
    await page.getByRole("searchbox", { name: "Search messages" }).fill("nothing like it");
    await page.getByText("Nothing found").waitFor();
    await assertGood(page, "search without a hit");
    await page.getByRole("searchbox", { name: "Search messages" }).fill("");

    await agent.pick(LONG_NAME);
    await page.getByRole("button", { name: "Resolve chat" }).click();
    await page.getByText("Resolved. It opens again when the visitor writes.").waitFor();
    await assertGood(page, "resolved");
    browser.assertQuiet();
  });

  test(`the settings on a ${size}`, async () => {
    const owner = new Agent(await browser.person(viewport));
    const { page } = owner;
    const dialog = page.getByRole("dialog");
    const close = async () => {
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    };
    await owner.logIn(server.url, "owner@demo.test");
    await page.goto(`${server.url}/#/settings/plugins`);
    await page.getByRole("link", { name: "Skills router", exact: true }).waitFor();
    await assertGood(page, "plugins");
    await page.getByRole("button", { name: "More for Skills router" }).click();
    await page.getByRole("menuitem", { name: "Configure plugin" }).waitFor();
    await assertGood(page, "a plugin's menu");
    await page.keyboard.press("Escape");
    await page.getByLabel("Plugin file").setInputFiles({
      name: `${"a-very-long-name-".repeat(8)}.wasm`,
      mimeType: "application/wasm",
      buffer: Buffer.from("no plugin"),
    });
    await page.getByText("was refused").waitFor();
    browser.forgive(/status of 422/);
    await assertGood(page, "a refused file");
    await page.getByRole("link", { name: "Skills router", exact: true }).click();
    await page.getByRole("heading", { name: "How it is set up" }).waitFor();
    await page.getByRole("button", { name: "Add rule" }).click();
    await page
      .getByLabel("Name")
      .last()
      .fill(LONG_NAME + LONG_NAME);
    await page.getByRole("button", { name: "Save configuration" }).click();
    await page.getByText("Not saved. See the marked fields.").waitFor();
    await assertGood(page, "a plugin, wrongly set up");
    await page.getByRole("button", { name: "Uninstall plugin" }).click();
    await dialog.waitFor();
    await assertGood(page, "asked whether to uninstall");
    await dialog.getByRole("button", { name: "Uninstall plugin" }).click();
    await page.getByRole("button", { name: "Install Skills router" }).click();
    await dialog.getByText("What it does").waitFor();
    await dialog.getByRole("button", { name: "Add rule" }).click();
    await dialog.getByRole("button", { name: "Add an attribute" }).click();
    await dialog.getByRole("button", { name: "Install plugin" }).click();
    await dialog.getByText("Fill this in.").first().waitFor();
    await assertGood(page, "installing, wrongly set up");
    await close();

    await page.goto(`${server.url}/#/settings/replies`);
    await page.getByRole("list", { name: "Saved replies" }).waitFor();
    await assertGood(page, "saved replies to edit");
    await page.getByRole("button", { name: "New saved reply" }).click();
    await dialog.getByLabel("Title").fill(LONG_NAME);
    await dialog.getByLabel("Text", { exact: true }).fill("x".repeat(4_001));
    await dialog.getByRole("button", { name: "Save reply" }).click();
    await dialog.getByText("At most 4000 characters").waitFor();
    await assertGood(page, "a saved reply, wrongly written");
    await dialog.getByLabel("Shortcut").fill("late");
    await dialog.getByLabel("Text", { exact: true }).fill("I am sorry, ");
    await dialog.getByRole("button", { name: /contact\.name/ }).click();
    await dialog.getByRole("button", { name: "Save reply" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("I am sorry, {{contact.name}}").waitFor();
    await page.getByRole("button", { name: "/late" }).click();
    await dialog.getByRole("button", { name: "Delete saved reply" }).click();
    await dialog.getByRole("button", { name: "Delete for everybody" }).click();
    await page.getByRole("button", { name: "/late" }).waitFor({ state: "detached" });

    await page.goto(`${server.url}/#/settings/inboxes`);
    await page.getByLabel("Welcome title").fill(LONG_NAME);
    await page.getByRole("textbox", { name: "Brand colour" }).fill("#ffd400");
    await page.getByText("Hard to make out on a white page").waitFor();
    await page.getByRole("button", { name: "Add origin" }).click();
    await page.getByLabel("Origin 1").fill("shop.example");
    await page.getByRole("button", { name: "Save inbox" }).click();
    await page.getByText("Only scheme and host").waitFor();
    await assertGood(page, "an inbox, wrongly set up");
    await page.getByLabel("Origin 1").fill("https://shop.example");
    await page.getByLabel("Bottom left").check();
    await page.getByRole("button", { name: "Save inbox" }).click();
    await page.getByText("Saved. Pages show it the next time they load.").waitFor();
    await assertGood(page, "an inbox");

    const agent = new Agent(await browser.person(viewport));
    await agent.logIn(server.url, "ana@demo.test");
    await agent.page.goto(`${server.url}/#/settings/plugins`);
    await agent.page.getByText("Only admins can open this").waitFor();
    await assertGood(agent.page, "settings without the right to them");
    browser.assertQuiet();
  });
}
