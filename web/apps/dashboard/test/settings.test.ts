// What the settings pages compute: addresses, offers, orders, drafts.

import type { CatalogueEntry, Inbox, Installation, Plugin } from "@deskbell/client";
import { expect, test } from "vitest";
import { settingsHref, settingsOf } from "../src/desk/useSettings.ts";
import { draftOf, legibility, patchOf, problemsOf } from "../src/settings/inboxes/draft.ts";
import { snippet } from "../src/settings/inboxes/snippet-text.ts";
import { available } from "../src/settings/plugins/Available.tsx";
import { renumbered } from "../src/settings/plugins/useReorder.ts";
import { failureWord, fileSize, hookWords, placeWords } from "../src/settings/plugins/words.ts";
import { inserted } from "../src/settings/replies/variables.ts";

test("addresses of the settings", () => {
  expect(settingsOf("#/settings/plugins/inst_1")).toEqual({ section: "plugins", id: "inst_1" });
  expect(settingsOf("#/settings/nonsense")).toEqual({ section: "replies", id: null });
  expect(settingsOf("#/mine/conv_1")).toBeNull();
  expect(settingsOf(settingsHref("inboxes", "inb_1"))).toEqual({ section: "inboxes", id: "inb_1" });
});

test("what is offered is what is not installed, uploads included", () => {
  const entry = (key: string) => ({ key, name: key, hooks: ["routing"] }) as unknown as CatalogueEntry;
  const plugin = (key: string) => ({ id: `plg_${key}`, key, name: key, latest_version: "2.0.0" }) as Plugin;
  const installed = [{ plugin_key: "a" }] as Installation[];
  const offers = available([entry("a"), entry("c")], [plugin("a"), plugin("b"), plugin("c")], installed);
  expect(offers.map((it) => [it.key, it.builtIn, it.plugin?.id])).toEqual([
    ["b", false, "plg_b"],
    ["c", true, "plg_c"],
  ]);
});

test("an order is written with as few changes as there are", () => {
  const at = (id: string, position: number) => ({ id, position }) as Installation;
  const all = [at("a", 1), at("b", 2), at("c", 3)];
  const moved = (from: number, to: number, from_ = all) => renumbered(from_, from, to).map(([it, n]) => `${it.id}${n}`);
  expect(moved(2, 1)).toEqual(["c2", "b3"]);
  expect(moved(0, 2)).toEqual(["b1", "c2", "a3"]);
  expect(moved(0, 1, [at("a", 0), at("b", 0)])).toEqual(["b1", "a2"]);
});

test("plain words, also for what this page does not know", () => {
  const variables = [{ name: "order.status", description: "" }];
  expect(hookWords("variables", variables).name).toBe("Fills variables in saved replies: order.status");
  expect(hookWords("dreams" as "routing").name).toBe("Does “dreams”");
  expect([failureWord("cpu_exceeded"), failureWord("brand_new")]).toEqual(["Too much computing", "brand new"]);
  expect(placeWords("/imports/wasi:sockets~1tcp@0.2.0")).toBe("imports › wasi:sockets/tcp@0.2.0");
  expect([12, 26_000, 3_600_000].map(fileSize)).toEqual(["12 B", "25 KB", "3.4 MB"]);
});

test("a variable goes where the cursor is", () => {
  expect(inserted("Hi !", 3, 3, "agent.name")).toEqual({ text: "Hi {{agent.name}}!", at: 17 });
  expect(inserted("Hi you!", 3, 6, "x")).toEqual({ text: "Hi {{x}}!", at: 8 });
});

test("an inbox comes out as it went in, and findings name their field", () => {
  const inbox = {
    name: "Shop",
    default_team_id: "team_1",
    bot: null,
    allowed_origins: ["https://shop.example"],
    look: { brand_color: "#003366", position: "left", welcome_title: null, welcome_text: "Hello" },
  } as Inbox;
  const draft = draftOf(inbox);
  expect(patchOf(draft)).toEqual({ ...inbox });
  expect(problemsOf(draft)).toEqual({});
  const origins = ["https://shop.example/", "shop.example", "", "http://localhost:3000"];
  expect(Object.keys(problemsOf({ ...draft, name: " ", color: "red", origins }))).toEqual([
    "/name",
    "/look/brand_color",
    "/allowed_origins/0",
    "/allowed_origins/1",
  ]);
  expect(patchOf({ ...draft, color: "", origins: ["", " https://a.example "] })).toMatchObject({
    allowed_origins: ["https://a.example"],
    look: { brand_color: null },
  });
});

test("a colour that is hard to see is told apart from one whose text is", () => {
  expect(legibility("#ffd400")).toMatchObject({ text: "black", faint: true });
  expect(legibility("#003366")).toMatchObject({ text: "white", faint: false });
  expect(legibility("blue")).toBeNull();
});

test("the script of an inbox", () => {
  expect(snippet("https://desk.example", "demo-web")).toBe(
    '<script src="https://desk.example/widget/loader.js" data-inbox="demo-web" async></script>',
  );
});
