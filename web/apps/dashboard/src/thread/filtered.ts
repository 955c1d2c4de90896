// What filters did to a message before it was stored, as the desk is told: pure.

import { attributeName } from "../parts/words.ts";

interface Mark {
  text: string;
  /** It should have read it and did not. */
  careful: boolean;
}

/** A line for each filter that changed it, or that should have read it and did not. */
export function filtered(attributes: object): Mark[] {
  const marks = "filter" in attributes ? attributes.filter : null;
  if (typeof marks !== "object" || marks === null) return [];
  return Object.entries(marks).flatMap(([plugin, mark]): Mark[] => {
    if (typeof mark !== "object" || mark === null) return [];
    // Agents know it by its key alone.
    const name = attributeName(plugin.replaceAll("-", "_"));
    if ("unfiltered" in mark) return [{ text: `Not checked by ${name}`, careful: true }];
    return "rewritten" in mark ? [{ text: `Changed by ${name} before it was stored`, careful: false }] : [];
  });
}
