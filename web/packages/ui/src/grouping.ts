// A thread as it is read: days, and runs of messages from one person.

import { sameDay } from "./time.ts";

const RUN_MS = 3 * 60_000;

export interface Said {
  seq: number;
  sender: { type: string; id: string | null };
  created_at: string;
  private?: boolean;
}

export type Piece<Message extends Said> =
  | { kind: "day"; key: string; at: string }
  | { kind: "run"; key: string; messages: [Message, ...Message[]] };

/** One sender within three minutes of each other, notes apart from replies. */
export function pieces<Message extends Said>(messages: readonly Message[]): Piece<Message>[] {
  const found: Piece<Message>[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    if (!before || !sameDay(before.created_at, message.created_at)) {
      found.push({ kind: "day", key: `day-${message.seq}`, at: message.created_at });
    }
    const run = found.at(-1);
    if (run?.kind === "run" && before && continues(before, message)) run.messages.push(message);
    else found.push({ kind: "run", key: `run-${message.seq}`, messages: [message] });
    before = message;
  }
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
