// The messenger: a launcher and the panel it opens. It rings the desk only when
// the visitor wants something, or when this browser has a chat already.

import type { Messenger, Shelf } from "@deskbell/client";
import { textOn } from "@deskbell/ui";
import { chat, cross } from "@deskbell/ui/icons";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bell } from "./bell.ts";
import { current } from "./current.ts";
import { useLooking, useNudges, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Panel } from "./Panel.tsx";

/** What the page around tells of itself. */
export interface PageContext {
  label: string;
  attributes: Record<string, string>;
  categories: string[];
}

interface Props {
  messenger: Messenger;
  bell: Bell;
  context: PageContext;
  shelf: Shelf;
}

const OPEN = "deskbell.open";

export function App({ messenger, bell, context, shelf }: Props) {
  const state = useStore(messenger.state);
  const [open, setOpen] = useState(() => shelf.get(OPEN) === "yes");
  const launcher = useRef<HTMLButtonElement>(null);
  const root = useRef<HTMLDivElement>(null);
  useNudges(messenger);
  useReceipts(messenger, open);
  useBrand(root, state.inbox?.look.brand_color ?? null);

  useEffect(() => bell.onRing(() => setOpen(true)), [bell]);
  useEffect(() => {
    if (open || messenger.known) messenger.start();
    shelf.set(OPEN, open ? "yes" : "no");
  }, [open, messenger, shelf]);

  const unread = Object.values(state.conversations).reduce((sum, it) => sum + it.visitor_unread_count, 0);
  const close = () => {
    setOpen(false);
    launcher.current?.focus();
  };

  return (
    <div class="messenger" ref={root}>
      {open && <Panel messenger={messenger} context={context} shelf={shelf} onClose={close} />}
      <button
        ref={launcher}
        type="button"
        class={open ? "launcher launcher-open" : "launcher"}
        aria-expanded={open}
        aria-label={open ? "Close chat" : unread > 0 ? `Open chat, ${unread} unread` : "Open chat"}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <Icon path={open ? cross : chat} size={24} />
        {!open && unread > 0 && <span class="badge">{unread > 99 ? "99+" : unread}</span>}
      </button>
    </div>
  );
}

/** Tells the desk what has arrived here, and what was looked at. */
function useReceipts(messenger: Messenger, open: boolean): void {
  const state = useStore(messenger.state);
  const link = useStore(messenger.link);
  const looking = useLooking();
  const shown = current(state)?.id;
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    if (link !== "live") {
      told.current.clear();
      return;
    }
    for (const it of Object.values(state.conversations)) {
      const read = open && looking && it.id === shown;
      const known = read ? it.visitor_read_seq : it.visitor_delivered_seq;
      const key = `${it.id} ${read}`;
      if (it.public_seq <= Math.max(known, told.current.get(key) ?? 0)) continue;
      told.current.set(key, it.public_seq);
      messenger.seen(it.id, it.public_seq, read);
    }
  }, [messenger, state, link, open, looking, shown]);
}

/** The tenant's own colour, with whichever of black and white is readable on it. */
function useBrand(root: { current: HTMLElement | null }, color: string | null): void {
  useEffect(() => {
    const text = color ? textOn(color) : null;
    const style = root.current?.style;
    if (!style || !color || !text) return;
    style.setProperty("--brand", color);
    style.setProperty("--on-brand", text);
  }, [root, color]);
}
