// "Why did I get this?": the last routing decision, with who was considered and
// why not the others.

import type { Considered, Conversation } from "@deskbell/client";
import { clock } from "@deskbell/ui";
import { useDecisions } from "../desk/useDecisions.ts";
import { useDeskState } from "../desk/useDesk.ts";
import { EXCLUSION, reasonOf, STRATEGY } from "../parts/words.ts";

export function Why({ conversation }: { conversation: Conversation }) {
  const { me, teams } = useDeskState();
  const { decisions, failed } = useDecisions(conversation.id);
  const decision = [...decisions].sort((a, b) => (a.decided_at < b.decided_at ? 1 : -1))[0];
  if (!decision) {
    return (
      <p className="text-muted">
        {failed
          ? "The decisions did not load. Open the chat again to retry."
          : conversation.status === "queued"
            ? "Nobody has it yet. It waits until an agent has room."
            : "Nobody decided this: an agent took it by hand."}
      </p>
    );
  }
  const holder = conversation.assignee;
  const movedOn = holder !== null && holder.id !== decision.winner_id;
  const reason = reasonOf(conversation);
  const winner = decision.candidates.find((it) => it.agent_id === decision.winner_id);
  const who = winner?.agent_id === me?.id ? "You were" : `${winner?.name ?? "Nobody"} was`;
  const team = teams[decision.team_id]?.name ?? "the team";
  return (
    <div className="grid gap-2">
      {movedOn && (
        <p>
          It was handed to {holder.id === me?.id ? "you" : holder.name}
          {reason ? `: ${reason}` : ""}. Before that:
        </p>
      )}
      <p>
        {who} the first choice of {team}, shared out by <b className="font-medium">{STRATEGY[decision.strategy]}</b>, at{" "}
        {clock(decision.decided_at)}.
      </p>
      <table className="w-full border-collapse">
        <thead>
          <tr className="text-left text-small text-muted">
            <th className="py-1 font-normal">Agent</th>
            <th className="py-1 text-right font-normal">Chats</th>
            <th className="py-1 text-right font-normal">Place</th>
          </tr>
        </thead>
        <tbody>
          {decision.candidates.slice(0, 8).map((it) => (
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
    </div>
  );
}

function place(it: Considered): string {
  return it.excluded ? EXCLUSION[it.excluded] : String(it.rank ?? "");
}
