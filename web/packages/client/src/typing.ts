// Who is writing where, right now. Signals get lost, so a "stopped" that never
// comes is made up for by time.

import type { ActorRef, Signal } from "@deskbell/protocol";
import { Store } from "./store.ts";

const FADES_MS = 7_000;
/** While somebody writes on, say so this often. */
export const TYPING_EVERY_MS = 3_000;

type Writers = Readonly<Record<string, readonly ActorRef[]>>;

export class Typing extends Store<Writers, Writers> {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor() {
    super({}, (_, next) => next);
  }

  signal(signal: Signal): void {
    if (signal.name !== "typing" || !signal.conversation_id) return;
    const { conversation_id: where, actor } = signal;
    this.stopped(where, actor.id);
    if (!signal.data.on) return;
    this.dispatch({ ...this.get(), [where]: [...(this.get()[where] ?? []), actor] });
    this.#timers.set(
      `${where} ${actor.id}`,
      setTimeout(() => this.stopped(where, actor.id), FADES_MS),
    );
  }

  stopped(where: string, who: string | null): void {
    clearTimeout(this.#timers.get(`${where} ${who}`));
    const here = this.get()[where];
    if (!here?.some((actor) => actor.id === who)) return;
    this.dispatch({ ...this.get(), [where]: here.filter((actor) => actor.id !== who) });
  }
}
