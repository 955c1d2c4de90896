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

/** "Paused because it failed too often, tried again at 14:05. …" */
export function pausedWords({ hook, until }: Resting, clock: (at: string) => string): string {
  const again = until ? `tried again at ${clock(until)}` : "tried again with the next question";
  return `Paused because it failed too often, ${again}. What rests: “${hookShort(hook)}”.`;
}
