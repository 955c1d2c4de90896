// Earlier chats of this visitor, to read again. They are closed: nothing can be
// added.

import type { Messenger } from "@deskbell/client";
import { ago } from "@deskbell/ui";
import { newestFirst } from "./current.ts";
import { useNow, useStore } from "./hooks.ts";
import { Thread } from "./Thread.tsx";

export function Past({ messenger }: { messenger: Messenger }) {
  const state = useStore(messenger.state);
  const now = useNow(30_000);
  const closed = newestFirst(state).filter((it) => it.status === "closed");
  if (closed.length === 0) return null;
  return (
    <section class="past">
      <h4>Earlier chats</h4>
      {closed.map((it) => {
        const messages = state.threads[it.id]?.messages ?? [];
        return (
          <details key={it.id}>
            <summary>
              <span>{messages.at(-1)?.text ?? it.subject ?? "Chat"}</span>
              <time>{ago(it.created_at, now)}</time>
            </summary>
            <Thread conversation={it} messages={messages} unsent={[]} />
          </details>
        );
      })}
    </section>
  );
}
