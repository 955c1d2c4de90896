// The page around the frame, as the messenger sees it: a port, handed over once.
//
// Whoever hands it over must be the window that frames us, on an origin the inbox
// lists (or the server's own). Every other message is ignored, and after the
// first good one nobody is listened to any more.

import type { FromFrame, FromPage, Greeting, Where } from "../port.ts";

export interface Host {
  /** The script tag's `data-…`. */
  options: Greeting["deskbell"];
  /** Which way the page reads. */
  dir: string;
  where: Where | null;
  tell(...message: FromFrame): void;
  /** Only one listens; what came before is told at once. */
  onMessage(listener: (message: FromPage) => void): void;
}

/** The messenger opened as a page of its own, from a link. */
export function alone(): Host {
  const where = { url: location.href, title: document.title, referrer: document.referrer };
  return {
    options: {},
    dir: "",
    where,
    tell: () => undefined,
    onMessage: (listener) => listener(["open", where]),
  };
}

export function framed(origins: readonly string[], top: Window = window.parent): Promise<Host> {
  return new Promise((resolve) => {
    const hear = (event: MessageEvent<unknown>) => {
      const port = event.ports[0];
      const listed = event.origin === location.origin || origins.includes(event.origin);
      if (event.source !== top || !listed || !port || !isGreeting(event.data)) return;
      window.removeEventListener("message", hear);
      resolve(hostOn(port, event.data));
    };
    window.addEventListener("message", hear);
  });
}

function hostOn(port: MessagePort, greeting: Greeting): Host {
  const host: Host = {
    options: greeting.deskbell,
    dir: greeting.dir,
    where: null,
    tell: (...message) => port.postMessage(message),
    onMessage: (listener) => {
      port.onmessage = ({ data }: MessageEvent<FromPage>) => {
        if (data[0] === "open" || data[0] === "close") host.where = data[1];
        listener(data);
      };
    },
  };
  return host;
}

function isGreeting(data: unknown): data is Greeting {
  const greeting = data as Partial<Greeting> | null;
  return typeof greeting?.deskbell === "object" && greeting.deskbell !== null && typeof greeting.dir === "string";
}
