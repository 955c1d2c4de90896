// Where the chat stands, when that is not "yours and active": one line and the one
// thing to do.

import type { Conversation } from "@deskbell/client";
import { duration } from "@deskbell/ui";
import { type CommandName, useCommander } from "../desk/commands.ts";
import { useDeskState, useNow } from "../desk/useDesk.ts";
import { Button } from "../parts/Button.tsx";
import { asSentence, reasonOf } from "../parts/words.ts";

export function Standing({ conversation }: { conversation: Conversation }) {
  const { me, teams } = useDeskState();
  const now = useNow(1_000);
  const commander = useCommander();
  const line = standing(conversation, me?.id, teams[conversation.team_id ?? ""]?.name, now);
  if (!line) return null;
  return (
    <div className="flex shrink-0 items-center gap-3 border-t border-line bg-sunken px-4 py-2 views:px-6">
      <p className="min-w-0 flex-1 text-muted" dir="auto">
        {line.text}
      </p>
      {line.next && commander.can(line.next) && (
        <Button kind="filled" onClick={() => line.next && commander.run(line.next)}>
          {line.verb}
        </Button>
      )}
    </div>
  );
}

interface Line {
  text: string;
  next?: CommandName;
  verb?: string;
}

function standing(it: Conversation, me: string | undefined, team: string | undefined, now: number): Line | null {
  const reason = reasonOf(it);
  switch (it.status) {
    case "bot":
      return { text: "A bot has this chat until you take it over.", next: "take", verb: "Take over" };
    case "queued": {
      const waited = duration(now - Date.parse(it.queued_at ?? it.created_at));
      const why = reason ? ` ${asSentence(reason)}` : "";
      return { text: `Waiting ${waited}${team ? ` in ${team}` : ""}.${why}`, next: "take", verb: "Take chat" };
    }
    case "active": {
      if (it.assignee && it.assignee.id !== me) {
        return { text: `${it.assignee.name} has this chat.`, next: "take", verb: "Take chat" };
      }
      return reason ? { text: `Handed over: ${reason}` } : null;
    }
    case "resolved":
      return { text: "Resolved. It opens again when the visitor writes.", next: "reopen", verb: "Reopen chat" };
    case "missed":
      return { text: "Missed. It queues again when the visitor writes." };
    case "closed":
      return { text: "Closed. A new chat starts when the visitor writes." };
  }
}
