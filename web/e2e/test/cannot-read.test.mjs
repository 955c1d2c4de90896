// What becomes of a message that a filter cannot read: an admin's choice on the
// plugin's page, against the real server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "../browser.mjs";
import { asOwner, send, zooFile } from "../desk-api.mjs";
import { Agent } from "../people.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("one");

test("when it cannot read a message", async (t) => {
  const ask = await asOwner(server.url);
  const { plugin } = await ask("POST", "/plugins", await zooFile("bad-filter"));
  const made = await ask("POST", "/installations", {
    plugin_id: plugin.id,
    hooks: ["filter"],
    capabilities: [],
    config: { mode: "trap", word: "cup" },
    enabled: true,
  });
  const { token } = await send(server.url, null, "POST", "/widget/sessions", { inbox: "demo-web" });
  const start = { client_msg_id: "v0", text: "Hello" };
  const { id } = await send(server.url, token, "POST", "/widget/conversations", start);
  /** What the visitor's page hears of it. */
  const say = async (key) => {
    const answer = await fetch(`${server.url}/api/v1/widget/conversations/${id}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ client_msg_id: key, text: "My cup is broken" }),
    });
    return answer.status;
  };

  const owner = new Agent(await browser.person());
  const { page } = owner;
  const pass = page.getByRole("radio", { name: "Let it pass" });
  const hold = page.getByRole("radio", { name: "Hold it back" });
  /** A choice is in force when it is answered. */
  const choose = async (how, wanted) => {
    const answered = page.waitForResponse((answer) => answer.request().method() === "PATCH");
    await how();
    assert.equal((await (await answered).json()).on_failure, wanted);
  };

  await t.test("it passes, until somebody chooses otherwise", async () => {
    await owner.logIn(server.url, "owner@demo.test");
    await page.goto(`${server.url}/#/settings/plugins/${made.id}`);
    await page.getByRole("heading", { name: "When it cannot read a message" }).waitFor();
    assert.ok(await pass.isChecked());
    assert.equal(await say("v1"), 201);
  });

  await t.test("held back, by keyboard", async () => {
    await pass.focus();
    await choose(() => page.keyboard.press("ArrowDown"), "hold");
    await page.getByRole("radio", { name: "Hold it back", checked: true }).waitFor();
    await assertAccessible(page, "a filter that holds");
    assert.equal(await say("v2"), 202);
    await page.reload();
    await page.getByRole("radio", { name: "Hold it back", checked: true }).waitFor();
  });

  await t.test("and let pass again", async () => {
    await choose(() => pass.check(), "pass");
    assert.equal(await say("v3"), 201);
    await page.reload();
    await page.getByRole("radio", { name: "Let it pass", checked: true }).waitFor();
    assert.ok(!(await hold.isChecked()));
  });

  browser.assertQuiet();
});
