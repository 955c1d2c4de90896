// Breakers in plain words: pure.

import type { Hook, Installation, PluginFailure } from "@deskbell/client";
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

/** "Paused after 5 failures, tried again at 14:05: …" */
export function pausedWords(
  { hook, until }: Resting,
  failures: readonly PluginFailure[],
  clock: (at: string) => string,
): string {
  const count = failures.filter((it) => it.hook === hook).reduce((sum, it) => sum + it.count, 0);
  const after = count > 1 ? `Paused after ${count} failures` : "Paused after it failed too often";
  const again = until ? `tried again at ${clock(until)}` : "tried again with the next question";
  return `${after}, ${again}. What rests: “${hookShort(hook)}”.`;
}
