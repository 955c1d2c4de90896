// Messages as bubbles: one's own right in colour, the desk's left with a name and a
// mark if it is a bot, what is still on its way below with what is known about it.

import type { VisitorConversation, VisitorMessage } from "@deskbell/protocol";
import { clock, day, initials, pieces, receipt } from "@deskbell/ui";
import { bot } from "@deskbell/ui/icons";
import type { ComponentChildren } from "preact";
import type { Written } from "./current.ts";
import { Icon } from "./Icon.tsx";

interface Props {
  conversation: VisitorConversation | null;
  messages: readonly VisitorMessage[];
  unsent: readonly Written[];
  onRetry?(key: string): void;
  onDiscard?(key: string): void;
  /** What can be answered now, and where it stands. */
  asked: { under: VisitorMessage; question: ComponentChildren } | null;
}

const STATES = { waiting: "Sending", sending: "Sending", held: "Being checked", acked: "Sent" };
const RECEIPTS = { sent: "Sent", delivered: "Delivered", read: "Read" };

export function Thread({ conversation, messages, unsent, onRetry, onDiscard, asked }: Props) {
  const lastOwn = messages.findLast((message) => message.sender.type === "visitor");
  return (
    <>
      {pieces(messages).map((piece) =>
        piece.kind === "event" ? null : piece.kind === "day" ? (
          <p key={piece.key} class="day">
            {day(piece.at, Date.now())}
          </p>
        ) : (
          <Run key={piece.key} messages={piece.messages}>
            {conversation && lastOwn && lastOwn === piece.messages.at(-1) && unsent.length === 0 && (
              <p class="receipt">
                {RECEIPTS[receipt(lastOwn.seq, conversation.desk_delivered_seq, conversation.desk_read_seq)]}
              </p>
            )}
            {asked && piece.messages.includes(asked.under) && asked.question}
          </Run>
        ),
      )}
      {unsent.map((entry) => (
        <div key={entry.key} class="run own">
          <p class={entry.state === "refused" ? "bubble refused" : "bubble"} dir="auto">
            {entry.text}
          </p>
          {entry.state === "refused" ? (
            <p class="receipt wrong">
              Not sent. {entry.why}{" "}
              <button type="button" onClick={() => onRetry?.(entry.key)}>
                Send again
              </button>{" "}
              <button type="button" onClick={() => onDiscard?.(entry.key)}>
                Discard
              </button>
            </p>
          ) : (
            entry === unsent.at(-1) && <p class="receipt">{STATES[entry.state]}</p>
          )}
        </div>
      ))}
    </>
  );
}

interface RunProps {
  messages: readonly [VisitorMessage, ...VisitorMessage[]];
  children: ComponentChildren;
}

function Run({ messages, children }: RunProps) {
  const [{ kind, sender, created_at: at }] = messages;
  if (kind === "system") {
    return (
      <>
        {messages.map((message) => (
          <p key={message.seq} class="event" dir="auto">
            {message.text}
          </p>
        ))}
      </>
    );
  }
  const own = sender.type === "visitor";
  return (
    <div class={own ? "run own" : "run"}>
      {own && <p class="unseen">You</p>}
      {!own && (
        <p class="speaker">
          <span class="avatar" aria-hidden="true">
            {sender.type === "bot" ? <Icon path={bot} size={16} /> : initials(sender.name ?? "?")}
          </span>
          {sender.name ?? "The desk"} {sender.type === "bot" && <span class="tag">Bot</span>}{" "}
          <time dateTime={at}>{clock(at)}</time>
        </p>
      )}
      {messages.map((message) => (
        <p key={message.seq} id={message.id} class="bubble" dir="auto" title={clock(message.created_at)}>
          {message.text}
        </p>
      ))}
      {children}
    </div>
  );
}
