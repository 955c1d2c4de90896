// One conversation in a list: who, when, the last words; unread is weight and a
// dot, the selected one has an edge.

import type { Conversation } from "@deskbell/client";
import { ago, visitorName } from "@deskbell/ui";
import { useDeskState } from "../desk/useDesk.ts";
import { hrefTo, type Route } from "../desk/useRoute.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Chip } from "../parts/Chip.tsx";
import { PRIORITY } from "../parts/words.ts";

interface Props {
  conversation: Conversation;
  route: Route;
  now: number;
}

export function Row({ conversation, route, now }: Props) {
  const { teams } = useDeskState();
  const selected = conversation.id === route.conversationId;
  // What a bot answers, nobody has to read.
  const unread = conversation.unread_count > 0 && conversation.status !== "bot";
  const name = visitorName(conversation.contact);
  const priority = PRIORITY[conversation.priority];
  // With one team alone its name tells nothing.
  const team = Object.keys(teams).length > 1 ? teams[conversation.team_id ?? ""]?.name : undefined;
  const waiting = conversation.status === "queued" && conversation.queued_at;
  const at = waiting || conversation.last_message_at || conversation.created_at;
  return (
    <li className="border-b border-line">
      <a
        href={hrefTo({ view: route.view, conversationId: conversation.id })}
        aria-current={selected ? "true" : undefined}
        className={`flex min-h-16 gap-3 border-l-3 py-2.5 pr-3 pl-2.5 -outline-offset-2 transition-colors ${selected ? "border-l-accent bg-accent-tint" : "border-l-transparent hover:bg-hover"}`}
      >
        <Avatar name={conversation.contact.name ?? conversation.contact.email} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className={`min-w-0 flex-1 truncate ${unread ? "font-semibold" : "font-medium"}`} dir="auto">
              {name}
            </span>
            <time dateTime={at} className="text-small text-muted tabular-nums">
              {waiting && now - Date.parse(at) >= 60_000 ? `waits ${ago(at, now)}` : ago(at, now)}
            </time>
          </span>
          <span className="flex items-center gap-2">
            <span className={`min-w-0 flex-1 truncate ${unread ? "text-ink" : "text-muted"}`} dir="auto">
              {conversation.last_message ?? conversation.subject ?? "No messages yet"}
            </span>
            {priority && <Chip tone={priority.tone}>{priority.word}</Chip>}
            {conversation.contact.vip && <Chip tone="note">VIP</Chip>}
            {waiting && team && <Chip>{team}</Chip>}
            {route.view === "active" && conversation.assignee && <Chip>{conversation.assignee.name}</Chip>}
            {unread && <Unread count={conversation.unread_count} />}
          </span>
        </span>
      </a>
    </li>
  );
}

function Unread({ count }: { count: number }) {
  return (
    <span className="grid h-5 min-w-5 place-items-center rounded-full bg-accent px-1 text-small font-semibold text-on-accent tabular-nums">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{count} unread</span>
    </span>
  );
}
