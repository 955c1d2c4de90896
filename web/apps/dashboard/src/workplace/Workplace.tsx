// The agent's page: rail, views, list, thread, context; folding as it gets
// narrower, to one column on a phone.

import { type Shelf, sentence } from "@deskbell/client";
import { visitorName } from "@deskbell/ui";
import { chat } from "@deskbell/ui/icons";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Actions } from "../actions/Actions.tsx";
import { Context } from "../context/Context.tsx";
import { COMMANDS, type Commander, CommanderContext, type DialogName, type Scene } from "../desk/commands.ts";
import { myUnread } from "../desk/lists.ts";
import { useDesk, useDeskState, useLooking, useStore } from "../desk/useDesk.ts";
import { useKeys } from "../desk/useKeys.ts";
import { useReceipts } from "../desk/useReceipts.ts";
import { useRoute } from "../desk/useRoute.ts";
import { SECTIONS, useSettings } from "../desk/useSettings.ts";
import { List } from "../list/List.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Empty } from "../parts/Empty.tsx";
import { Thread } from "../thread/Thread.tsx";
import { Banner } from "./Banner.tsx";
import { Rail } from "./Rail.tsx";
import { Views } from "./Views.tsx";

// Only few open them, and not often.
const Settings = lazy(() => import("../settings/Settings.tsx"));

interface Props {
  shelf: Shelf;
  onLogOut(): void;
}

export default function Workplace({ shelf, onLogOut }: Props) {
  const desk = useDesk();
  const state = useDeskState();
  const route = useRoute();
  const settings = useSettings();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const conversation = (route.conversationId && state.conversations[route.conversationId]) || null;
  const page = useRef<HTMLDivElement>(null);

  const scene: Scene = {
    desk,
    state,
    route,
    conversation,
    open: setDialog,
    focus: (place) => page.current?.querySelector<HTMLElement>(`[data-focus~="${place}"]`)?.focus(),
    // It is there twice, for the desktop and for the phone; one of them is shown.
    press: (place) =>
      [...(page.current?.querySelectorAll<HTMLElement>(`[data-press="${place}"]`) ?? [])]
        .find((it) => it.offsetParent !== null)
        ?.click(),
  };
  const commander = useCommander(scene, setNotice);
  useKeys(commander);
  useNudges();
  useReceipts(route.conversationId);
  useMissing(route.conversationId, setNotice);
  useTitle(myUnread(state), settings ? SECTIONS[settings.section] : conversation && visitorName(conversation.contact));

  return (
    <CommanderContext value={commander}>
      <div ref={page} className="flex h-full flex-col">
        <Banner notice={notice} onDismiss={() => setNotice(null)} />
        <div className="flex min-h-0 flex-1">
          <Rail onLogOut={onLogOut} />
          {settings ? (
            <Suspense>
              <Settings place={settings} onLogOut={onLogOut} />
            </Suspense>
          ) : (
            <>
              <Views route={route} />
              <main className="flex min-w-0 flex-1">
                <h1 className="sr-only">Conversations</h1>
                <List route={route} onLogOut={onLogOut} hidden={route.conversationId !== null} />
                <div className={`min-w-0 flex-1 bg-surface ${route.conversationId ? "flex" : "hidden phone:flex"}`}>
                  {conversation ? (
                    <Thread key={conversation.id} conversation={conversation} route={route} shelf={shelf} />
                  ) : (
                    <div className="grid flex-1 place-items-center">
                      <Empty icon={chat} title="No chat selected">
                        Pick one from the list. <kbd>?</kbd> shows all keys.
                      </Empty>
                    </div>
                  )}
                </div>
              </main>
              {conversation && (
                <aside
                  aria-label="What is known"
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
                  tabIndex={0}
                  className="hidden w-68 shrink-0 overflow-y-auto -outline-offset-2 border-l border-line bg-page context:block wide:w-80"
                >
                  <Context key={conversation.id} conversation={conversation} />
                </aside>
              )}
            </>
          )}
        </div>
      </div>
      {dialog === "context" && conversation ? (
        <Dialog side title={visitorName(conversation.contact)} onClose={() => setDialog(null)}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard. */}
          <div className="overflow-y-auto -outline-offset-2" tabIndex={0}>
            <Context conversation={conversation} />
          </div>
        </Dialog>
      ) : (
        <Actions dialog={dialog} conversation={conversation} onClose={() => setDialog(null)} />
      )}
    </CommanderContext>
  );
}

/** Stable, though what it looks at changes with every event. */
function useCommander(scene: Scene, onNotice: (notice: string | null) => void): Commander {
  const latest = useRef(scene);
  useEffect(() => {
    latest.current = scene;
  });
  return useMemo(
    () => ({
      can: (name) => COMMANDS[name].can(latest.current),
      run: (name) => {
        onNotice(null);
        Promise.resolve(COMMANDS[name].run(latest.current)).catch((error) =>
          onNotice(`${COMMANDS[name].name}: ${sentence(error)}`),
        );
      },
    }),
    [onNotice],
  );
}

/** Do not wait on when the network is back or the page is looked at again. */
function useNudges(): void {
  const desk = useDesk();
  const looking = useLooking();
  useEffect(() => {
    if (looking) desk.nudge();
    const nudge = () => desk.nudge();
    window.addEventListener("online", nudge);
    return () => window.removeEventListener("online", nudge);
  }, [desk, looking]);
}

/** A chat from a link or a search that is not in the lists. */
function useMissing(id: string | null, onNotice: (notice: string) => void): void {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const known = useDeskState().conversations;
  const missing = id !== null && known[id] === undefined;
  const look = useCallback(
    (which: string) => desk.loadConversation(which).catch((error) => onNotice(`Chat not loaded: ${sentence(error)}`)),
    [desk, onNotice],
  );
  useEffect(() => {
    if (id && missing && live) void look(id);
  }, [id, missing, live, look]);
}

function useTitle(unread: number, here: string | null): void {
  useEffect(() => {
    const name = here ? `${here} · Deskbell` : "Deskbell";
    document.title = unread > 0 ? `(${unread}) ${name}` : name;
  }, [unread, here]);
}
