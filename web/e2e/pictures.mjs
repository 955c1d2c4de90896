// Takes pictures of every screen into a folder, to be looked at by a person:
//
//   node pictures.mjs [folder]
//
// Light and dark, desktop and phone. Beside them, in `docs`, those of docs/pictures.

import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Browser, DESKTOP, PHONE } from "./browser.mjs";
import { asOwner, reversioned, send, withBot, zooFile } from "./desk-api.mjs";
import { ASKS_THIS_MACHINE, CLIENT, LocalCrm } from "./local-crm.mjs";
import { Agent, Visitor } from "./people.mjs";
import { Server } from "./server.mjs";

const folder = process.argv[2] ?? join(tmpdir(), "deskbell-pictures");
mkdirSync(join(folder, "docs"), { recursive: true });

const server = await Server.start(ASKS_THIS_MACHINE);
const browser = await Browser.start();

async function picture(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/** For the documentation: as large as it is shown there. */
async function forDocs(page, name, size, clip) {
  const before = page.viewportSize();
  await page.setViewportSize(size);
  await page.screenshot({ path: join(folder, "docs", `${name}.png`), ...(clip && { clip }) });
  await page.setViewportSize(before);
}

/** The desk and a visitor in one picture, for the README. */
async function together(desk, visitor) {
  const sizes = [desk, visitor].map((page) => page.viewportSize());
  const images = await Promise.all([desk, visitor].map((page) => page.screenshot()));
  const [left, right] = images.map((image) => `data:image/png;base64,${image.toString("base64")}`);
  const gap = 24;
  const page = await browser.person({
    width: sizes[0].width + sizes[1].width + 3 * gap,
    height: Math.max(sizes[0].height, sizes[1].height) + 2 * gap,
  });
  const frame = "border-radius:10px;border:1px solid #d5d9e0;display:block";
  await page.setContent(
    `<body style="margin:0;padding:${gap}px;box-sizing:border-box;display:flex;gap:${gap}px;align-items:center;background:#e9ecf1">` +
      `<img src="${left}" style="${frame}"><img src="${right}" style="${frame}">`,
  );
  await page.screenshot({ path: join(folder, "docs", "desk.png") });
  await page.context().close();
}

async function ring({ name, about, words, viewport = DESKTOP }) {
  const visitor = new Visitor(await browser.person(viewport));
  await visitor.arrive(server.url);
  await visitor.open();
  if (about) await visitor.chat.getByText(about).click();
  if (name) await visitor.chat.getByLabel("Name").fill(name);
  for (const text of words) {
    await visitor.say(text);
    await visitor.said(text).waitFor();
  }
  return visitor;
}

/** Everybody has room again. */
async function resolveAll() {
  const ask = await asOwner(server.url);
  const { items } = await ask("GET", "/conversations?status=active");
  for (const it of items) await ask("POST", `/conversations/${it.id}/resolve`);
}

/** What admins arrange. */
async function settings(name, viewport) {
  const owner = new Agent(await browser.person(viewport));
  const { page } = owner;
  const dialog = page.getByRole("dialog");
  await owner.logIn(server.url, "owner@demo.test");
  await page.goto(`${server.url}/#/settings/plugins`);
  await page.getByRole("link", { name: "Skills router", exact: true }).waitFor();
  await picture(page, `${name}-1-plugins`);
  const buffer = Buffer.from("a picture of the sea");
  await page.getByLabel("Plugin file").setInputFiles({ name: "holiday.wasm", mimeType: "application/wasm", buffer });
  await page.getByText("was refused").waitFor();
  await picture(page, `${name}-2-refused`);
  await page.getByRole("link", { name: "Skills router", exact: true }).click();
  await page.getByRole("heading", { name: "How it is set up" }).waitFor();
  await picture(page, `${name}-3-plugin`);
  await page.setViewportSize({ width: viewport.width, height: 2_600 });
  await picture(page, `${name}-4-whole-plugin`);
  await page.setViewportSize(viewport);
  await page.getByRole("button", { name: "Uninstall plugin" }).click();
  await dialog.getByRole("button", { name: "Uninstall plugin" }).click();
  await page.getByRole("button", { name: "Install Skills router" }).click();
  await dialog.getByText("What it does").waitFor();
  await picture(page, `${name}-5-install`);
  await dialog.getByRole("button", { name: "Install plugin" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.goto(`${server.url}/#/settings/replies`);
  await page.getByRole("button", { name: "/order" }).click();
  await dialog.getByText("contact.name").first().waitFor();
  await picture(page, `${name}-6-saved-reply`);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await picture(page, `${name}-7-saved-replies`);
  await page.goto(`${server.url}/#/settings/inboxes`);
  await page.getByRole("textbox", { name: "Brand colour" }).fill("#ffd400");
  await page.getByText("Hard to make out").waitFor();
  await picture(page, `${name}-8-inbox`);
  await page.context().close();
}

/** A bot answers first, and the desk looks on. */
async function withTheBot(name, viewport) {
  const visitor = new Visitor(await browser.person(viewport === PHONE ? PHONE : { width: 1280, height: 800 }));
  const agent = new Agent(await browser.person(viewport));
  await agent.logIn(server.url, "ana@demo.test");
  await visitor.arrive(server.url);
  await visitor.launcher.click();
  await visitor.chat.getByRole("button", { name: /Start a chat/ }).click();
  await visitor.chat.getByLabel("Name").fill("Mia Lund");
  await visitor.say("My cup came in two halves.");
  await visitor.chat.getByRole("button", { name: "A refund" }).waitFor();
  await picture(visitor.page, `${name}-1-buttons`);
  if (viewport === DESKTOP) {
    const chat = { x: 872, y: 64, width: 384, height: 640 };
    await forDocs(visitor.page, "bot", { width: 1280, height: 800 }, chat);
  }
  await agent.page.goto(`${server.url}/#/bot`);
  await agent.pick("Mia Lund");
  await picture(agent.page, `${name}-2-desk`);
  await visitor.chat.getByRole("button", { name: "A refund" }).click();
  await visitor.chat.getByRole("button", { name: "Send answers" }).click();
  await visitor.chat.getByText("Fill this in.").waitFor();
  await picture(visitor.page, `${name}-3-form`);
  await visitor.chat.getByLabel("Order number").fill("A-1001");
  await visitor.chat.getByRole("button", { name: "Send answers" }).click();
  await visitor.chat.getByRole("heading", { name: /Ana|Ben/ }).waitFor();
  await picture(visitor.page, `${name}-4-handed-over`);
  await agent.log.getByText(/^Topic: A refund/).waitFor();
  await picture(agent.page, `${name}-5-summary`);
  await agent.page.getByRole("button", { name: "More" }).click();
  await agent.page.getByRole("menuitem", { name: "Resolve chat" }).click();
  await agent.page.getByText("Resolved. It opens again").waitFor();
  for (const each of [visitor, agent]) await each.page.context().close();
}

/** What a CRM on this machine knows of the visitor, and what is said while it fails. */
async function withTheCrm(name, viewport) {
  const crm = await LocalCrm.start();
  const ask = await asOwner(server.url);
  const { plugin } = await ask("POST", "/plugins", { catalogue: "crm-sync" });
  const grants = { hooks: ["context"], capabilities: ["http", "kv"] };
  const body = { plugin_id: plugin.id, ...grants, config: crm.config, enabled: true };
  const { id } = await ask("POST", "/installations", body);
  const owner = new Agent(await browser.person(viewport));
  await owner.logIn(server.url, "owner@demo.test");
  await owner.page.goto(`${server.url}/#/settings/plugins/${id}`);
  await owner.page.getByRole("button", { name: "Set Client secret" }).click();
  await owner.page.getByLabel("Value", { exact: true }).scrollIntoViewIfNeeded();
  await picture(owner.page, `${name}-1-secret`);
  await owner.page.context().close();
  await ask("PUT", `/installations/${id}/secrets/client_secret`, { value: CLIENT.secret });
  const { token } = await send(server.url, null, "POST", "/widget/sessions", { inbox: "demo-web" });
  const form = { name: "Mia Lund", email: "mia@example.com" };
  const start = { client_msg_id: "ring", text: `Is it on its way? (${name})`, subject: "A broken cup", form };
  const chat = await send(server.url, token, "POST", "/widget/conversations", start);
  const agent = new Agent(await browser.person(viewport));
  const { page } = agent;
  await agent.logIn(server.url, "ana@demo.test");
  await page.goto(`${server.url}/#/mine/${chat.id}`);
  if (viewport === PHONE) await page.getByRole("button", { name: "Show what is known" }).click();
  const cards = page.getByRole("region", { name: "CRM sync" }).last();
  await cards.getByText("Second kiln").waitFor();
  await picture(page, `${name}-2-cards`);
  if (viewport === DESKTOP) {
    await forDocs(page, "cards", { width: 1280, height: 900 }, { x: 528, y: 0, width: 752, height: 606 });
  }
  await crm.fail([503]);
  await cards.getByRole("button", { name: "Refresh CRM sync" }).click();
  await cards.getByRole("button", { name: "Try again" }).waitFor();
  await picture(page, `${name}-3-failed`);
  await page.context().close();
  await ask("DELETE", `/installations/${id}`);
  await crm.stop();
}

/** A plugin that was upgraded, broken and paused. */
async function inOperation(name, viewport) {
  const ask = await asOwner(server.url);
  const file = await zooFile("bad-router");
  const { items: before } = await ask("GET", "/installations");
  let made = before.find((it) => it.plugin_key === "bad-router");
  if (!made) {
    const { plugin } = await ask("POST", "/plugins", file);
    const grants = { hooks: ["routing"], capabilities: [] };
    made = await ask("POST", "/installations", {
      plugin_id: plugin.id,
      ...grants,
      config: { mode: "trap" },
      enabled: true,
    });
    await ask("POST", "/plugins", reversioned(file, "0.1.0", "0.1.1"));
    await ask("POST", `/installations/${made.id}/upgrade`, { plugin_version: "0.1.1", ...grants });
    await ask("POST", "/plugins", reversioned(file, "0.1.0", "0.2.0"));
    for (let n = 1; n <= 5; n += 1) {
      const { token } = await send(server.url, null, "POST", "/widget/sessions", { inbox: "demo-web" });
      await send(server.url, token, "POST", "/widget/conversations", { client_msg_id: "ring", text: `Ring ${n}` });
    }
  }
  const owner = new Agent(await browser.person(viewport));
  const { page } = owner;
  await owner.logIn(server.url, "owner@demo.test");
  await page.goto(`${server.url}/#/settings/plugins`);
  await page.getByText("Paused", { exact: true }).waitFor();
  await picture(page, `${name}-1-plugins`);
  await page.getByRole("link", { name: "Bad router", exact: true }).click();
  await page.getByText(/^Paused: /).waitFor();
  await picture(page, `${name}-2-paused`);
  if (viewport === DESKTOP) await forDocs(page, "plugin", { width: 1100, height: 1000 });
  await page.setViewportSize({ width: viewport.width, height: viewport === PHONE ? 3_600 : 2_600 });
  await page.getByRole("region", { name: "Log of the plugin" }).getByText("error").first().waitFor();
  await picture(page, `${name}-3-whole`);
  await page.setViewportSize(viewport);
  await page.getByRole("button", { name: /^Roll back to/ }).click();
  await page.getByRole("dialog").waitFor();
  await picture(page, `${name}-4-roll-back`);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Upgrade to 0.2.0" }).click();
  await page.getByRole("heading", { name: "What changes" }).waitFor();
  await picture(page, `${name}-5-upgrade`);
  await page.context().close();
}

/** What was done in the other pictures. */
async function auditLog(name, viewport) {
  const owner = new Agent(await browser.person(viewport));
  const { page } = owner;
  await owner.logIn(server.url, "owner@demo.test");
  await page.goto(`${server.url}/#/settings/audit?what=plugins,secrets`);
  const upgraded = page.getByRole("button", { name: /upgraded/ }).first();
  await upgraded.click();
  await page.getByText("As before").first().waitFor();
  await picture(page, `${name}-1-open`);
  if (viewport === DESKTOP) await forDocs(page, "audit", { width: 1100, height: 760 });
  await page.goto(`${server.url}/#/settings/audit?what=teams&when=days&to=2020-01-01`);
  await page.getByText("Nothing like this").waitFor();
  await picture(page, `${name}-2-none`);
  await page.context().close();
}

try {
  const shop = new Visitor(await browser.person({ width: 1280, height: 800 }));
  await shop.arrive(server.url);
  await picture(shop.page, "visitor-1-order");
  await shop.open();
  await picture(shop.page, "visitor-2-start");

  const queued = await ring({ words: ["Hello, is somebody there?"], viewport: PHONE });
  await queued.chat.getByText("You are next.").waitFor();
  await picture(queued.page, "phone-visitor-1-queued");
  await queued.chat.getByRole("button", { name: "End chat" }).click();
  await queued.chat.getByRole("button", { name: "End chat" }).click();
  await queued.page.context().close();

  const ana = new Agent(await browser.person(DESKTOP));
  const ben = new Agent(await browser.person(PHONE));
  await ana.page.goto(server.url);
  await ana.page.getByRole("button", { name: "Log in" }).waitFor();
  await picture(ana.page, "agent-1-log-in");
  await ana.logIn(server.url, "ana@demo.test");
  await ana.page.getByText("No chats with you").waitFor();
  await picture(ana.page, "agent-2-empty");
  const mia = await ring({
    name: "Mia Lund",
    about: "Late delivery",
    words: [
      "Hello, the tracking page has not moved since Thursday. Is my parcel lost?",
      "It was meant as a present for Saturday.",
    ],
    viewport: { width: 1280, height: 800 },
  });
  const others = [
    await ring({ about: "Refund", words: ["One of the cups arrived with a crack. Can I get my money back for it?"] }),
    await ring({ name: "Jonas Weber", about: "Something else", words: ["Do you also ship to Austria?"] }),
    await ring({ name: "Amélie Durand", about: "Late delivery", words: ["Merci, c’est arrivé ce matin."] }),
  ];
  await ana.pick("Mia Lund");
  await ana.say("Hello Mia, I am sorry about that. I am asking the carrier right now where it is.");
  await ana.addNote(
    "Northpost: the parcel is in the Bristol depot, the label was damaged. They print a new one today.",
  );
  await mia.say("Thank you, that is kind.");
  await ana.said("Thank you, that is kind.").waitFor();
  await ana.say("It is in Bristol with a damaged label. They print a new one today, so it reaches you on Friday.");
  await mia
    .said("It is in Bristol with a damaged label. They print a new one today, so it reaches you on Friday.")
    .waitFor();
  await ana.log.getByText("Read").waitFor();
  await mia.box.pressSequentially("Great");
  await ana.page.getByText("Mia Lund is writing").waitFor();
  await picture(ana.page, "agent-3-thread");
  await mia.box.fill("");
  await ana.box.pressSequentially("You");
  await mia.chat.getByText("Ana is writing").waitFor();
  await picture(mia.page, "visitor-3-talk");
  await mia.page.screenshot({ path: join(folder, "docs", "visitor.png") });
  await ana.page.setViewportSize({ width: 1280, height: 800 });
  await mia.page.setViewportSize({ width: 390, height: 800 });
  await ana.box.blur();
  await together(ana.page, mia.page);
  await ana.page.setViewportSize(DESKTOP);
  await mia.page.setViewportSize({ width: 1280, height: 800 });
  await ana.box.fill("/");
  await ana.page.getByText("takes it into your reply").waitFor();
  await ana.box.press("ArrowDown");
  await ana.page.getByText("it should arrive on Friday").waitFor();
  await picture(ana.page, "agent-4-saved-replies");
  await ana.box.fill("");
  await ana.pick("crack");
  await ana.box.fill("/name");
  await ana.page.getByText("No value for contact.name").waitFor();
  await picture(ana.page, "agent-5-missing");
  await ana.box.press("Enter");
  await picture(ana.page, "agent-6-missing-taken");
  await ana.box.fill("");
  await ben.logIn(server.url, "ben@demo.test");
  await ana.box.blur();
  await ana.page.keyboard.press("t");
  await ana.page.getByRole("dialog", { name: "Transfer chat" }).waitFor();
  await picture(ana.page, "agent-7-transfer");
  await ana.page.getByRole("dialog").getByText("Ben").click();
  await ana.page.getByLabel("Reason").fill("Ben looks after refunds");
  await ana.page.getByRole("button", { name: "Transfer chat" }).last().click();
  await ana.page.getByText("Ben has this chat.").waitFor();
  await picture(ana.page, "agent-8-transferred");
  await ana.page.keyboard.press("?");
  await ana.page.getByRole("dialog", { name: "Keys" }).waitFor();
  await picture(ana.page, "agent-9-keys");
  await ana.page.keyboard.press("Escape");
  await ana.page
    .getByRole("button", { name: /^Ana, / })
    .first()
    .click();
  await ana.page.getByRole("menuitemradio", { name: /^Away/ }).waitFor();
  await picture(ana.page, "agent-10-availability");
  await ana.page.keyboard.press("Escape");
  await ana.page.getByRole("searchbox", { name: "Search messages" }).fill("parcel");
  await ana.page.getByRole("list", { name: "Found messages" }).waitFor();
  await picture(ana.page, "agent-11-search");
  await ana.page.getByRole("searchbox", { name: "Search messages" }).fill("");

  await picture(ben.page, "phone-agent-1-list");
  await ben.pick("crack");
  await ben.page.getByText("Handed over").waitFor();
  await picture(ben.page, "phone-agent-2-thread");
  await ben.page.getByRole("button", { name: "Show what is known" }).click();
  await ben.page.getByRole("dialog").getByText("Why did I get this?").waitFor();
  await picture(ben.page, "phone-agent-3-known");

  await ana.page.setViewportSize({ width: 1000, height: 700 });
  await ana.pick("Mia Lund");
  await picture(ana.page, "agent-12-narrow");
  await ana.page.setViewportSize({ width: 720, height: 700 });
  await picture(ana.page, "agent-13-narrower");
  await ana.page.setViewportSize(DESKTOP);
  browser.serverIsDown = true;
  await server.kill();
  await mia.say("Are you still there?");
  await ana.page.getByText("Connecting again.").waitFor();
  await mia.chat.getByText("Connecting again.").waitFor();
  await picture(ana.page, "agent-14-offline");
  await picture(mia.page, "visitor-4-offline");
  await server.up();
  await ana.said("Are you still there?").waitFor();
  browser.serverIsDown = false;
  await ana.page.getByRole("button", { name: "Resolve chat" }).click();
  await mia.chat.getByText("How was this chat?").waitFor();
  await mia.chat.getByLabel("4 of 5: Good").check();
  await picture(mia.page, "visitor-5-rating");
  await mia.chat.getByRole("button", { name: "Send rating" }).click();
  await ana.page.getByText("Rated 4 of 5").waitFor();
  await picture(ana.page, "agent-15-rated");
  await mia.chat.getByText("You rated this chat").waitFor();
  await mia.page.setViewportSize(PHONE);
  await picture(mia.page, "phone-visitor-2-rated");
  for (const other of others) await other.page.context().close();
  await settings("settings", DESKTOP);
  await settings("phone-settings", PHONE);
  await withTheCrm("crm", DESKTOP);
  await withTheCrm("phone-crm", PHONE);
  await inOperation("operation", DESKTOP);
  await inOperation("phone-operation", PHONE);
  await auditLog("audit", DESKTOP);
  await auditLog("phone-audit", PHONE);
  await resolveAll();
  await withBot(server.url, "welcome-bot");
  await withTheBot("bot", DESKTOP);
  await withTheBot("phone-bot", PHONE);
} finally {
  await browser.stop();
  await server.stop();
}
console.log(`pictures are in ${folder}`);
