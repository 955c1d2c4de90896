// A conversation: who, what was said, and the place to answer.

import type { Conversation, Message, Shelf } from "@deskbell/client";
import { useEffect, useRef, useState } from "react";
import { Composer } from "../composer/Composer.tsx";
import { useDesk, useDeskState, useStore } from "../desk/useDesk.ts";
import type { Route } from "../desk/useRoute.ts";
import { Failed, Skeletons } from "../parts/Empty.tsx";
import { Header } from "./Header.tsx";
import { Messages } from "./Messages.tsx";
import { Standing } from "./Standing.tsx";

interface Props {
  conversation: Conversation;
  route: Route;
  shelf: Shelf;
}

const NONE: readonly Message[] = [];

export function Thread({ conversation, route, shelf }: Props) {
  const desk = useDesk();
  const thread = useDeskState().threads[conversation.id];
  const live = useStore(desk.link) === "live";
  const { id } = conversation;
  // Where one had read to when one came: "New" stays put while one reads.
  const [readSeq] = useState(conversation.desk_read_seq);

  useEffect(() => {
    if (live && !thread) void desk.loadThread(id, route.seq);
  }, [desk, live, thread, id, route.seq]);

  const messages = thread?.messages ?? NONE;
  const { seq } = route;
  const tooEarly =
    seq !== undefined && thread?.status === "ready" && thread.hasEarlier && (messages[0]?.seq ?? 0) > seq;
  useEffect(() => {
    if (tooEarly) void desk.loadThread(id, seq);
  }, [desk, tooEarly, id, seq]);

  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <Header conversation={conversation} view={route.view} />
      {thread?.status === "failed" && messages.length === 0 ? (
        <div className="flex-1">
          <Failed what="The messages did not load. Nothing is lost." onRetry={() => desk.loadThread(id)} />
        </div>
      ) : messages.length === 0 && thread?.status !== "ready" ? (
        <div className="flex-1">
          <Skeletons count={4} />
        </div>
      ) : (
        <Scroll key={id} conversation={conversation} messages={messages} seq={seq}>
          <Messages
            conversation={conversation}
            messages={messages}
            hasEarlier={thread?.hasEarlier ?? false}
            readSeq={readSeq}
            marked={seq}
          />
        </Scroll>
      )}
      <Standing conversation={conversation} />
      <Composer conversation={conversation} shelf={shelf} />
    </div>
  );
}

interface ScrollProps {
  conversation: Conversation;
  messages: readonly Message[];
  seq: number | undefined;
  children: React.ReactNode;
}

/** Stays at the end unless the reader scrolled up; goes to the message asked for. */
function Scroll({ conversation, messages, seq, children }: ScrollProps) {
  const desk = useDesk();
  const entries = useStore(desk.outbox);
  const writers = useStore(desk.typing)[conversation.id];
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const first = messages[0]?.seq;
  const before = useRef({ first, height: 0 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when what is in the box changed.
  useEffect(() => {
    const it = box.current;
    if (!it) return;
    const grewAbove = before.current.first !== undefined && first !== undefined && first < before.current.first;
    if (atEnd.current) it.scrollTop = it.scrollHeight;
    else if (grewAbove) it.scrollTop += it.scrollHeight - before.current.height;
    before.current = { first, height: it.scrollHeight };
  }, [first, messages, entries, writers, conversation.status, conversation.rating]);

  useEffect(() => {
    if (seq === undefined || first === undefined || first > seq) return;
    const target = box.current?.querySelector(`[data-seq="${seq}"]`);
    if (!target) return;
    atEnd.current = false;
    target.scrollIntoView({ block: "center" });
  }, [seq, first]);

  return (
    <div
      ref={box}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 py-4 -outline-offset-2 views:px-6"
      onScroll={({ currentTarget: it }) => {
        atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 48;
      }}
    >
      <div className="mx-auto max-w-176">{children}</div>
    </div>
  );
}
