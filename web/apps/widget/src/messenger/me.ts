// Who the visitor says they are: typed once, remembered in this browser, and a
// claim for everybody else.

import type { Shelf } from "@deskbell/client";

export interface Me {
  name: string;
  email: string;
}

const KEY = "me";

export function remembered(shelf: Shelf): Me {
  try {
    const { name = "", email = "" } = JSON.parse(shelf.get(KEY) ?? "{}") as Partial<Me>;
    return { name, email };
  } catch {
    return { name: "", email: "" };
  }
}

export function remember(shelf: Shelf, me: Me): void {
  if (me.name || me.email) shelf.set(KEY, JSON.stringify(me));
  else shelf.remove(KEY);
}

/** The server looks more closely; this catches a slip of the finger. */
export function isAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}
