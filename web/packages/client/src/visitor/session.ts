// A visitor's identity: a secret bound to this browser, and short tokens got with
// it. What the visitor types about themselves is no part of it.

import type { VisitorInbox } from "@deskbell/protocol";
import type { Rest } from "../rest.ts";
import type { Shelf } from "../shelf.ts";

const MARGIN_MS = 30_000;

export class VisitorSession {
  readonly #rest: Rest;
  readonly #shelf: Shelf;
  readonly #inbox: string;
  readonly #now: () => number;
  #token: { text: string; expires_at: number } | null = null;
  #opening: Promise<string> | null = null;
  onInbox: (inbox: VisitorInbox) => void = () => undefined;

  constructor(rest: Rest, shelf: Shelf, inbox: string, now: () => number = Date.now) {
    this.#rest = rest;
    this.#shelf = shelf;
    this.#inbox = inbox;
    this.#now = now;
  }

  /** This browser has been here before. */
  get known(): boolean {
    return this.#shelf.get(this.#key) !== null;
  }

  async token(refused = false): Promise<string> {
    if (this.#token && !refused && this.#token.expires_at - MARGIN_MS > this.#now()) return this.#token.text;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** A secret the desk does not know (any more) is answered with a new one. */
  async #open(): Promise<string> {
    const secret = this.#shelf.get(this.#key);
    const opened = await this.#rest("POST", "/api/v1/widget/sessions", {
      body: { inbox: this.#inbox, ...(secret ? { secret } : {}), ...surroundings() },
    });
    this.#shelf.set(this.#key, opened.secret);
    this.#token = { text: opened.token, expires_at: this.#now() + opened.expires_in * 1000 };
    this.onInbox(opened.inbox);
    return opened.token;
  }

  get #key(): string {
    return `deskbell.visitor.${this.#inbox}`;
  }
}

function surroundings(): object {
  if (typeof document === "undefined") return {};
  return {
    page: { url: location.href, title: document.title, referrer: document.referrer },
    locale: navigator.language,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
