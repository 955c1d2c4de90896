// How long to wait before the next try, and keys for things that are sent once.

const FIRST_MS = 400;
const LONGEST_MS = 20_000;

/** Doubles with each try; the random half keeps a crowd from coming back at once. */
export function backOff(tries: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** A key of 128 random bits. `crypto.randomUUID` is missing on plain http. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
