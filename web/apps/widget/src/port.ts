// What the page and the frame say to each other through the message port: a name
// and one value. Both sides import this, and nothing else of each other.

/** Where the visitor is. */
export interface Where {
  url: string;
  title: string;
  referrer: string;
}

/** What the page knows of what the visitor will ask. */
export interface Help {
  order_id?: string;
  category?: string;
  /** To choose from. */
  categories?: string[];
  subject?: string;
  /** What the visitor is shown of it. */
  label?: string;
  attributes?: Record<string, string | number | boolean>;
  /** The same out of a button's `data-deskbell-…`, as the browser names them. */
  data?: Record<string, string | undefined>;
}

/** Handed over with the port: the script tag's `data-…`, and which way the page reads. */
export interface Greeting {
  deskbell: Record<string, string | undefined>;
  dir: string;
}

/** What the page remembers of the chat: how it looks, and that there is one. */
export interface Kept {
  color?: string | null;
  side?: string | null;
  known?: boolean;
}

export type FromPage = ["open" | "close", Where] | ["help", Help] | ["forget"];

export type FromFrame =
  | ["keep", Kept]
  | ["ready", null]
  | ["close", null]
  | ["forgotten", null]
  | ["unread", number]
  | ["started" | "ended" | "rated", null];
