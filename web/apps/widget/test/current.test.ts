// Which conversation the panel shows, and what is still on its way.

import { emptyVisitor, type VisitorState } from "@deskbell/client";
import type { VisitorConversation, VisitorMessage } from "@deskbell/protocol";
import { expect, test } from "vitest";
import { current, unsent, type Written } from "../src/messenger/current.ts";

const conversation = (id: string, status: VisitorConversation["status"], day: number) =>
  ({ id, status, created_at: `2026-01-0${day}T00:00:00.000Z` }) as VisitorConversation;

function state(...all: VisitorConversation[]): VisitorState {
  return { ...emptyVisitor, conversations: Object.fromEntries(all.map((it) => [it.id, it])) };
}

test("the open one, else the newest that can be written to, else none", () => {
  expect(current(state())).toBeNull();
  expect(current(state(conversation("a", "closed", 1)))).toBeNull();
  const old = conversation("a", "resolved", 1);
  const newer = conversation("b", "missed", 2);
  expect(current(state(old, newer))?.id).toBe("b");
  expect(current(state(old, newer, conversation("c", "queued", 1)))?.id).toBe("c");
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
