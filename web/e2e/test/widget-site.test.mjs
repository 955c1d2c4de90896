// The widget on somebody else's site: strict policies, hostile frames, origins
// that may not, and nothing asked for before the visitor wants something.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { assertCount } from "../browser.mjs";
import { Agent, Visitor } from "../people.mjs";
import { allow, pageWith, Site, strictest } from "../site.mjs";
import { browser, server, stage } from "../stage.mjs";

stage("one");

const sites = [];

afterEach(async () => {
  await browser.everybodyLeaves();
  await Promise.all(sites.splice(0).map((site) => site.stop()));
});

async function site(pages) {
  const it = await Site.start(pages);
  sites.push(it);
  return it;
}

/** A visitor whose page keeps what its policy refused and what moved on it. */
async function watched(viewport) {
  const visitor = new Visitor(await browser.person(viewport));
  await visitor.page.addInitScript(() => {
    window.refused = [];
    window.moved = 0;
    document.addEventListener("securitypolicyviolation", (event) => {
      window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.moved += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  return visitor;
}

const HELP = `<button type="button" data-deskbell-help data-deskbell-order-id="A-1001">Need help</button>`;

test("the strictest policy refuses nothing, nothing moves, and one request comes before intent", async () => {
  const shop = await site(() => ({ "/": { html: pageWith(server.url, HELP), policy: strictest(server.url) } }));
  await allow(server.url, [shop.origin]);
  const visitor = await watched();
  const asked = [];
  visitor.page.on("request", (request) => {
    if (request.url().startsWith(server.url)) asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await visitor.page.goto(shop.origin, { waitUntil: "networkidle" });
  await visitor.launcher.waitFor();
  assert.deepEqual(asked, ["GET /widget/loader.js"]);
  assert.equal(await visitor.page.evaluate(() => localStorage.length + sessionStorage.length), 0);

  await visitor.page.getByRole("button", { name: "Need help" }).click();
  await visitor.box.waitFor();
  await visitor.chat.getByText("Order A-1001").waitFor();
  assert.ok(!asked.includes("POST /api/v1/widget/sessions"), "who only looks leaves no trace");
  await visitor.say("Where is my parcel?");
  await visitor.log.getByText("Sent", { exact: true }).waitFor();
  assert.ok(asked.includes("POST /api/v1/widget/sessions"));
  await visitor.chat.getByRole("button", { name: "Close chat" }).click();

  assert.deepEqual(await visitor.page.evaluate(() => window.refused), []);
  assert.equal(await visitor.page.evaluate(() => window.moved), 0);
  const kept = await visitor.page.evaluate(() => Object.values(localStorage).join());
  assert.match(kept, /"known":true/);
  assert.doesNotMatch(kept, /dbv|secret|parcel/, "the site learns nothing of the chat");
  browser.assertQuiet();
});

test("a page of an origin that is not listed gets no chat", async () => {
  const shop = await site(() => ({ "/": { html: pageWith(server.url) } }));
  await allow(server.url, ["https://shop.example"]);
  const visitor = await watched();
  await visitor.page.goto(shop.origin);
  const answer = visitor.page.waitForResponse((response) => response.url().includes("/widget/messenger/"));
  await visitor.launcher.click();
  const policy = (await answer).headers()["content-security-policy"];
  assert.match(policy, /frame-ancestors 'self' https:\/\/shop\.example$/);
  await assert.rejects(visitor.chat.getByRole("heading").waitFor({ timeout: 2_000 }));
  assert.equal(await visitor.launcher.getAttribute("aria-expanded"), "false");
  browser.forgive(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE|target origin provided/);
  browser.assertQuiet();
});

test("an inbox that does not exist is said to be none", async () => {
  const answer = await fetch(`${server.url}/widget/messenger/nobody`);
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /There is no chat at this address/);
  const direct = await fetch(`${server.url}/widget/messenger.html`);
  assert.equal(direct.status, 404, "the page without an inbox is no page");
});

test("a hostile frame that posts messages changes nothing and hears nothing", async () => {
  const evil = await site(() => ({
    "/": { html: `<title>Evil</title><script src="/evil.js"></script>` },
    "/evil.js": {
      script: `
        window.heard = [];
        window.sent = 0;
        window.onmessage = (event) => window.heard.push(String(event.data));
        setInterval(() => {
          for (const target of [parent, ...Array.from({ length: parent.frames.length }, (_, at) => parent.frames[at])]) {
            if (target === window) continue;
            const channel = new MessageChannel();
            channel.port1.onmessage = (event) => window.heard.push(JSON.stringify(event.data));
            target.postMessage({ deskbell: { color: "#ff0000" }, dir: "rtl" }, "*", [channel.port2]);
            for (const name of ["open", "close", "forget", "ready", "keep"]) target.postMessage([name, { url: "x" }], "*");
            channel.port1.postMessage(["forget"]);
            window.sent += 1;
          }
        }, 5);`,
    },
  }));
  const shop = await site(() => ({
    "/": { html: pageWith(server.url, `${HELP}<iframe title="An advertisement" src="${evil.origin}/"></iframe>`) },
  }));
  await allow(server.url, [shop.origin]);
  const agent = new Agent(await browser.person());
  const visitor = await watched();
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.page.goto(shop.origin);
  const frame = visitor.page.frames().find((each) => each.url().startsWith(evil.origin));
  await frame.waitForFunction(() => window.sent > 10);
  await visitor.page.getByRole("button", { name: "Need help" }).click();
  await visitor.say("Is this private?");
  await agent.pick("Is this private?");
  await agent.say("It is.");
  await visitor.said("It is.").waitFor();
  const before = await frame.evaluate(() => window.sent);
  await frame.waitForFunction((many) => window.sent > many + 50, before);
  assert.deepEqual(await frame.evaluate(() => window.heard), []);
  await assertCount(visitor.said("Is this private?"), 1, "nothing was forgotten or said twice");
  assert.equal(await visitor.frame().evaluate(() => document.documentElement.dir), "");
  assert.equal(await visitor.launcher.getAttribute("aria-expanded"), "true");
  browser.assertQuiet();
});

test("the page may call before the loader is there, twice is once, and hears what happens", async () => {
  const look = `data-inbox="demo-web" data-color="#ffd400" data-position="left" data-label="Ask us"`;
  const again = `<script src="${server.url}/widget/loader.js" ${look}></script>`;
  const shop = await site(() => ({
    "/": {
      html: pageWith(server.url, `<script src="/page.js"></script>${again}`, look),
      dir: "rtl",
    },
    "/page.js": {
      script: `
        window.told = [];
        const chat = (window.deskbell = window.deskbell || []);
        for (const name of ["open", "close", "started"]) chat.push(["on", name, () => window.told.push(name)]);
        chat.push(["help", { order_id: "B-7", category: "Refund", attributes: { vip: true } }]);`,
    },
  }));
  await allow(server.url, [shop.origin]);
  const visitor = await watched();
  await visitor.page.goto(shop.origin);
  await visitor.chat.getByText("Order B-7").waitFor();
  await assertCount(visitor.page.locator("deskbell-chat"), 1, "one launcher");
  assert.equal(await visitor.launcher.getAttribute("aria-label"), "Ask us");
  const { x } = await visitor.launcher.boundingBox();
  assert.equal(x, 24, "on the left");
  const colour = await visitor.launcher.evaluate((it) => getComputedStyle(it).color);
  assert.match(colour, /^(rgb\(0, 0, 0\)|color\(xyz-d65 -)/, "black on yellow");
  assert.equal(await visitor.frame().evaluate(() => document.documentElement.dir), "rtl");
  await visitor.say("Please refund it.");
  await visitor.page.waitForFunction(() => window.told.includes("started"));
  await visitor.page.evaluate(() => window.deskbell.close());
  assert.deepEqual(await visitor.page.evaluate(() => window.told), ["open", "started", "close"]);

  await visitor.page.evaluate(() => window.deskbell.shutdown());
  await visitor.page.locator("deskbell-chat").waitFor({ state: "detached" });
  assert.equal(await visitor.page.evaluate(() => localStorage.length), 0);
  await visitor.page.evaluate(() => sessionStorage.clear());
  await visitor.page.reload();
  await visitor.box.waitFor();
  await assertCount(visitor.said("Please refund it."), 0, "somebody else's chat");
  browser.assertQuiet();
});
