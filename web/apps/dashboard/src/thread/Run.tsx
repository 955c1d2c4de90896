// A run of messages from one person, or from a bot: the visitor left, the desk right,
// notes on amber with the word.

import { type AnswerValues, type Conversation, type Entry, type Message, questionOf } from "@deskbell/client";
import { clock, receipt, visitorName } from "@deskbell/ui";
import { alert } from "@deskbell/ui/icons";
import { Fragment } from "react";
import { useDesk } from "../desk/useDesk.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Chip } from "../parts/Chip.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Asked } from "./Asked.tsx";
import { filtered } from "./filtered.ts";

const BUBBLE = "w-fit max-w-prose rounded-bubble px-3 py-2 whitespace-pre-wrap wrap-anywhere";
const VISITOR = "bg-sunken";
const DESK = "bg-accent-tint";
const NOTE = "border border-note-line bg-note-tint text-note-text";
const RECEIPTS = { sent: "Sent", delivered: "Delivered", read: "Read" };

interface Props {
  conversation: Conversation;
  messages: readonly [Message, ...Message[]];
  /** What visitors answered to questions, by the question's message. */
  answers: ReadonlyMap<string, AnswerValues>;
  lastOwn: Message | undefined;
  marked: number | undefined;
}

export function Run({ conversation, messages, answers, lastOwn, marked }: Props) {
  const [first] = messages;
  const bot = first.sender.type === "bot";
  if (first.kind === "system" && !first.private) {
    return messages.map((message) => (
      <p key={message.seq} className="py-1.5 text-center text-small text-muted" dir="auto">
        {message.text}
      </p>
    ));
  }
  const desk = first.sender.type !== "visitor";
  const name = desk ? (first.sender.name ?? "Desk") : visitorName(conversation.contact);
  const tone = first.private ? NOTE : desk ? DESK : VISITOR;
  const corner = desk ? "first:rounded-se-corner" : "first:rounded-ss-corner";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div role="group" className={`flex gap-3 pt-4 ${desk ? "flex-row-reverse pl-11" : "pr-11"}`} aria-label={name}>
      <Avatar name={desk ? name : (conversation.contact.name ?? null)} desk={desk} bot={bot} />
      <div className={`grid min-w-0 gap-1 ${desk ? "justify-items-end" : "justify-items-start"}`}>
        <p className="flex items-baseline gap-2">
          <span className="font-medium" dir="auto">
            {name}
          </span>
          {bot && <Chip>Bot</Chip>}
          {first.private && <span className="font-medium text-note-text">Note</span>}
          <time dateTime={first.created_at} className="text-small text-muted tabular-nums">
            {clock(first.created_at)}
          </time>
        </p>
        <div className={`grid gap-0.5 ${desk ? "justify-items-end" : "justify-items-start"}`}>
          {messages.map((message) => {
            const question = questionOf(message);
            return (
              <Fragment key={message.seq}>
                <p
                  data-seq={message.seq}
                  dir="auto"
                  title={clock(message.created_at)}
                  className={`${BUBBLE} ${tone} ${corner} ${message.seq === marked ? "outline-2 outline-offset-2 outline-accent-text" : ""}`}
                >
                  {message.text}
                </p>
                {filtered(message.attributes).map(({ text, careful }) => (
                  <p
                    key={text}
                    className={`flex items-center gap-1 text-small ${careful ? "text-warning-text" : "text-muted"}`}
                  >
                    {careful && <Icon path={alert} />}
                    {text}
                  </p>
                ))}
                {question && <Asked question={question} answer={answers.get(message.id)} />}
              </Fragment>
            );
          })}
        </div>
        {lastOwn && messages.includes(lastOwn) && (
          <p className="text-small text-muted">
            {RECEIPTS[receipt(lastOwn.seq, conversation.visitor_delivered_seq, conversation.visitor_read_seq)]}
          </p>
        )}
      </div>
    </div>
  );
}

const STATES = { waiting: "Sending", sending: "Sending", held: "Being checked", acked: "Sent" };

/** Written, and not known to have arrived. */
export function Unsent({ entry }: { entry: Entry<unknown> }) {
  const { outbox } = useDesk();
  const refused = entry.state === "refused";
  const tone = entry.private ? NOTE : refused ? "border border-danger-line bg-danger-tint text-danger-text" : DESK;
  return (
    <div className="grid justify-items-end gap-1 pt-2 pr-11 pl-11">
      <p className={`${BUBBLE} ${tone}`} dir="auto">
        {entry.text}
      </p>
      {entry.state === "refused" ? (
        <p role="alert" className="flex flex-wrap justify-end gap-x-2 text-small text-danger-text">
          Not sent. {entry.why}
          <button type="button" className="font-semibold underline" onClick={() => outbox.retry(entry.key)}>
            Send again
          </button>
          <button type="button" className="font-semibold underline" onClick={() => outbox.discard(entry.key)}>
            Discard
          </button>
        </p>
      ) : (
        <p className="text-small text-muted">{STATES[entry.state]}</p>
      )}
    </div>
  );
}
