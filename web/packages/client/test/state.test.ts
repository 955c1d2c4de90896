// What the reducers do beside the fixtures: threads, answers, things unknown.

import { readFileSync } from "node:fs";
import type { AgentEvent, AgentSnapshot, Message } from "@deskbell/protocol";
import { expect, test } from "vitest";
import { type DeskState, deskState, emptyDesk } from "../src/index.ts";

const fixture = JSON.parse(readFileSync(new URL("./fixtures/agent-ring-and-assign.json", import.meta.url), "utf8")) as {
  events: AgentEvent[];
  after: AgentSnapshot;
};
const start = deskState(emptyDesk, { type: "snapshot", snapshot: fixture.after });
const [conversation] = fixture.after.conversations;
const id = conversation?.id ?? "";
const created = fixture.events.find((event) => event.type === "message.created") as Extract<
  AgentEvent,
  { type: "message.created" }
>;
const numbered = (seq: number): Message => ({ ...created.data.message, id: `msg_${seq}`, seq });
const seqs = (state: DeskState) => state.threads[id]?.messages.map((message) => message.seq);

test("a message said while its thread loads is kept, and none is doubled", () => {
  let state = deskState(start, { type: "thread.loading", id });
  state = deskState(state, { type: "event", event: { ...created, data: { message: numbered(3) } } });
  state = deskState(state, { type: "thread.loaded", id, messages: [numbered(1), numbered(2)], hasEarlier: false });
  expect(seqs(state)).toEqual([1, 2, 3]);
  state = deskState(state, { type: "thread.loaded", id, messages: [numbered(2), numbered(3)], hasEarlier: false });
  expect(seqs(state)).toEqual([1, 2, 3]);
});

test("a thread nobody opened is not begun by an event", () => {
  expect(deskState(start, { type: "event", event: created }).threads).toEqual({});
});

test("a new snapshot drops threads, which may have holes now", () => {
  const state = deskState(start, { type: "thread.loaded", id, messages: [numbered(1)], hasEarlier: false });
  expect(deskState(state, { type: "snapshot", snapshot: fixture.after }).threads).toEqual({});
});

test("an older answer does not undo newer events", () => {
  const older = { ...conversation, version: 1, status: "queued" } as AgentSnapshot["conversations"][number];
  expect(deskState(start, { type: "conversations", conversations: [older] }).conversations[id]?.status).toBe("active");
});

test("events and fields from a newer server are passed over", () => {
  const news = { ...created, type: "message.sung", data: { song: 1 } } as unknown as AgentEvent;
  expect(deskState(start, { type: "event", event: news })).toBe(start);
  const version = (conversation?.version ?? 0) + 1;
  const changes = { version: [0, version], colour: [null, "red"] } as AgentEvent["changes"];
  const state = deskState(start, { type: "event", event: { ...created, changes } });
  expect(state.conversations[id]).not.toHaveProperty("colour");
  expect(state.conversations[id]?.version).toBe(version);
});

test("a contact's and an agent's new name show everywhere", () => {
  const told = { ...created, changes: {}, conversation_id: null, seq: null };
  const contact = { ...conversation?.contact, name: "Mia Lund", attributes: {}, created_at: "", version: 2 };
  let state = deskState(start, {
    type: "event",
    event: { ...told, type: "contact.updated", data: { contact } } as never,
  });
  const agent = { ...fixture.after.self, name: "Ana B.", version: 99 };
  state = deskState(state, { type: "event", event: { ...told, type: "agent.updated", data: { agent } } as never });
  expect(state.conversations[id]?.contact.name).toBe("Mia Lund");
  expect(state.conversations[id]?.assignee?.name).toBe("Ana B.");
  expect(state.me?.name).toBe("Ana B.");
});
