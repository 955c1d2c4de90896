// What was written and is not yet known to have arrived. It survives reconnects
// and reloads and sends everything with the key it was written under, so that the
// server takes each entry once, however often it comes.
//
// Entries of one conversation go out one after the other, in the order written.

import { backOff } from "./pace.ts";
import { Refused } from "./problem.ts";
import type { Shelf } from "./shelf.ts";

export interface Entry<Params> {
  /** The `client_msg_id`. */
  key: string;
  /** The thread it belongs to: one line each. */
  line: string;
  command: string;
  params: Params;
  text: string;
  private: boolean;
  written_at: string;
  /** `held`: the server keeps it back until a filter has read it. */
  state: "waiting" | "sending" | "held" | "acked" | "refused";
  /** Why it was refused, for people. */
  why?: string;
  /** And which parts of it, by pointer. */
  errors?: readonly { pointer: string; detail: string }[];
  /** What to send, under the same key, when it turns out to be too late for the first. */
  instead?: { line: string; command: string; params: Params };
}

/** Refusals that mean: not here and not like this, but there is another way. */
const OTHERWISE = new Set(["conversation_closed", "other_conversation_open", "question_not_open"]);

export interface OutboxOptions<Params> {
  shelf: Shelf;
  /** Keeps one person's entries apart from another's in the same browser. */
  owner: string;
  send(entry: Entry<Params>): Promise<unknown>;
  onAck?(entry: Entry<Params>, result: unknown): void;
  random?(): number;
}

const PREFIX = "deskbell.outbox.";

export class Outbox<Params> {
  readonly #options: OutboxOptions<Params>;
  #entries: readonly Entry<Params>[] = [];
  #live = false;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(options: OutboxOptions<Params>) {
    this.#options = options;
    this.#adopt();
  }

  get = (): readonly Entry<Params>[] => this.#entries;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  add(entry: Omit<Entry<Params>, "state">): void {
    const added: Entry<Params> = { ...entry, state: "waiting" };
    this.#keep(added);
    this.#set([...this.#entries, added]);
    this.#flush();
  }

  /** The connection came or went. */
  setLive(live: boolean): void {
    this.#live = live;
    clearTimeout(this.#retry);
    if (!live) return;
    this.#tries = 0;
    this.#adopt();
    this.#flush();
  }

  /** Takes on what an earlier page, or one that is closed by now, left behind. */
  #adopt(): void {
    const here = new Set(this.#entries.map((entry) => entry.key));
    const { shelf } = this.#options;
    const left = shelf
      .keys(this.#prefix)
      .flatMap((key) => parse<Params>(shelf.get(key)))
      .filter((entry) => !here.has(entry.key))
      .map((entry): Entry<Params> => (entry.state === "refused" ? entry : { ...entry, state: "waiting" }));
    if (left.length === 0) return;
    this.#set([...this.#entries, ...left].sort((a, b) => (a.written_at < b.written_at ? -1 : 1)));
  }

  /** The message is in the thread: the entry has done its work. */
  settle(keys: Iterable<string | null>): void {
    const arrived = new Set(keys);
    const gone = this.#entries.filter((entry) => arrived.has(entry.key));
    if (gone.length === 0) return;
    for (const entry of gone) this.#forget(entry.key);
    this.#set(this.#entries.filter((entry) => !arrived.has(entry.key)));
    this.#flush();
  }

  /** The server gave up on one that it held. */
  fail(key: string): void {
    const why = "It could not be checked in time.";
    this.#change(key, (entry) => (entry.state === "held" ? { ...entry, state: "refused", why } : entry));
  }

  /** Try a refused one again. */
  retry(key: string): void {
    this.#change(key, ({ why: _, errors: __, ...entry }) => ({ ...entry, state: "waiting" }));
    this.#flush();
  }

  discard(key: string): void {
    this.#forget(key);
    this.#set(this.#entries.filter((entry) => entry.key !== key));
  }

  #flush(): void {
    if (!this.#live) return;
    const seen = new Set<string>();
    for (const entry of this.#entries) {
      if (["refused", "acked", "held"].includes(entry.state) || seen.has(entry.line)) continue;
      seen.add(entry.line);
      if (entry.state === "waiting") void this.#send(entry);
    }
  }

  async #send(entry: Entry<Params>): Promise<void> {
    this.#change(entry.key, (now) => ({ ...now, state: "sending" }));
    try {
      const result = await this.#options.send(entry);
      this.#forget(entry.key);
      this.#change(entry.key, (now) => ({ ...now, state: "acked" }));
      this.#options.onAck?.(entry, result);
      this.#tries = 0;
      this.#flush();
    } catch (error) {
      this.#failed(entry, error);
    }
  }

  #failed(entry: Entry<Params>, error: unknown): void {
    if (!(error instanceof Refused) || error.passing) {
      // No answer, or "not now": the same entry again, when live or in a while.
      this.#change(entry.key, (now) => ({ ...now, state: "waiting" }));
      if (this.#live) this.#later();
      return;
    }
    if (error.code === "message_held") {
      this.#change(entry.key, (now) => ({ ...now, state: "held" }));
    } else if (entry.instead && OTHERWISE.has(error.code)) {
      this.#change(entry.key, ({ instead, ...now }) => ({ ...now, ...instead, state: "waiting" }));
    } else {
      this.#change(entry.key, (now) => ({
        ...now,
        state: "refused",
        why: error.message,
        ...(error.problem.errors.length > 0 && { errors: error.problem.errors }),
      }));
    }
    this.#flush();
  }

  #later(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#flush(), backOff(this.#tries, this.#options.random ?? Math.random));
    this.#tries += 1;
  }

  #change(key: string, change: (entry: Entry<Params>) => Entry<Params>): void {
    this.#set(
      this.#entries.map((entry) => {
        if (entry.key !== key) return entry;
        const changed = change(entry);
        if (changed.state !== "acked") this.#keep(changed);
        return changed;
      }),
    );
  }

  #set(entries: readonly Entry<Params>[]): void {
    this.#entries = entries;
    for (const listener of [...this.#listeners]) listener();
  }

  get #prefix(): string {
    return `${PREFIX}${this.#options.owner}.`;
  }

  #keep(entry: Entry<Params>): void {
    this.#options.shelf.set(this.#prefix + entry.key, JSON.stringify(entry));
  }

  #forget(key: string): void {
    this.#options.shelf.remove(this.#prefix + key);
  }
}

function parse<Params>(text: string | null): Entry<Params>[] {
  try {
    return text ? [JSON.parse(text) as Entry<Params>] : [];
  } catch {
    return [];
  }
}
