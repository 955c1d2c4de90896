// Which conversations a list shows, and in which order: pure functions of the
// desk's state.

import type { Conversation, DeskState, Priority } from "@deskbell/client";

export type View = "mine" | "queue" | "bot" | "active" | "resolved";

export const VIEWS: Record<View, { name: string; empty: string; how: string }> = {
  mine: {
    name: "Mine",
    empty: "No chats with you",
    how: "Chats that are routed to you appear here. You can also take one from the queue.",
  },
  queue: {
    name: "Queue",
    empty: "Nobody is waiting",
    how: "Visitors who wait for an agent appear here, the one to answer first on top.",
  },
  bot: {
    name: "Bot",
    empty: "No chats with a bot",
    how: "Chats that a bot answers appear here until it hands them over. You can take one over at any time.",
  },
  active: {
    name: "All active",
    empty: "No active chats",
    how: "Every chat that an agent has at the moment appears here.",
  },
  resolved: {
    name: "Resolved",
    empty: "No resolved chats",
    how: "Chats you or your team have resolved appear here until they close.",
  },
};

const RANK: Record<Priority, number> = { urgent: 0, high: 1, medium: 2, low: 3 };
const later = (a: string | null, b: string | null) => ((a ?? "") < (b ?? "") ? 1 : -1);

export function listed(state: DeskState, view: View): Conversation[] {
  const all = Object.values(state.conversations).filter((it) => canSee(state, it));
  switch (view) {
    case "mine":
      return all
        .filter((it) => it.status === "active" && it.assignee?.id === state.me?.id)
        .sort((a, b) => later(a.last_message_at, b.last_message_at));
    case "queue":
      return all
        .filter((it) => it.status === "queued")
        .sort((a, b) => RANK[a.priority] - RANK[b.priority] || -later(a.queued_at, b.queued_at));
    case "bot":
      return all.filter((it) => it.status === "bot").sort((a, b) => later(a.last_message_at, b.last_message_at));
    case "active":
      return all.filter((it) => it.status === "active").sort((a, b) => later(a.last_message_at, b.last_message_at));
    case "resolved":
      return all.filter((it) => it.status === "resolved").sort((a, b) => later(a.resolved_at, b.resolved_at));
  }
}

/** A chat that went to another team leaves the lists, though it is still known. */
function canSee(state: DeskState, it: Conversation): boolean {
  const me = state.me;
  if (me === null) return false;
  return me.role !== "agent" || it.team_id === null || me.team_ids.includes(it.team_id) || it.assignee?.id === me.id;
}

/** A list may go on beyond what is loaded of it. */
export function counted(count: number): string {
  return count >= 200 ? "200+" : String(count);
}

export function myUnread(state: DeskState): number {
  return listed(state, "mine").reduce((sum, it) => sum + it.unread_count, 0);
}
