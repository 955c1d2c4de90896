// What the messenger opens with, and what is still on its way.

import { emptyVisitor, type VisitorState } from "@deskbell/client";
import type { VisitorConversation, VisitorMessage } from "@deskbell/protocol";
import { expect, test } from "vitest";
import { landing, openOne, unreadCount, unsent, type Written } from "../src/messenger/current.ts";

const conversation = (id: string, status: VisitorConversation["status"], day: number, unread = 0) =>
  ({ id, status, created_at: `2026-01-0${day}T00:00:00.000Z`, visitor_unread_count: unread }) as VisitorConversation;

function state(...all: VisitorConversation[]): VisitorState {
  return { ...emptyVisitor, conversations: Object.fromEntries(all.map((it) => [it.id, it])) };
}

test("opens with what is going on, else where one was, else at the start", () => {
  const old = conversation("a", "resolved", 1);
  expect(landing(state(), [], null)).toEqual({ name: "home" });
  expect(landing(state(old), [], null)).toEqual({ name: "home" });
  expect(landing(state(old), [], { name: "chat", id: "a" })).toEqual({ name: "chat", id: "a" });
  const open = conversation("b", "queued", 2);
  expect(landing(state(old, open), [], { name: "home" })).toEqual({ name: "chat", id: "b" });
  expect(landing(state(old), [{ line: "new" } as Written], null)).toEqual({ name: "chat", id: null });
  const answered = conversation("c", "closed", 1, 2);
  expect(landing(state(old, answered), [], { name: "home" })).toEqual({ name: "chat", id: "c" });
  expect(openOne(state(old, conversation("e", "bot", 2)))?.id).toBe("e");
  expect(openOne(state(old, answered))).toBeNull();
  expect(unreadCount(state(answered, conversation("d", "active", 2, 3)))).toBe(5);
});

test("what has arrived is no longer on its way", () => {
  const entries = [
    { key: "k1", line: "a" },
    { key: "k2", line: "a" },
    { key: "k3", line: "new" },
    { key: "k4", line: "b" },
  ] as Written[];
  const messages = [{ client_msg_id: "k1" }] as VisitorMessage[];
  expect(unsent(entries, "a", messages).map((it) => it.key)).toEqual(["k2", "k3"]);
});
