// A visitor's identity: a secret bound to this browser, and short tokens got with
// it. What the visitor types about themselves is no part of it.

import type { Routes, VisitorInbox } from "@deskbell/protocol";
import type { Rest } from "../rest.ts";
import type { Shelf } from "../shelf.ts";
import { inTurn, keep } from "../turn.ts";

const MARGIN_MS = 30_000;
const SECRET = "deskbell.visitor.";

/** What a browser says of itself when it rings. */
export type Whereabouts = Omit<
  Routes["/api/v1/widget/sessions"]["post"]["requestBody"]["content"]["application/json"],
  "inbox" | "secret"
>;

export interface VisitorSessionOptions {
  rest: Rest;
  shelf: Shelf;
  inbox: string;
  whereabouts?(): Whereabouts;
  now?(): number;
}

export class VisitorSession {
  readonly #options: VisitorSessionOptions;
  readonly #now: () => number;
  #token: { text: string; expires_at: number } | null = null;
  #opening: Promise<string> | null = null;
  onInbox: (inbox: VisitorInbox) => void = () => undefined;

  constructor(options: VisitorSessionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** This browser has been here before. */
  get known(): boolean {
    return this.#options.shelf.get(this.#key) !== null;
  }

  /** Whoever comes next in this browser is somebody else. */
  forget(): void {
    this.#token = null;
    void keep(this.#options.shelf, this.#key, null);
  }

  async token(refused = false): Promise<string> {
    if (this.#token && !refused && this.#token.expires_at - MARGIN_MS > this.#now()) return this.#token.text;
    // One tab after the other: ten that open at once are one visitor, not ten.
    this.#opening ??= inTurn(this.#options.shelf, this.#key, () => this.#open()).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** A secret the desk does not know (any more) is answered with a new one. */
  async #open(): Promise<string> {
    const { rest, shelf, inbox, whereabouts } = this.#options;
    const secret = shelf.get(this.#key);
    const opened = await rest("POST", "/api/v1/widget/sessions", {
      body: { inbox, ...(secret ? { secret } : {}), ...whereabouts?.() },
    });
    await keep(shelf, this.#key, opened.secret);
    this.#token = { text: opened.token, expires_at: this.#now() + opened.expires_in * 1000 };
    this.onInbox(opened.inbox);
    return opened.token;
  }

  get #key(): string {
    return SECRET + this.#options.inbox;
  }
}
