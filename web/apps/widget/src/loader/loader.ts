// The one script a site includes: a launcher in the corner, and the messenger in
// a frame once the visitor shows intent. It must stay small, and run under the
// strictest policy a page can have: no inline style, no HTML out of text.
//
// It knows nothing of chats. What it and the frame say to each other goes through
// a message port that is handed over once, to the server's exact origin; it
// listens to no other message. The names on the port are in `port.ts`.

import type { FromFrame, FromPage, Greeting, Help, Kept } from "../port.ts";
import css from "./loader.css?inline";

/** `window.deskbell`; before this script has run, a list of calls to make. */
interface Api {
  open(): void;
  close(): void;
  /** Opens the chat with what the visitor is about to ask. */
  help(about?: Help): void;
  on(type: string, listener: (detail: unknown) => void): void;
  /** For when somebody logs out: off the page, and nothing of the chat stays in this browser. */
  shutdown(): void;
  push(call: Call): void;
}
type Call = [name: keyof Api, ...all: unknown[]];

const page = window as { deskbell?: (Call[] & { open?: never }) | Api | undefined };
const doc = document;
const script = doc.currentScript as HTMLScriptElement;
const options = script.dataset;
const origin = new URL(script.src).origin;
const label = options.label || "Chat";
const key = `deskbell.${options.inbox}`;
const queued = page.deskbell;
const gone = new AbortController();

const host = doc.createElement("deskbell-chat");
const button = doc.createElement("button");
const badge = doc.createElement("b");

let frame: HTMLIFrameElement | undefined;
let port: MessagePort;
let loaded = false;
let ready = false;
let open = false;
let unread = 0;
let opener: HTMLElement = button;
const waiting: FromPage[] = [];
/** From the last time; nothing else of the chat is kept on the site. */
const kept: Kept = {};

/** A page may have switched its storage off, or filled it: then nothing is remembered. */
const attempt = (what: () => void) => {
  try {
    what();
  } catch {}
};

const keep = (change: Kept) => {
  Object.assign(kept, change);
  attempt(() => {
    localStorage[key] = JSON.stringify(kept);
  });
};

const draw = () => {
  const shown = open && ready;
  const color = options.color || kept.color;
  if (color) host.style.setProperty("--c", color);
  // The styles say "end" where they mean the side it stands on.
  host.dir = (options.position ?? kept.side) === "left" ? "rtl" : "ltr";
  host.toggleAttribute("open", shown);
  button.ariaLabel = unread ? `${label} (${unread})` : label;
  button.ariaExpanded = `${shown}`;
  badge.textContent = shown || !unread ? "" : unread > 99 ? "99+" : `${unread}`;
};

const tell = (...message: FromPage) => {
  if (ready) port.postMessage(message);
  else waiting.push(message);
};

const emit = (type: string, detail?: unknown) => host.dispatchEvent(new CustomEvent(type, { detail }));

const hear = ([name, value]: FromFrame) => {
  if (name === "keep") keep(value);
  else if (name === "ready") {
    ready = true;
    for (const message of waiting) tell(...message);
    if (open) frame?.focus();
  } else if (name === "close") show(false);
  else if (name === "forgotten") remove();
  else {
    if (name === "unread") unread = value;
    emit(name, value);
  }
  draw();
};

const load = () => {
  if (frame) {
    // The server was away: another try whenever the visitor tries.
    if (loaded && !ready) frame.src += "";
    return;
  }
  frame = doc.createElement("iframe");
  frame.title = label;
  frame.src = `${origin}/widget/messenger/${options.inbox}`;
  frame.onload = () => {
    loaded = true;
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => hear(data);
    const greeting: Greeting = { deskbell: { ...options }, dir: doc.dir };
    frame?.contentWindow?.postMessage(greeting, origin, [channel.port2]);
  };
  host.shadowRoot?.append(frame);
};

const show = (on: boolean) => {
  if (open === on) return;
  open = on;
  const name = on ? "open" : "close";
  attempt(() => {
    sessionStorage[key] = name;
  });
  load();
  tell(name, { url: location.href, title: doc.title, referrer: doc.referrer });
  draw();
  (on ? frame : opener)?.focus();
  opener = button;
  emit(name);
};

/** Anything on the page that is marked as a help button. */
const onPage = (event: Event) => {
  const asked = (event.target as Element).closest?.<HTMLElement>("[data-deskbell-help]");
  if (!asked) return;
  load();
  if (event.type !== "click") return;
  event.preventDefault();
  help({ data: { ...asked.dataset } });
  opener = asked;
};

const help = (about: Help = {}) => {
  tell("help", about);
  show(true);
};

const remove = () => {
  host.remove();
  gone.abort();
  page.deskbell = undefined;
};

const start = () => {
  doc.documentElement.append(host);
  if (kept.known) setTimeout(load, 999);
  attempt(() => innerWidth > 479 && sessionStorage[key] === "open" && show(true));
};

const api: Api = {
  open: () => show(true),
  close: () => show(false),
  help,
  on: (type, listener) => host.addEventListener(type, (event) => listener((event as CustomEvent).detail)),
  shutdown: () => {
    show(false);
    attempt(() => delete localStorage[key]);
    if (!kept.known) return remove();
    load();
    tell("forget");
  },
  push: ([name, ...all]) => (api[name] as (...all: unknown[]) => void)(...all),
};

// Included twice, the first one stays.
if (options.inbox && !queued?.open) {
  attempt(() => Object.assign(kept, JSON.parse(localStorage[key])));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  button.append(badge);
  button.hidden = options.launcher === "none";
  root.append(button);
  button.onclick = () => (open && !ready ? load() : show(!open));
  button.onpointerenter = button.onfocus = load;
  host.onkeydown = (event) => {
    if (event.key === "Escape") show(false);
  };
  for (const type of ["click", "pointerover", "focusin"]) doc.addEventListener(type, onPage, gone);
  visualViewport?.addEventListener("resize", () => host.style.setProperty("--h", `${visualViewport?.height}px`));
  draw();
  page.deskbell = api;
  if (doc.body) start();
  else doc.addEventListener("DOMContentLoaded", start, gone);
  for (const call of queued ?? []) api.push(call);
}
