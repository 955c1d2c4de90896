// What the messenger shows: the start, a new chat, or one of the visitor's.

import { type Entry, NEW_LINE, type VisitorState } from "@deskbell/client";
import type { SendVisitorMessage, StartConversation, VisitorConversation, VisitorMessage } from "@deskbell/protocol";

export type Written = Entry<SendVisitorMessage | StartConversation>;

/** `id: null` is the chat that is being started: it has no id yet. */
export type View = { name: "home" } | { name: "new" } | { name: "chat"; id: string | null };

export function isOpen(conversation: VisitorConversation): boolean {
  return ["bot", "queued", "active"].includes(conversation.status);
}

/** The open one: there is at most one. */
export function openOne(state: VisitorState): VisitorConversation | null {
  return Object.values(state.conversations).find(isOpen) ?? null;
}

export function newestFirst(state: VisitorState): VisitorConversation[] {
  return Object.values(state.conversations).sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

export function unreadCount(state: VisitorState): number {
  return Object.values(state.conversations).reduce((sum, it) => sum + it.visitor_unread_count, 0);
}

/** Where opening leads: to what is going on, else to where one was, else to the start. */
export function landing(state: VisitorState, entries: readonly Written[], last: View | null): View {
  const open = openOne(state);
  if (open) return { name: "chat", id: open.id };
  if (entries.some((entry) => entry.line === NEW_LINE)) return { name: "chat", id: null };
  const unread = newestFirst(state).find((it) => it.visitor_unread_count > 0);
  if (unread) return { name: "chat", id: unread.id };
  return last ?? { name: "home" };
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
