// The lists, the addresses, saved replies and what happened: pure functions.

import { readFileSync } from "node:fs";
import { type AgentSnapshot, type Conversation, deskState, emptyDesk, type RoutingDecision } from "@deskbell/client";
import { expect, test } from "vitest";
import { matching, missingIn, segments, slashQuery } from "../src/composer/saved.ts";
import { listed, myUnread } from "../src/desk/lists.ts";
import { hrefTo, routeOf } from "../src/desk/useRoute.ts";
import { filtered } from "../src/thread/filtered.ts";
import { happened } from "../src/thread/happened.ts";

const fixture = new URL("../../../packages/client/test/fixtures/agent-ring-and-assign.json", import.meta.url);
const { after: snapshot } = JSON.parse(readFileSync(fixture, "utf8")) as { after: AgentSnapshot };
const [template] = snapshot.conversations as [Conversation];
const at = (minute: number) => `2026-01-01T10:${String(minute).padStart(2, "0")}:00.000Z`;

function desk(...conversations: Partial<Conversation>[]) {
  const all = conversations.map((each, n) => ({ ...template, id: `conv_${n}`, ...each }));
  return deskState(emptyDesk, { type: "snapshot", snapshot: { ...snapshot, conversations: all } });
}
const ids = (conversations: Conversation[]) => conversations.map((it) => it.id).join(" ");

test("mine: my active chats, the latest words first", () => {
  const state = desk(
    { last_message_at: at(1), unread_count: 2 },
    { last_message_at: at(3), unread_count: 1 },
    { status: "resolved", unread_count: 5 },
    { assignee: { id: "agt_other", name: "Ben" }, unread_count: 5 },
  );
  expect(ids(listed(state, "mine"))).toBe("conv_1 conv_0");
  expect(myUnread(state)).toBe(3);
  expect(ids(listed(state, "resolved"))).toBe("conv_2");
});

test("the queue: what I may see, by priority, then by who waits longest", () => {
  const queued = { status: "queued" as const, assignee: null };
  const state = desk(
    { ...queued, queued_at: at(2) },
    { ...queued, queued_at: at(1) },
    { ...queued, queued_at: at(9), priority: "urgent" },
    { ...queued, queued_at: at(0), team_id: "team_other" },
    { ...queued, queued_at: at(3), team_id: null },
  );
  expect(ids(listed(state, "queue"))).toBe("conv_2 conv_1 conv_0 conv_4");
});

test("with a bot: a view of their own, and nothing of mine or of the queue", () => {
  const state = desk(
    { status: "bot", assignee: null, last_message_at: at(1), unread_count: 3 },
    { status: "bot", assignee: null, last_message_at: at(2), team_id: "team_other" },
    { status: "bot", assignee: null, last_message_at: at(3) },
  );
  expect(ids(listed(state, "bot"))).toBe("conv_2 conv_0");
  for (const view of ["mine", "queue", "active"] as const) expect(listed(state, view)).toEqual([]);
  expect(myUnread(state)).toBe(0);
});

test("addresses", () => {
  for (const hash of ["#/queue/conv_1/7", "#/mine/conv_1", "#/resolved"]) expect(hrefTo(routeOf(hash))).toBe(hash);
  expect(routeOf("")).toEqual({ view: "mine", conversationId: null });
  expect(routeOf("#/nonsense/msg_1/x")).toEqual({ view: "mine", conversationId: null });
});

test("saved replies are found by shortcut first, and only when switched on", () => {
  const reply = (shortcut: string, text: string, enabled = true) =>
    ({ id: shortcut, shortcut, title: "", text, enabled }) as Parameters<typeof matching>[0][number];
  const all = [reply("bye", "order sent"), reply("order", ""), reply("hello", ""), reply("orders", "", false)];
  expect(matching(all, "ord").map((it) => it.shortcut)).toEqual(["order", "bye"]);
  expect(matching(all, "").map((it) => it.shortcut)).toEqual(["bye", "hello", "order"]);
  expect(["/", "/or", "/or der", "a /or", ""].map(slashQuery)).toEqual(["", "or", null, null, null]);
});

test("what filters did to a message is told, and nothing else is taken for it", () => {
  const filter = {
    "pii-filter": { rewritten: ["text"] },
    slow: { unfiltered: "deadline_exceeded" },
    calm: { seen: true },
  };
  expect(filtered({ filter })).toEqual([
    { text: "Changed by Pii filter before it was stored", careful: false },
    { text: "Not checked by Slow", careful: true },
  ]);
  for (const attributes of [{}, { filter: "no" }, { filter: { a: 1 } }]) expect(filtered(attributes)).toEqual([]);
});

test("variables that are still braces are named once and marked", () => {
  expect(missingIn("Hi {{contact.name}}, {{ x }} {{x}} {{")).toEqual(["contact.name", "x"]);
  expect(segments("a {{b}} c")).toEqual([
    { text: "a ", missing: false },
    { text: "{{b}}", missing: true },
    { text: " c", missing: false },
  ]);
});

test("what happened is told with its reason", () => {
  const winner = { agent_id: "agt_1", name: "Ana", load: 0, capacity: 5, excluded: null, rank: 1 };
  const decision = {
    id: "dec_1",
    strategy: "least_loaded",
    winner_id: "agt_1",
    candidates: [winner],
    decided_at: at(1),
  };
  const conversation: Conversation = {
    ...template,
    status: "resolved",
    resolved_at: at(5),
    reason: "ended_by_visitor",
    rating: { score: 4, comment: "Quick", rated_at: at(6) },
  };
  expect(happened(conversation, [decision as unknown as RoutingDecision]).map((it) => it.text)).toEqual([
    "Mia rang",
    "Given to Ana: least loaded",
    "Resolved: ended by the visitor",
    "Rated 4 of 5: “Quick”",
  ]);
});
