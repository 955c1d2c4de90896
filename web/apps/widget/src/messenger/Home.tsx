// The start: a welcome, the one thing to do next, and the visitor's chats.

import type { VisitorConversation } from "@deskbell/protocol";
import { ago, initials } from "@deskbell/ui";
import { right, send } from "@deskbell/ui/icons";
import type { Screen } from "./App.tsx";
import { Banner } from "./Banner.tsx";
import { isOpen, newestFirst, openOne } from "./current.ts";
import { HeaderButtons } from "./Header.tsx";
import { useNow, useStartingPoint, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

export function Home(screen: Screen & { open: boolean }) {
  const { messenger, go, open } = screen;
  const state = useStore(messenger.state);
  const now = useNow(30_000);
  const chats = newestFirst(state);
  const current = openOne(state);
  const { inbox } = state;
  useStartingPoint(open, "home", "h1");
  return (
    <>
      <header class="header header-home">
        <div class="header-row">
          <span class="avatar avatar-large" aria-hidden="true">
            {initials(inbox?.name)}
          </span>
          <p class="header-desk">{inbox?.name}</p>
          <HeaderButtons {...screen} />
        </div>
        <h1 tabIndex={-1}>{inbox?.look.welcome_title ?? "How can we help?"}</h1>
        <p class="welcome">{inbox?.look.welcome_text ?? "Tell us what happened. You get the answer here."}</p>
      </header>
      <Banner messenger={messenger} />
      <div class="home">
        <button
          type="button"
          class="next"
          onClick={() => go(current ? { name: "chat", id: current.id } : { name: "new" })}
        >
          <span>
            <strong>{current ? "Continue your chat" : "Start a chat"}</strong>
            <span class="next-hint">{current ? standing(current) : "We answer here"}</span>
          </span>
          <Icon path={current ? right : send} />
        </button>
        {chats.length > 0 && (
          <section class="chats">
            <h2>Your chats</h2>
            <ul>
              {chats.map((it) => (
                <li key={it.id}>
                  <button type="button" class="chat-row" onClick={() => go({ name: "chat", id: it.id })}>
                    <span class="avatar avatar-row" aria-hidden="true">
                      {initials(it.agent?.name ?? inbox?.name)}
                    </span>
                    <span class="chat-row-text">
                      <span class="chat-row-top">
                        <strong>{it.agent?.name ?? inbox?.name}</strong>
                        <time dateTime={lastAt(it, state.threads)}>{ago(lastAt(it, state.threads), now)}</time>
                      </span>
                      <span class={it.visitor_unread_count > 0 ? "chat-row-last unread" : "chat-row-last"}>
                        <span dir="auto">{lastWords(it, state.threads)}</span>
                        {it.visitor_unread_count > 0 ? (
                          <span class="count">
                            {it.visitor_unread_count > 99 ? "99+" : it.visitor_unread_count}
                            <span class="unseen"> unread</span>
                          </span>
                        ) : (
                          !isOpen(it) && <span class="tag">Ended</span>
                        )}
                      </span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </>
  );
}

type Threads = ReturnType<Screen["messenger"]["state"]["get"]>["threads"];

function standing({ status, agent }: VisitorConversation): string {
  if (status === "queued") return "You are in the queue";
  return `With ${agent?.name ?? (status === "bot" ? "the bot" : "an agent")}`;
}

function lastAt(it: VisitorConversation, threads: Threads): string {
  return threads[it.id]?.messages.at(-1)?.created_at ?? it.created_at;
}

function lastWords(it: VisitorConversation, threads: Threads): string {
  const last = threads[it.id]?.messages.findLast((message) => message.kind !== "system");
  if (!last) return it.subject ?? "No words yet";
  return last.sender.type === "visitor" ? `You: ${last.text}` : (last.text ?? "");
}
