// The list of a view: search, rows, and what to say when there are none.

import { inbox, search as searchIcon } from "@deskbell/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { counted, listed, VIEWS, type View } from "../desk/lists.ts";
import { useDesk, useDeskState, useNow, useStore } from "../desk/useDesk.ts";
import { hrefTo, type Route } from "../desk/useRoute.ts";
import { Button } from "../parts/Button.tsx";
import { Empty, Failed, Skeletons } from "../parts/Empty.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Me } from "../parts/Me.tsx";
import { Row } from "./Row.tsx";
import { SearchResults } from "./SearchResults.tsx";

interface Props {
  route: Route;
  onLogOut(): void;
  /** On a phone the thread has the place. */
  hidden: boolean;
}

export function List({ route, onLogOut, hidden }: Props) {
  const [words, setWords] = useState("");
  return (
    <section
      aria-label={VIEWS[route.view].name}
      className={`w-full shrink-0 flex-col border-r border-line bg-surface phone:flex phone:w-72 wide:w-85 ${hidden ? "hidden" : "flex"}`}
    >
      <div className="flex items-center gap-2 px-3 pt-3 pb-2">
        <label className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-control border border-line bg-sunken px-2 focus-within:border-accent-text">
          <Icon path={searchIcon} className="text-muted" />
          <input
            type="search"
            data-focus="search"
            value={words}
            aria-label="Search messages"
            placeholder="Search messages"
            className="w-full bg-transparent outline-none"
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setWords("")}
          />
        </label>
        <div className="phone:hidden">
          <Me side="bottom" onLogOut={onLogOut} />
        </div>
      </div>
      <Tabs current={route.view} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {words.trim().length > 1 ? <SearchResults words={words.trim()} route={route} /> : <Rows route={route} />}
      </div>
    </section>
  );
}

/** The views, where there is no column for them. */
function Tabs({ current }: { current: View }) {
  const state = useDeskState();
  return (
    <nav aria-label="Views" className="flex overflow-x-auto border-b border-line px-1 views:hidden">
      {(Object.keys(VIEWS) as View[]).map((view) => {
        const count = view === "mine" || view === "queue" ? listed(state, view).length : 0;
        return (
          <a
            key={view}
            href={hrefTo({ view, conversationId: null })}
            aria-current={view === current ? "page" : undefined}
            className={`border-b-2 px-2 py-2 text-body whitespace-nowrap -outline-offset-2 phone:px-1.5 phone:text-small ${view === current ? "border-accent-text font-medium text-accent-text" : "border-transparent text-muted"}`}
          >
            {VIEWS[view].name} {count > 0 && <span className="tabular-nums">{counted(count)}</span>}
          </a>
        );
      })}
    </nav>
  );
}

function Rows({ route }: { route: Route }) {
  const state = useDeskState();
  const now = useNow();
  const conversations = listed(state, route.view);
  const { failed, load, loadMore } = useLoaded(route.view, conversations.length);
  if (failed && conversations.length === 0) {
    return <Failed what="The list did not load. Nothing is lost." onRetry={() => load()} />;
  }
  if (!state.me) return <Skeletons count={6} />;
  if (conversations.length === 0) {
    return (
      <Empty icon={inbox} title={VIEWS[route.view].empty}>
        {VIEWS[route.view].how}
      </Empty>
    );
  }
  return (
    <>
      <ul>
        {conversations.map((it) => (
          <Row key={it.id} conversation={it} route={route} now={now} />
        ))}
      </ul>
      {loadMore && (
        <div className="grid justify-items-center gap-2 p-4">
          {failed && <p className="text-danger-text">The rest did not load.</p>}
          <Button onClick={loadMore}>{failed ? "Load again" : "Show more chats"}</Button>
        </div>
      )}
    </>
  );
}

/** Of mine and of the queue the snapshot has the first; the rest is asked for. */
const IN_SNAPSHOT = 200;
const PAGE = 100;

function useLoaded(view: View, known: number) {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const [failed, setFailed] = useState(false);
  // Where the next page begins; undefined: not asked yet.
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const load = useCallback(
    (cursor?: string | null) => {
      setFailed(false);
      const status = view === "mine" ? "active" : view === "queue" ? "queued" : view;
      const me = desk.state.get().me?.id;
      desk
        .loadConversations({
          status,
          ...(view === "mine" && me && { assignee_id: me }),
          ...(cursor && { cursor }),
          limit: PAGE,
        })
        .then(setNext, () => setFailed(true));
    },
    [desk, view],
  );
  useEffect(() => {
    setNext(undefined);
    if (live && view !== "mine" && view !== "queue") load();
  }, [live, view, load]);
  const more = next === undefined ? known >= IN_SNAPSHOT : next !== null;
  return { failed, load, loadMore: more ? () => load(next) : null };
}
