// The messenger in its frame. It rings the desk only when the visitor begins to
// write, or when this browser has a chat already.

import type { Messenger, Shelf } from "@deskbell/client";
import { useEffect, useRef, useState } from "preact/hooks";
import type { FromPage } from "../port.ts";
import { Chat } from "./Chat.tsx";
import { landing, openOne, type View } from "./current.ts";
import { Home } from "./Home.tsx";
import { type About, about } from "./help.ts";
import { useStore } from "./hooks.ts";
import type { Host } from "./host.ts";
import { New } from "./New.tsx";
import { soundIsOn } from "./sound.ts";
import { useBrand, useNudges, useReceipts, useSound, useStartWhenKnown, useTelling } from "./ties.ts";

interface Props {
  messenger: Messenger;
  host: Host;
  shelf: Shelf;
}

/** What every screen is given. */
export interface Screen {
  messenger: Messenger;
  shelf: Shelf;
  topic: About | null;
  onTopic(topic: About | null): void;
  go(view: View): void;
  /** None on a page of its own: there is nothing to close. */
  onClose: (() => void) | null;
  sound: boolean;
  onSound(on: boolean): void;
}

export function App({ messenger, host, shelf }: Props) {
  const state = useStore(messenger.state);
  const entries = useStore(messenger.outbox);
  const [open, setOpen] = useState(false);
  /** Where the visitor went; null while it is for us to say. */
  const [chosen, setChosen] = useState<View | null>(null);
  const [last, setLast] = useState<View | null>(lastView);
  const [topic, setTopic] = useState<About | null>(null);
  const [sound, setSound] = useState(() => soundIsOn(shelf));
  const view = chosen ?? landing(state, entries, last);
  const shown = view.name === "chat" ? (view.id ?? openOne(state)?.id ?? null) : null;

  const go = (next: View) => {
    setChosen(next);
    setLast(next);
    rememberView(next);
  };
  // Once there, one stays there: a chat that ends is not left by itself.
  useEffect(() => {
    if (shown && (chosen === null || (chosen.name === "chat" && chosen.id === null))) go({ name: "chat", id: shown });
  });

  const forget = () => {
    messenger.forget();
    for (const key of shelf.keys("")) shelf.remove(key);
    rememberView(null);
    host.tell("forgotten", null);
  };
  const hear = (message: FromPage) => {
    if (message[0] === "help") {
      setTopic(about(message[1]));
      setLast({ name: "new" });
      setChosen(null);
    } else if (message[0] === "forget") forget();
    else {
      const opens = message[0] === "open";
      if (opens && !open && chosen?.name !== "new") setChosen(null);
      setOpen(opens);
    }
  };
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => host.onMessage((message) => latest.current(message)), [host]);

  useBrand(state.inbox?.look.brand_color ?? null, host);
  useTelling(messenger, host);
  useStartWhenKnown(messenger, shelf);
  useNudges(messenger);
  useReceipts(messenger, open ? shown : null);
  useSound(messenger, sound, open);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) host.tell("close", null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [host]);

  const onClose = window.parent === window ? null : () => host.tell("close", null);
  const screen: Screen = { messenger, shelf, topic, onTopic: setTopic, go, onClose, sound, onSound: setSound };
  return (
    <main class="messenger">
      {view.name === "home" && <Home {...screen} open={open} />}
      {view.name === "new" && <New {...screen} open={open} />}
      {view.name === "chat" && <Chat {...screen} id={shown} open={open} />}
    </main>
  );
}

const LAST = "deskbell.view";

function lastView(): View | null {
  try {
    return JSON.parse(sessionStorage.getItem(LAST) ?? "null") as View | null;
  } catch {
    return null;
  }
}

function rememberView(view: View | null): void {
  try {
    sessionStorage.setItem(LAST, JSON.stringify(view));
  } catch {
    // Storage is switched off: a reload then leads to the start.
  }
}
