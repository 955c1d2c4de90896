// What was said: runs by sender, days, what happened between, what is new, and what
// is still on its way.

import { answerOf, type Conversation, type Entry, type Message } from "@deskbell/client";
import { clock, day, pieces } from "@deskbell/ui";
import { Fragment } from "react";
import { useDecisions } from "../desk/useDecisions.ts";
import { useDesk, useDeskState, useNow, useStore } from "../desk/useDesk.ts";
import { Button } from "../parts/Button.tsx";
import { happened } from "./happened.ts";
import { Run, Unsent } from "./Run.tsx";

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  hasEarlier: boolean;
  /** What was unread when one came; "New" stands before it. */
  unread: { after: number; upTo: number };
  /** The message one came for. */
  marked: number | undefined;
}

export function Messages({ conversation, messages, hasEarlier, unread, marked }: Props) {
  const desk = useDesk();
  const { me } = useDeskState();
  const now = useNow(60_000);
  const { decisions } = useDecisions(conversation.id);
  const waiting = unsent(useStore(desk.outbox), conversation.id, messages);
  const writers = (useStore(desk.typing)[conversation.id] ?? []).filter((actor) => actor.id !== me?.id);
  const events = happened(conversation, decisions).filter(
    ({ at }) => !hasEarlier || at >= (messages[0]?.created_at ?? ""),
  );
  const firstNew = messages.find(
    (it) => it.seq > unread.after && it.seq <= unread.upTo && it.sender.type === "visitor",
  );
  const oneIsNew = firstNew && messages[0] !== firstNew ? firstNew : undefined;
  const lastOwn = messages.findLast((it) => it.sender.type === "agent" && !it.private);
  const answers = new Map(
    messages.flatMap((it) => {
      const answer = it.sender.type === "visitor" ? answerOf(it) : null;
      return answer ? [[answer.message_id, answer.values] as const] : [];
    }),
  );
  return (
    <>
      {hasEarlier && (
        <div className="grid justify-items-center pb-4">
          <Button onClick={() => desk.loadEarlier(conversation.id)}>Show earlier messages</Button>
        </div>
      )}
      {pieces(messages, events).map((piece) => {
        if (piece.kind === "day") return <Line key={piece.key}>{day(piece.at, now)}</Line>;
        if (piece.kind === "event") {
          return (
            <p key={piece.key} className="py-1.5 text-center text-small text-muted" dir="auto">
              {piece.event.text} <time className="tabular-nums">{clock(piece.event.at)}</time>
            </p>
          );
        }
        const isNew = oneIsNew !== undefined && piece.messages.includes(oneIsNew);
        return (
          <Fragment key={piece.key}>
            {isNew && <Line accent>New</Line>}
            <Run
              conversation={conversation}
              messages={piece.messages}
              answers={answers}
              lastOwn={lastOwn}
              marked={marked}
            />
          </Fragment>
        );
      })}
      {waiting.map((entry) => (
        <Unsent key={entry.key} entry={entry} />
      ))}
      {writers.length > 0 && (
        <p className="pt-3 text-small text-muted" role="status">
          {writers.map((actor) => actor.name ?? "The visitor").join(" and ")} {writers.length > 1 ? "are" : "is"}{" "}
          writing
        </p>
      )}
    </>
  );
}

function Line({ accent = false, children }: { accent?: boolean; children: React.ReactNode }) {
  const line = `h-px flex-1 ${accent ? "bg-accent" : "bg-line"}`;
  return (
    <p className={`flex items-center gap-3 py-2 text-small ${accent ? "font-medium text-accent-text" : "text-muted"}`}>
      <span className={line} />
      {children}
      <span className={line} />
    </p>
  );
}

function unsent<Params>(
  entries: readonly Entry<Params>[],
  id: string,
  messages: readonly Message[],
): readonly Entry<Params>[] {
  const arrived = new Set(messages.map((message) => message.client_msg_id));
  return entries.filter((entry) => entry.line === id && !arrived.has(entry.key));
}
