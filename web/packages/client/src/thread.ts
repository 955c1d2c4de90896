// The messages of a conversation as far as they are here: a run without gaps that
// ends at the newest and can be extended backwards. Both planes keep theirs so.

export interface Numbered {
  seq: number;
}

export interface Thread<Message extends Numbered> {
  readonly status: "loading" | "ready" | "failed";
  /** Ascending by `seq`. */
  readonly messages: readonly Message[];
  /** There may be earlier ones. */
  readonly hasEarlier: boolean;
}

export type ThreadAction<Message extends Numbered> =
  | { type: "thread.loading"; id: string }
  | { type: "thread.failed"; id: string }
  | { type: "thread.loaded"; id: string; messages: readonly Message[]; hasEarlier: boolean };

export type Threads<Message extends Numbered> = Readonly<Record<string, Thread<Message>>>;

export function threadChange<Message extends Numbered>(
  threads: Threads<Message>,
  action: ThreadAction<Message>,
): Threads<Message> {
  const thread = threads[action.id] ?? { status: "loading", messages: [], hasEarlier: true };
  switch (action.type) {
    case "thread.loading":
      // It exists from now on, so that what is said while it loads is kept.
      return { ...threads, [action.id]: { ...thread, status: "loading" } };
    case "thread.failed":
      return { ...threads, [action.id]: { ...thread, status: "failed" } };
    case "thread.loaded": {
      const messages = merged(thread.messages, action.messages);
      return { ...threads, [action.id]: { status: "ready", messages, hasEarlier: action.hasEarlier } };
    }
  }
}

/** New messages for a thread that is here; others are loaded when opened. */
export function withMessages<Message extends Numbered>(
  threads: Threads<Message>,
  id: string,
  messages: readonly Message[],
): Threads<Message> {
  const thread = threads[id];
  if (!thread) return threads;
  const all = merged(thread.messages, messages);
  return all === thread.messages ? threads : { ...threads, [id]: { ...thread, messages: all } };
}

export function merged<Message extends Numbered>(
  known: readonly Message[],
  news: readonly Message[],
): readonly Message[] {
  const here = new Set(known.map((message) => message.seq));
  const fresh = news.filter((message) => !here.has(message.seq));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}
