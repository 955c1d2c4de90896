// What was said, as a log that stays at its end and loads what came before.

import { answerKey, type Messenger } from "@deskbell/client";
import type { VisitorConversation } from "@deskbell/protocol";
import { useState } from "preact/hooks";
import type { Written } from "./current.ts";
import { useStayAtEnd, useStore } from "./hooks.ts";
import { Later } from "./Later.tsx";
import { Thread } from "./Thread.tsx";

interface Props {
  messenger: Messenger;
  conversation: VisitorConversation | null;
  unsent: readonly Written[];
}

export function Talk({ messenger, conversation, unsent }: Props) {
  const state = useStore(messenger.state);
  const writers = useStore(messenger.typing);
  const [failed, setFailed] = useState(false);
  const id = conversation?.id ?? null;
  const thread = id ? state.threads[id] : undefined;
  const writing = (id && writers[id]?.find((actor) => actor.type !== "visitor")) || null;
  const over = conversation !== null && ["resolved", "missed", "closed"].includes(conversation.status);
  const box = useStayAtEnd<HTMLDivElement>();
  const messages = thread?.messages ?? [];
  const under = conversation?.status === "bot" ? messages.findLast((it) => it.sender.type === "bot") : undefined;
  // One that is on its way stands in the thread; a refused one is given once more.
  const given = under ? unsent.find((it) => it.key === answerKey(under.id)) : undefined;
  const refused = given?.state === "refused" ? given : undefined;

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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
    <div class="talk" ref={box} role="log" aria-label="Messages" tabIndex={0}>
      {thread?.hasEarlier && (
        <button type="button" class="quiet-button earlier" onClick={loadEarlier}>
          {failed ? "Not loaded. Try again" : "Show earlier messages"}
        </button>
      )}
      <Thread
        conversation={conversation}
        messages={messages}
        unsent={refused ? unsent.filter((it) => it !== refused) : unsent}
        asked={
          id && under && (!given || refused)
            ? {
                under,
                question: (
                  <Later key={under.id} what="The question" load={() => import("./Question.tsx")}>
                    {({ Question }) => (
                      <Question
                        messages={messages}
                        refused={refused}
                        onAnswer={(...answer) => messenger.answer(id, ...answer)}
                      />
                    )}
                  </Later>
                ),
              }
            : null
        }
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
      {over && (
        <Later what="The rating" load={() => import("./Rating.tsx")}>
          {({ Rating }) => <Rating messenger={messenger} conversation={conversation} />}
        </Later>
      )}
    </div>
  );
}
