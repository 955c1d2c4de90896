// Why a plugin shows no cards, as an agent reads it: pure.

import { asSentence } from "../parts/words.ts";

/** "The CRM answered 503." for "it said: not available: The CRM answered 503." */
export function failureSentence(message: string): string {
  const own = /^it said: (?:[a-z ]+: )?(.+)$/s.exec(message)?.[1];
  return asSentence(own ?? message);
}
