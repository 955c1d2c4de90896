// Which conversation the panel shows: the open one, else the last that can still
// be written to, else none and one may start anew.

import { type Entry, NEW_LINE, type VisitorState } from "@deskbell/client";
import type { SendVisitorMessage, StartConversation, VisitorConversation, VisitorMessage } from "@deskbell/protocol";

export type Written = Entry<SendVisitorMessage | StartConversation>;

export function current(state: VisitorState): VisitorConversation | null {
  const writable = newestFirst(state).filter((it) => it.status !== "closed");
  return writable.find((it) => it.status === "queued" || it.status === "active") ?? writable[0] ?? null;
}

export function newestFirst(state: VisitorState): VisitorConversation[] {
  return Object.values(state.conversations).sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** What was written to a thread and is not in it yet. */
export function unsent(
  entries: readonly Written[],
  id: string | null,
  messages: readonly VisitorMessage[],
): readonly Written[] {
  const arrived = new Set(messages.map((message) => message.client_msg_id));
  return entries.filter((entry) => {
    const here = entry.line === id || entry.line === NEW_LINE;
    return here && !arrived.has(entry.key);
  });
}
