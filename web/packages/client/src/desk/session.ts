// An agent's log-in: tokens kept in the browser, renewed before they run out.
//
// A refresh token is good once, and using one twice ends the session. So tabs
// renew in turn and look first whether another tab has done it already.

import type { LoggedIn } from "@deskbell/protocol";
import { LoggedOut, Refused } from "../problem.ts";
import type { Rest } from "../rest.ts";
import type { Shelf } from "../shelf.ts";
import { inTurn, keep } from "../turn.ts";

const KEY = "deskbell.session";
/** Renewed this long before its end, so that no request runs into it. */
const MARGIN_MS = 30_000;

interface Kept {
  access_token: string;
  refresh_token: string;
  expires_at: number;
  agent_id: string;
}

export interface LogInWith {
  tenant: string;
  email: string;
  password: string;
}

export class AgentSession {
  readonly #rest: Rest;
  readonly #shelf: Shelf;
  readonly #now: () => number;
  #renewing: Promise<string> | null = null;

  constructor(rest: Rest, shelf: Shelf, now: () => number = Date.now) {
    this.#rest = rest;
    this.#shelf = shelf;
    this.#now = now;
  }

  /** Who is logged in in this browser. */
  get agentId(): string | null {
    return this.#kept?.agent_id ?? null;
  }

  async logIn(who: LogInWith): Promise<void> {
    await this.#keep(await this.#rest("POST", "/api/v1/auth/login", { body: who }));
  }

  async logOut(): Promise<void> {
    const token = this.#kept?.access_token;
    this.forget();
    if (!token) return;
    // Without an answer the session runs out by itself.
    await this.#rest("POST", "/api/v1/auth/logout", { token }).catch(() => undefined);
  }

  forget(): void {
    void keep(this.#shelf, KEY, null);
  }

  /** A token that is good now. `refused`: the server turned the last one down. */
  async token(refused = false): Promise<string> {
    const kept = this.#kept;
    if (!kept) throw new LoggedOut();
    if (!refused && this.#fresh(kept)) return kept.access_token;
    this.#renewing ??= inTurn(this.#shelf, KEY, () => this.#renew(kept)).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(before: Kept): Promise<string> {
    const kept = this.#kept;
    if (!kept) throw new LoggedOut();
    if (kept.refresh_token !== before.refresh_token && this.#fresh(kept)) return kept.access_token;
    try {
      const body = { refresh_token: kept.refresh_token };
      const renewed = await this.#keep(await this.#rest("POST", "/api/v1/auth/refresh", { body }));
      return renewed.access_token;
    } catch (error) {
      if (!(error instanceof Refused) || error.passing) throw error;
      this.forget();
      throw new LoggedOut();
    }
  }

  #fresh(kept: Kept): boolean {
    return kept.expires_at - MARGIN_MS > this.#now();
  }

  get #kept(): Kept | null {
    try {
      return JSON.parse(this.#shelf.get(KEY) ?? "null") as Kept | null;
    } catch {
      return null;
    }
  }

  async #keep(answer: LoggedIn): Promise<Kept> {
    const kept = {
      access_token: answer.access_token,
      refresh_token: answer.refresh_token,
      expires_at: this.#now() + answer.expires_in * 1000,
      agent_id: answer.agent.id,
    };
    await keep(this.#shelf, KEY, JSON.stringify(kept));
    return kept;
  }
}
