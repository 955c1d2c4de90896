// Breakers in plain words: pure.

import type { Hook, Installation } from "@deskbell/client";
import { hookShort } from "./words.ts";

export interface Resting {
  hook: Hook;
  state: "open" | "half_open";
  /** When it is tried again; null: with the next question. */
  until: string | null;
}

/** The work that is not asked for at the moment. */
export function resting({ breaker }: Installation): Resting[] {
  return Object.entries(breaker ?? {}).flatMap(([hook, it]) =>
    it.state === "closed" ? [] : [{ hook: hook as Hook, state: it.state, until: it.until ?? null }],
  );
}

/** "Paused: it failed too often. It is tried again at 14:05. …" */
export function pausedWords({ hook, until }: Resting, clock: (at: string) => string): string {
  const again = until ? `at ${clock(until)}` : "with the next question";
  return `Paused: it failed too often. It is tried again ${again}. What waits until then: “${hookShort(hook)}”.`;
}
