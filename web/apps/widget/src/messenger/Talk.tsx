// A conversation: what was said, where one stands, and the place to write on.

import { type Messenger, NEW_LINE, type Shelf } from "@deskbell/client";
import type { VisitorConversation } from "@deskbell/protocol";
import { aboutHowLong } from "@deskbell/ui";
import { useState } from "preact/hooks";
import type { PageContext } from "./App.tsx";
import { Composer } from "./Composer.tsx";
import { unsent } from "./current.ts";
import { useStayAtEnd, useStore } from "./hooks.ts";
import { Rating } from "./Rating.tsx";
import { Thread } from "./Thread.tsx";

interface Props {
  messenger: Messenger;
  conversation: VisitorConversation | null;
  context: PageContext;
  shelf: Shelf;
}

export function Talk({ messenger, conversation, context, shelf }: Props) {
  const state = useStore(messenger.state);
  const entries = useStore(messenger.outbox);
  const writers = useStore(messenger.typing);
  const [failed, setFailed] = useState(false);
  const id = conversation?.id ?? null;
  const thread = id ? state.threads[id] : undefined;
  const messages = thread?.messages ?? [];
  const waiting = unsent(entries, id, messages);
  const writing = (id && writers[id]?.find((actor) => actor.type !== "visitor")) || null;
  const over = conversation?.status === "resolved" || conversation?.status === "missed";
  const box = useStayAtEnd<HTMLDivElement>();

  const loadEarlier = async () => {
    const it = box.current;
    if (!id || !it) return;
    const fromEnd = it.scrollHeight - it.scrollTop;
    try {
      await messenger.loadEarlier(id);
      setFailed(false);
      // What one was reading stays where it was.
      requestAnimationFrame(() => {
        it.scrollTop = it.scrollHeight - fromEnd;
      });
    } catch {
      setFailed(true);
    }
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard. */}
      <div class="talk" ref={box} role="log" aria-label="Messages" tabIndex={0}>
        {thread?.hasEarlier && (
          <button type="button" class="quiet-button earlier" onClick={loadEarlier}>
            {failed ? "Not loaded. Try again" : "Show earlier messages"}
          </button>
        )}
        <Thread
          conversation={conversation}
          messages={messages}
          unsent={waiting}
          onRetry={(key) => messenger.outbox.retry(key)}
          onDiscard={(key) => messenger.outbox.discard(key)}
        />
        {writing && (
          <p class="writing">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {writing.name ?? "The agent"} is writing
          </p>
        )}
        {over && conversation && <Rating messenger={messenger} conversation={conversation} />}
      </div>
      <Standing
        messenger={messenger}
        conversation={conversation}
        started={!entries.some((it) => it.line === NEW_LINE)}
      />
      <Composer
        shelf={shelf}
        place={id ?? "new"}
        label="Your message"
        hint={over ? "Write again to go on" : "Write a message"}
        verb="Send"
        onWriting={(on) => id && messenger.writing(id, on)}
        onSend={(text) => {
          messenger.write(text, id, { attributes: context.attributes });
          return true;
        }}
      />
    </>
  );
}

interface StandingProps {
  messenger: Messenger;
  conversation: VisitorConversation | null;
  started: boolean;
}

/** Position and wait, as one quiet line. */
function Standing({ messenger, conversation, started }: StandingProps) {
  const place = useStore(messenger.place);
  if (conversation?.status !== "queued" || !started) return null;
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
