// A conversation: who, what was said, and the place to answer.

import type { Conversation, Message, Shelf } from "@deskbell/client";
import { useEffect, useState } from "react";
import { Composer } from "../composer/Composer.tsx";
import { useDesk, useDeskState, useStore } from "../desk/useDesk.ts";
import type { Route } from "../desk/useRoute.ts";
import { Failed, Skeletons } from "../parts/Empty.tsx";
import { Header } from "./Header.tsx";
import { Messages } from "./Messages.tsx";
import { Scroll } from "./Scroll.tsx";
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
  // What was unread when one came: "New" stays put while one reads.
  const [unread] = useState({ after: conversation.desk_read_seq, upTo: conversation.last_seq });

  // When there is none, and once more for a failed one whenever the line is back.
  const absent = thread === undefined;
  useEffect(() => {
    if (!live) return;
    const failed = desk.state.get().threads[id]?.status === "failed";
    if (absent || failed) void desk.loadThread(id, route.seq);
  }, [desk, live, absent, id, route.seq]);

  const messages = thread?.messages ?? NONE;
  const { seq } = route;
  const tooEarly =
    seq !== undefined && thread?.status === "ready" && thread.hasEarlier && (messages[0]?.seq ?? 0) > seq;
  useEffect(() => {
    if (tooEarly) void desk.loadThread(id, seq);
  }, [desk, tooEarly, id, seq]);

  return (
    <div className="@container flex min-w-0 flex-1 flex-col">
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
        <Scroll key={id} first={messages[0]?.seq} seq={seq}>
          <Messages
            conversation={conversation}
            messages={messages}
            hasEarlier={thread?.hasEarlier ?? false}
            unread={unread}
            marked={seq}
          />
        </Scroll>
      )}
      <Standing conversation={conversation} />
      <Composer conversation={conversation} shelf={shelf} />
    </div>
  );
}
