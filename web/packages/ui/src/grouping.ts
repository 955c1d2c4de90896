// A thread as it is read: days, and runs of messages from one person.

import { sameDay } from "./time.ts";

const RUN_MS = 3 * 60_000;

export interface Said {
  seq: number;
  sender: { type: string; id: string | null };
  created_at: string;
  private?: boolean;
}

/** Something that happened between messages, as a line of its own. */
export interface Happened {
  key: string;
  at: string;
  text: string;
}

export type Piece<Message extends Said> =
  | { kind: "day"; key: string; at: string }
  | { kind: "event"; key: string; event: Happened }
  | { kind: "run"; key: string; messages: [Message, ...Message[]] };

/** One sender within three minutes of each other, notes apart from replies. */
export function pieces<Message extends Said>(
  messages: readonly Message[],
  events: readonly Happened[] = [],
): Piece<Message>[] {
  const found: Piece<Message>[] = [];
  let before: Message | undefined;
  let lastAt: string | undefined;
  const begin = (at: string, key: string) => {
    if (lastAt === undefined || !sameDay(lastAt, at)) found.push({ kind: "day", key: `day-${key}`, at });
    lastAt = at;
  };
  const waiting = [...events].sort((a, b) => (a.at < b.at ? -1 : 1));
  const tellUntil = (at: string) => {
    for (let event = waiting[0]; event && event.at <= at; event = waiting[0]) {
      waiting.shift();
      begin(event.at, event.key);
      found.push({ kind: "event", key: event.key, event });
    }
  };
  for (const message of messages) {
    tellUntil(message.created_at);
    begin(message.created_at, String(message.seq));
    const run = found.at(-1);
    if (run?.kind === "run" && before && continues(before, message)) run.messages.push(message);
    else found.push({ kind: "run", key: `run-${message.seq}`, messages: [message] });
    before = message;
  }
  tellUntil("9999");
  return found;
}

function continues(before: Said, message: Said): boolean {
  return (
    before.sender.type === message.sender.type &&
    before.sender.id === message.sender.id &&
    Boolean(before.private) === Boolean(message.private) &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < RUN_MS
  );
}

export type Receipt = "sent" | "delivered" | "read";

/** How far a message has come, from the other side's cursors. */
export function receipt(seq: number, deliveredSeq: number, readSeq: number): Receipt {
  if (seq <= readSeq) return "read";
  return seq <= deliveredSeq ? "delivered" : "sent";
}
