// The lines of a plugin's log as the page keeps them: pure.

import type { PluginLogLine } from "@deskbell/client";

export type Level = PluginLogLine["level"];

/** From all of them to the worst alone. */
export const LEVELS: readonly { level: Level; name: string }[] = [
  { level: "debug", name: "Everything" },
  { level: "info", name: "From information on" },
  { level: "warn", name: "Warnings and errors" },
  { level: "error", name: "Errors" },
];

const RANK: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
/** A page that is open for a day must not grow for a day. */
export const MOST_LINES = 1_000;

export function atLeast(lines: readonly PluginLogLine[], least: Level): readonly PluginLogLine[] {
  return least === "debug" ? lines : lines.filter((it) => RANK[it.level] >= RANK[least]);
}

/** The newest ones, each once. */
export function appended(lines: readonly PluginLogLine[], news: readonly PluginLogLine[]): readonly PluginLogLine[] {
  const here = new Set(lines.map((it) => it.n));
  const fresh = news.filter((it) => !here.has(it.n));
  return fresh.length === 0 ? lines : [...lines, ...fresh].slice(-MOST_LINES);
}
