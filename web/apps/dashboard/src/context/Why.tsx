// "Why did I get this?": the last routing decision, with who was considered and
// why not the others, and what plugins said to it.

import type { Considered, Conversation } from "@deskbell/client";
import { clock } from "@deskbell/ui";
import { useDecisions } from "../desk/useDecisions.ts";
import { useDeskState } from "../desk/useDesk.ts";
import { EXCLUSION, reasonOf } from "../parts/words.ts";
import { because, decider } from "./because.ts";
import { Said } from "./Said.tsx";

const MOST = 8;

export function Why({ conversation }: { conversation: Conversation }) {
  const { me, teams } = useDeskState();
  const { decisions, failed } = useDecisions(conversation.id);
  const decision = [...decisions].sort((a, b) => (a.decided_at < b.decided_at ? 1 : -1))[0];
  if (!decision) {
    return (
      <p className="text-muted">
        {failed
          ? "The decisions did not load. Open the chat again to retry."
          : conversation.status === "bot"
            ? "A bot has it. It queues when the bot hands it over, or when the visitor asks for a person."
            : conversation.status === "queued"
              ? "Nobody has it yet. It waits until an agent has room."
              : "Nobody decided this: an agent took it by hand."}
      </p>
    );
  }
  const holder = conversation.assignee;
  const movedOn = holder !== null && holder.id !== decision.winner_id;
  const reason = reasonOf(conversation);
  const team = teams[decision.team_id]?.name ?? "the team";
  const by = decider(decision);
  const last = decision.consulted.at(-1);
  return (
    <div className="grid grid-cols-1 gap-2">
      {movedOn && (
        <p>
          It was handed to {holder.id === me?.id ? "you" : holder.name}
          {reason ? `: ${reason}` : ""}. Before that:
        </p>
      )}
      <p>
        {because(decision, me?.id, team)}{" "}
        <time dateTime={decision.decided_at} className="text-small whitespace-nowrap text-muted tabular-nums">
          {clock(decision.decided_at)}
        </time>
      </p>
      <Said consulted={decision.consulted} />
      {last?.outcome === "failed" && <p className="text-muted">So the team's own way decided.</p>}
      <table className="w-full border-collapse">
        <thead>
          <tr className="text-left text-small text-muted">
            <th className="py-1 font-normal">Agent</th>
            <th className="py-1 text-right font-normal">Chats</th>
            <th className="py-1 text-right font-normal">{by ? "Own order" : "Place"}</th>
          </tr>
        </thead>
        <tbody>
          {decision.candidates.slice(0, MOST).map((it) => (
            <tr key={it.agent_id} className={`border-t border-line ${it.excluded ? "text-muted" : ""}`}>
              <td className={`py-1 ${it.agent_id === decision.winner_id ? "font-medium" : ""}`}>{it.name}</td>
              <td className="py-1 text-right tabular-nums">
                {it.load} of {it.capacity}
              </td>
              <td className="py-1 text-right tabular-nums">{place(it)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {decision.candidates.length > MOST && (
        <p className="text-small text-muted">and {decision.candidates.length - MOST} more</p>
      )}
    </div>
  );
}

function place(it: Considered): string {
  return it.excluded ? EXCLUSION[it.excluded] : String(it.rank ?? "");
}
