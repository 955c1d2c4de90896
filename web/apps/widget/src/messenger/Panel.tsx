// The panel: header, honest banner, and either a start or a conversation.

import type { Messenger, Shelf } from "@deskbell/client";
import type { VisitorConversation, VisitorInbox } from "@deskbell/protocol";
import { initials } from "@deskbell/ui";
import { cross, offline as offlineIcon } from "@deskbell/ui/icons";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PageContext } from "./App.tsx";
import { current } from "./current.ts";
import { useOffline, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Start } from "./Start.tsx";
import { Talk } from "./Talk.tsx";

interface Props {
  messenger: Messenger;
  context: PageContext;
  shelf: Shelf;
  onClose(): void;
}

export function Panel({ messenger, context, shelf, onClose }: Props) {
  const state = useStore(messenger.state);
  const entries = useStore(messenger.outbox);
  const link = useStore(messenger.link);
  const offline = useOffline(link);
  const conversation = current(state);
  const begun = conversation !== null || entries.length > 0;
  const box = useRef<HTMLElement>(null);

  // Again when the start gives way to the conversation.
  useEffect(() => {
    box.current?.querySelector<HTMLElement>(".composer textarea")?.focus();
  }, [begun]);

  return (
    <section
      ref={box}
      class="panel"
      role="dialog"
      aria-label="Chat"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Header messenger={messenger} inbox={state.inbox} conversation={conversation} onClose={onClose} />
      <div role="status" class="banner-place">
        {offline && (
          <p class="banner">
            <Icon path={offlineIcon} size={16} />
            {navigator.onLine ? "Connecting again." : "You are offline."} What you write is kept and goes out when you
            are back.
          </p>
        )}
        {link === "ended" && (
          <p class="banner">
            <Icon path={offlineIcon} size={16} />
            The desk has ended this session. Load the page again to go on.
          </p>
        )}
      </div>
      {begun ? (
        <Talk messenger={messenger} conversation={conversation} context={context} shelf={shelf} />
      ) : (
        <Start messenger={messenger} context={context} shelf={shelf} />
      )}
    </section>
  );
}

interface HeaderProps {
  messenger: Messenger;
  inbox: VisitorInbox | null;
  conversation: VisitorConversation | null;
  onClose(): void;
}

function Header({ messenger, inbox, conversation, onClose }: HeaderProps) {
  const [ending, setEnding] = useState(false);
  const desk = inbox?.name ?? "Chat";
  const agent = conversation?.agent ?? null;
  const open = conversation?.status === "active" || conversation?.status === "queued";
  const end = () => {
    setEnding(false);
    if (conversation) messenger.do("end_conversation", { conversation_id: conversation.id }).catch(() => undefined);
  };
  return (
    <div class="header">
      <div class="header-row">
        <span class="avatar avatar-large" aria-hidden="true">
          {initials(agent?.name ?? desk)}
        </span>
        <div class="header-names">
          <h2>{agent?.name ?? desk}</h2>
          <p>{subtitle(conversation, desk)}</p>
        </div>
        {open && !ending && (
          <button type="button" class="header-text-button" onClick={() => setEnding(true)}>
            End chat
          </button>
        )}
        <button type="button" class="header-button" aria-label="Close chat" onClick={onClose}>
          <Icon path={cross} />
        </button>
      </div>
      {open && ending && (
        <div class="header-confirm">
          <span>End this chat?</span>
          <button type="button" class="header-text-button" onClick={() => setEnding(false)}>
            Keep talking
          </button>
          <button type="button" class="header-solid-button" onClick={end}>
            End chat
          </button>
        </div>
      )}
    </div>
  );
}

function subtitle(conversation: VisitorConversation | null, desk: string): string {
  switch (conversation?.status) {
    case undefined:
      return "A person answers";
    case "queued":
      return "Waiting for an agent";
    case "active":
      return desk;
    default:
      return "This chat has ended";
  }
}
