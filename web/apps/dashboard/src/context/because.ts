// A routing decision as sentences: pure.

import type { Consulted, RoutingDecision } from "@deskbell/client";
import { STRATEGY } from "../parts/words.ts";

/** The plugin whose answer was followed, if one's was. The record of an assignment also tells of
 * earlier moves and holds; those did not choose the agent. */
export function decider(decision: RoutingDecision): Consulted | null {
  const followed = decision.consulted?.findLast((it) => !["failed", "no_opinion"].includes(it.outcome));
  if (decision.winner_id !== null && followed?.outcome !== "assigned") return null;
  return followed ?? null;
}

/** `you` is the agent who reads it. */
export function because(decision: RoutingDecision, you: string | undefined, team: string): string {
  const winner = decision.candidates.find((it) => it.agent_id === decision.winner_id);
  const by = decider(decision);
  if (by?.outcome === "assigned")
    return `${by.plugin_name} chose ${winner?.agent_id === you ? "you" : nameOf(winner)}.`;
  if (by?.outcome === "queued") return `${by.plugin_name} changed its place: it waits in ${team}.`;
  if (by?.outcome === "to_bot") return `${by.plugin_name} sent it to the bot.`;
  if (by?.outcome === "held") return `${by.plugin_name} held it back for a while.`;
  if (!winner) return `Nobody in ${team} could take it.`;
  const who = winner.agent_id === you ? "You were" : `${winner.name} was`;
  return `${who} the first choice of ${team}, shared out by ${STRATEGY[decision.strategy]}.`;
}

const nameOf = (winner: { name: string } | undefined) => winner?.name ?? "an agent";

/** What one plugin said, in a word or two. */
export const SAID: Record<Consulted["outcome"], string> = {
  assigned: "Chose an agent",
  queued: "Changed its place in the queue",
  held: "Held it back",
  to_bot: "Sent it to the bot",
  no_opinion: "No opinion",
  failed: "No usable answer",
};
