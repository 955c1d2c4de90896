// Finding saved replies and what is missing in a filled one: pure text.

import type { CannedResponse } from "@deskbell/client";

/** What stands after a leading "/", as long as it is one word. */
export function slashQuery(text: string): string | null {
  const found = /^\/(\S*)$/.exec(text);
  return found ? (found[1] ?? "") : null;
}

/** Shortcuts that begin with the words first, then any that contain them. */
export function matching(responses: readonly CannedResponse[], query: string): CannedResponse[] {
  const words = query.toLocaleLowerCase();
  const begins = (it: CannedResponse) => it.shortcut.toLocaleLowerCase().startsWith(words);
  return responses
    .filter((it) => it.enabled)
    .filter((it) => begins(it) || `${it.title} ${it.text}`.toLocaleLowerCase().includes(words))
    .sort((a, b) => Number(begins(b)) - Number(begins(a)) || a.shortcut.localeCompare(b.shortcut));
}

/** Variables that are still braces: they must never reach a visitor. */
export function missingIn(text: string): string[] {
  const names = [...text.matchAll(/\{\{\s*([\w.-]+)\s*\}\}/g)].map((match) => match[1] ?? "");
  return [...new Set(names)];
}

/** The text with its missing variables as pieces of their own. */
export function segments(text: string): { text: string; missing: boolean }[] {
  return text
    .split(/(\{\{\s*[\w.-]+\s*\}\})/)
    .filter((piece) => piece !== "")
    .map((piece) => ({ text: piece, missing: missingIn(piece).length > 0 }));
}
