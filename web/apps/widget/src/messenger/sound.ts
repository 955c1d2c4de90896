// Whether an answer is heard. Off until switched on.

import type { Shelf } from "@deskbell/client";

const KEY = "sound";

export const soundIsOn = (shelf: Shelf): boolean => shelf.get(KEY) === "on";

export function setSound(shelf: Shelf, on: boolean): void {
  if (on) shelf.set(KEY, "on");
  else shelf.remove(KEY);
}
