// A conversation: who answers, what was said, where one stands, the place to
// write on.

import { NEW_LINE } from "@deskbell/client";
import type { VisitorConversation } from "@deskbell/protocol";
import { aboutHowLong, initials } from "@deskbell/ui";
import { bot as botIcon } from "@deskbell/ui/icons";
import { useState } from "preact/hooks";
import type { Screen } from "./App.tsx";
import { Banner } from "./Banner.tsx";
import { Composer, STARTING } from "./Composer.tsx";
import { isOpen, unsent } from "./current.ts";
import { Header } from "./Header.tsx";
import { useStartingPoint, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Person } from "./Person.tsx";
import { Talk } from "./Talk.tsx";
import { Topic } from "./Topic.tsx";

interface Props extends Screen {
  id: string | null;
  open: boolean;
}

export function Chat({ id, open, ...screen }: Props) {
  const { messenger, shelf, topic, onTopic, go } = screen;
  const state = useStore(messenger.state);
  const entries = useStore(messenger.outbox);
  const conversation = (id && state.conversations[id]) || null;
  const messages = (id && state.threads[id]?.messages) || [];
  const waiting = unsent(entries, id, messages);
  const over = conversation !== null && !isOpen(conversation);
  const closed = conversation?.status === "closed";
  const desk = state.inbox?.name ?? "Chat";
  const bot = conversation?.status === "bot" ? messages.findLast((it) => it.sender.type === "bot")?.sender.name : null;
  const who = conversation?.agent?.name ?? bot ?? desk;
  useStartingPoint(open, `chat ${id}`, closed ? ".again" : ".composer textarea");

  const write = (text: string): boolean => {
    const opening = topic ? { attributes: topic.attributes } : {};
    messenger.write(text, id, opening);
    onTopic(null);
    return true;
  };

  return (
    <>
      <Header
        {...screen}
        title={who}
        subtitle={subtitle(conversation, desk)}
        picture={bot && who === bot ? <Icon path={botIcon} /> : initials(who)}
        {...(conversation && isOpen(conversation) ? { action: <End {...screen} conversation={conversation} /> } : {})}
      />
      <Banner messenger={messenger} />
      <Talk messenger={messenger} conversation={conversation} unsent={waiting} />
      {conversation?.status === "queued" && !entries.some((it) => it.line === NEW_LINE) && (
        <Standing messenger={messenger} conversation={conversation} />
      )}
      {conversation?.status === "bot" && <Person messenger={messenger} conversationId={conversation.id} />}
      {topic && !closed && (
        <div class="topic-place">
          <Topic topic={topic} onRemove={() => onTopic(null)} />
        </div>
      )}
      {closed ? (
        <div class="closed">
          <p>This chat is closed.</p>
          <button type="button" class="solid-button again" onClick={() => go({ name: "new" })}>
            Start a new chat
          </button>
        </div>
      ) : (
        <Composer
          shelf={shelf}
          place={id ?? STARTING}
          label="Your message"
          hint={over ? "Write again to go on" : "Write a message"}
          verb="Send message"
          onWriting={(on) => id && messenger.writing(id, on)}
          onSend={write}
        />
      )}
    </>
  );
}

function subtitle(conversation: VisitorConversation | null, desk: string): string {
  switch (conversation?.status) {
    case undefined:
      return "We answer here";
    case "bot":
      return "A bot answers first";
    case "queued":
      return "In the queue";
    case "active":
      return desk;
    default:
      return "This chat has ended";
  }
}

/** Asked twice: an ended chat is not taken back by the visitor alone. */
function End({ messenger, conversation }: Screen & { conversation: VisitorConversation }) {
  const [asking, setAsking] = useState(false);
  const end = () => {
    setAsking(false);
    messenger.do("end_conversation", { conversation_id: conversation.id }).catch(() => undefined);
  };
  if (!asking) {
    return (
      <button type="button" class="header-text-button" onClick={() => setAsking(true)}>
        End chat
      </button>
    );
  }
  return (
    <div
      class="header-confirm"
      role="alertdialog"
      aria-label="End this chat?"
      ref={(it) => it?.querySelector<HTMLElement>(".header-solid-button")?.focus()}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        setAsking(false);
      }}
    >
      <span>End this chat?</span>
      <button type="button" class="header-text-button" onClick={() => setAsking(false)}>
        Keep talking
      </button>
      <button type="button" class="header-solid-button" onClick={end}>
        End chat
      </button>
    </div>
  );
}

interface StandingProps {
  messenger: Screen["messenger"];
  conversation: VisitorConversation;
}

/** Position and wait, as one quiet line. */
function Standing({ messenger, conversation }: StandingProps) {
  const place = useStore(messenger.place);
  const known = place?.conversationId === conversation.id ? place : null;
  return (
    <p class="standing" role="status">
      {known === null
        ? "You are in the queue. Stay here or come back: the answer waits for you."
        : known.position <= 1
          ? "You are next."
          : `You are number ${known.position} in the queue.`}
      {known !== null && known.waitMs !== null && ` An answer takes ${aboutHowLong(known.waitMs)}.`}
    </p>
  );
}
