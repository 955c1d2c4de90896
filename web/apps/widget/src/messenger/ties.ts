// What the messenger does in the background while it is drawn: receipts, the
// launcher's badge, the tone, the tenant's colour, other tabs.

import type { Messenger, Shelf } from "@deskbell/client";
import { textOn } from "@deskbell/ui";
import { useEffect, useRef } from "preact/hooks";
import { isOpen, unreadCount } from "./current.ts";
import { useLooking, useStore } from "./hooks.ts";
import type { Host } from "./host.ts";

/** Do not wait on when the network is back or the page is looked at again. */
export function useNudges(messenger: Messenger): void {
  useEffect(() => {
    const nudge = () => {
      if (!document.hidden) messenger.nudge();
    };
    window.addEventListener("online", nudge);
    document.addEventListener("visibilitychange", nudge);
    return () => {
      window.removeEventListener("online", nudge);
      document.removeEventListener("visibilitychange", nudge);
    };
  }, [messenger]);
}

/** A chat there is already, begun here or in another tab, is followed at once. */
export function useStartWhenKnown(messenger: Messenger, shelf: Shelf): void {
  useEffect(() => {
    const look = () => {
      if (messenger.known) messenger.start();
    };
    look();
    const hear = (event: StorageEvent) => event.key?.startsWith("deskbell.") && look();
    window.addEventListener("storage", hear);
    return () => window.removeEventListener("storage", hear);
  }, [messenger, shelf]);
}

/** Tells the desk what has arrived here, and what was looked at. */
export function useReceipts(messenger: Messenger, shown: string | null): void {
  const state = useStore(messenger.state);
  const link = useStore(messenger.link);
  const looking = useLooking();
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    if (link !== "live") {
      told.current.clear();
      return;
    }
    for (const it of Object.values(state.conversations)) {
      const read = looking && it.id === shown;
      const known = read ? it.visitor_read_seq : it.visitor_delivered_seq;
      const key = `${it.id} ${read}`;
      if (it.public_seq <= Math.max(known, told.current.get(key) ?? 0)) continue;
      told.current.set(key, it.public_seq);
      messenger.seen(it.id, it.public_seq, read);
    }
  }, [messenger, state, link, looking, shown]);
}

/** Tells the page around what it may know: the look, the badge, that something happened. */
export function useTelling(messenger: Messenger, host: Host): void {
  const state = useStore(messenger.state);
  const unread = unreadCount(state);
  const all = Object.values(state.conversations);
  const stage = all.some(isOpen) ? "started" : all.length > 0 ? "ended" : "none";
  const rated = all.filter((it) => it.rating).length;
  const before = useRef({ stage, rated });
  const { brand_color = null, position = null } = state.inbox?.look ?? {};

  useEffect(() => host.tell("keep", { color: brand_color, side: position }), [host, brand_color, position]);
  useEffect(() => host.tell("keep", { known: stage !== "none" }), [host, stage]);
  useEffect(() => host.tell("unread", unread), [host, unread]);
  useEffect(() => {
    const was = before.current;
    before.current = { stage, rated };
    if (stage !== "none" && was.stage !== stage && !(was.stage === "none" && stage === "ended")) host.tell(stage, null);
    if (was.stage !== "none" && rated > was.rated) host.tell("rated", null);
  }, [host, stage, rated]);
  // After the look, so that the launcher and the panel appear in it.
  useEffect(() => host.tell("ready", null), [host]);
}

/** An answer that nobody sees come is heard, if the visitor wants that. */
export function useSound(messenger: Messenger, on: boolean, open: boolean): void {
  const unread = unreadCount(useStore(messenger.state));
  const looking = useLooking();
  const before = useRef(unread);
  useEffect(() => {
    const more = unread > before.current;
    before.current = unread;
    if (!on || !more || (open && looking)) return;
    import("./ring.ts").then(({ ring }) => ring()).catch(() => undefined);
  }, [on, unread, open, looking]);
}

/** The tenant's own colour, with whichever of black and white is readable on it. */
export function useBrand(color: string | null, { options, dir }: Host): void {
  const { color: own, theme } = options;
  useEffect(() => {
    const root = document.documentElement;
    const brand = own || color;
    const text = brand ? textOn(brand) : null;
    if (brand && text) {
      root.style.setProperty("--brand", brand);
      root.style.setProperty("--on-brand", text);
      root.dataset.brand = "";
    }
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (dir) root.dir = dir;
  }, [color, own, theme, dir]);
}
