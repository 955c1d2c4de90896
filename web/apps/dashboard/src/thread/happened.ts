// What happened to a conversation beside what was said, as far as its own fields
// and the routing decisions tell.

import type { Conversation, RoutingDecision } from "@deskbell/client";
import { type Happened, visitorName } from "@deskbell/ui";
import { reasonOf, STRATEGY } from "../parts/words.ts";

export function happened(conversation: Conversation, decisions: readonly RoutingDecision[]): Happened[] {
  const reason = reasonOf(conversation);
  const because = reason ? `: ${reason}` : "";
  const found: Happened[] = [
    { key: "created", at: conversation.created_at, text: `${visitorName(conversation.contact)} rang` },
  ];
  for (const decision of decisions) {
    const winner = decision.candidates.find((it) => it.agent_id === decision.winner_id);
    if (!winner) continue;
    const by = decision.consulted?.findLast((it) => it.outcome === "assigned");
    const text = by
      ? `Given to ${winner.name} by ${by.plugin_name}${by.reason ? `: ${by.reason}` : ""}`
      : `Given to ${winner.name}: ${STRATEGY[decision.strategy]}`;
    found.push({ key: decision.id, at: decision.decided_at, text });
  }
  const { resolved_at, closed_at, missed_at, rating, status } = conversation;
  if (resolved_at) {
    found.push({ key: "resolved", at: resolved_at, text: `Resolved${status === "resolved" ? because : ""}` });
  }
  if (missed_at) found.push({ key: "missed", at: missed_at, text: `Missed${status === "missed" ? because : ""}` });
  if (closed_at) found.push({ key: "closed", at: closed_at, text: `Closed${because}` });
  if (rating) {
    const said = rating.comment ? `: “${rating.comment}”` : "";
    found.push({ key: "rated", at: rating.rated_at, text: `Rated ${rating.score} of 5${said}` });
  }
  return found;
}
