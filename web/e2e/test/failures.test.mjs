// What people see when something fails: work kept, nothing sent twice, and the
// truth about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCount } from "../browser.mjs";
import { Agent, PASSWORD, Visitor } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("each");

test("a first message written while the server is away starts the chat once it is back", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  browser.serverIsDown = true;
  await server.kill();
  await visitor.chat.getByLabel("Name").fill("Mia Lund");
  await visitor.say("Is anybody there?");
  await visitor.chat.getByText("Connecting again.").waitFor();
  await visitor.say("I can wait.");
  await server.up();
  await visitor.chat.getByText("Connecting again.").waitFor({ state: "detached" });
  await agent.pick("Mia Lund");
  for (const text of ["Is anybody there?", "I can wait."]) {
    await agent.said(text).waitFor();
    await assertCount(agent.said(text), 1, text);
    await assertCount(visitor.said(text), 1, text);
  }
  await assertCount(agent.row("Mia Lund"), 1, "one conversation");
  browser.serverIsDown = false;
  browser.assertQuiet();
});

test("a launcher pressed while the server is away opens the chat once it is back", async () => {
  const visitor = new Visitor(await browser.person());
  await visitor.arrive(server.url);
  browser.serverIsDown = true;
  await server.kill();
  await visitor.launcher.click();
  await visitor.page.waitForFunction(() => {
    const frame = document.querySelector("deskbell-chat").shadowRoot.querySelector("iframe");
    return frame && performance.getEntriesByName(frame.src).length > 0;
  });
  assert.equal(await visitor.launcher.getAttribute("aria-expanded"), "false");
  await server.up();
  browser.serverIsDown = false;
  await visitor.launcher.click();
  await visitor.chat.getByRole("heading", { name: "Hello!" }).waitFor();
});

test("what was not sent survives a reload", async () => {
  const visitor = new Visitor(await browser.person());
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.say("The first words.");
  await visitor.log.getByText("Sent", { exact: true }).waitFor();
  await visitor.page.context().setOffline(true);
  browser.serverIsDown = true;
  await server.kill();
  await visitor.say("Written into the void.");
  await visitor.log.getByText("Sending").waitFor();
  await visitor.box.fill("A draft, not sent");
  await server.up();
  await visitor.page.context().setOffline(false);
  await visitor.page.reload();
  browser.serverIsDown = false;
  await visitor.said("Written into the void.").waitFor();
  await visitor.log.getByText("Sending").waitFor({ state: "detached" });
  await assertCount(visitor.said("Written into the void."), 1, "it is there once");
  assert.equal(await visitor.box.inputValue(), "A draft, not sent");
});

test("two tabs of one visitor show the same chat", async () => {
  const one = new Visitor(await browser.person());
  await one.arrive(server.url);
  await one.open();
  await one.say("From the first tab.");
  await one.log.getByText("Sent", { exact: true }).waitFor();
  const two = new Visitor(await one.page.context().newPage());
  await two.arrive(server.url);
  await two.open();
  await two.said("From the first tab.").waitFor();
  await two.say("From the second tab.");
  await one.said("From the second tab.").waitFor();
  await assertCount(two.said("From the second tab."), 1, "once in its own tab");
  browser.assertQuiet();
});

test("an agent who is logged out from elsewhere sees why, and keeps the draft", async () => {
  const agent = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.say("Hello?");
  await agent.pick("Hello?");
  await agent.box.fill("Half a sentence");

  const ask = async (method, path, token, body) => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer.status === 204 ? null : answer.json();
  };
  const login = { tenant: "demo", email: "ana@demo.test", password: PASSWORD };
  const { access_token: token } = await ask("POST", "/auth/login", null, login);
  const { items } = await ask("GET", "/auth/sessions", token);
  const inBrowser = items.filter((session) => /Chrome/.test(session.user_agent ?? ""));
  assert.equal(inBrowser.length, 1);
  await ask("DELETE", `/auth/sessions/${inBrowser[0].id}`, token);

  await agent.page.getByText("Your session has ended.").waitFor();
  await agent.page.getByLabel("E-mail").fill("ana@demo.test");
  await agent.page.getByLabel("Password").fill(PASSWORD);
  assert.equal(await agent.page.getByLabel("Tenant").inputValue(), "demo");
  await agent.page.getByRole("button", { name: "Log in" }).click();
  await agent.said("Hello?").waitFor();
  assert.equal(await agent.box.inputValue(), "Half a sentence");
});

test("a chat that somebody else resolved first says so", async () => {
  const ana = new Agent(await browser.person());
  const sam = new Agent(await browser.person());
  const visitor = new Visitor(await browser.person());
  await ana.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.open();
  await visitor.say("Hello?");
  await ana.pick("Hello?");
  await sam.logIn(server.url, "supervisor@demo.test");
  await sam.page.goto(`${server.url}/${new URL(ana.page.url()).hash}`);
  await sam.said("Hello?").waitFor();
  await sam.page.getByText("Ana has this chat.").waitFor();
  await sam.page.getByRole("button", { name: "Resolve chat" }).click();
  await ana.page.getByText("Resolved. It opens again when the visitor writes.").waitFor();
  await ana.page.getByRole("button", { name: "Reopen chat" }).click();
  await ana.page.getByText("Resolved. It opens again").waitFor({ state: "detached" });
  await ana.say("I am still here.");
  await visitor.said("I am still here.").waitFor();
  browser.assertQuiet();
});
