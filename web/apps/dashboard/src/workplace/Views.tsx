// The lists there are, with how many are in them.

import { bot, chat, done, inbox, people } from "@deskbell/ui/icons";
import { counted, listed, VIEWS, type View } from "../desk/lists.ts";
import { useDeskState } from "../desk/useDesk.ts";
import { hrefTo, type Route } from "../desk/useRoute.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Icon } from "../parts/Icon.tsx";
import { AVAILABILITY } from "../parts/words.ts";

const ICONS: Record<View, string> = { mine: inbox, queue: people, bot, active: chat, resolved: done };

export function Views({ route }: { route: Route }) {
  const state = useDeskState();
  const colleagues = Object.values(state.agents)
    .filter((agent) => agent.id !== state.me?.id && agent.deactivated_at === null && agent.availability !== "offline")
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <nav
      aria-label="Views"
      className="hidden w-46 shrink-0 flex-col gap-1 overflow-y-auto border-r border-line bg-sunken p-3 views:flex wide:w-55"
    >
      <p className="px-2 pt-1 pb-3 text-heading font-semibold">Conversations</p>
      {(Object.keys(VIEWS) as View[]).map((view) => {
        const count = view === "mine" || view === "queue" ? listed(state, view).length : 0;
        const current = view === route.view;
        return (
          <a
            key={view}
            href={hrefTo({ view, conversationId: null })}
            aria-current={current ? "page" : undefined}
            className={`flex h-8 items-center gap-2 rounded-control px-2 transition-colors ${current ? "bg-hover font-medium" : "hover:bg-hover"}`}
          >
            <Icon path={ICONS[view]} className={current ? "text-accent-text" : "text-muted"} />
            <span className="flex-1">{VIEWS[view].name}</span>
            {count > 0 && <span className="text-small text-muted tabular-nums">{counted(count)}</span>}
          </a>
        );
      })}
      {colleagues.length > 0 && (
        <>
          <h2 className="px-2 pt-6 pb-1 text-small font-medium text-muted">Colleagues here</h2>
          <ul>
            {colleagues.map((agent) => (
              <li key={agent.id} className="flex h-8 items-center gap-2 px-2">
                <Avatar name={agent.name} desk availability={agent.availability} size="size-6" />
                <span className="min-w-0 flex-1 truncate">{agent.name}</span>
                {agent.availability !== "online" && (
                  <span className="text-small text-muted">{AVAILABILITY[agent.availability]}</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}
