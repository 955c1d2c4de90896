// The words for what the server names in codes.

import type { Availability, Conversation, Exclusion, Priority, Status, Strategy } from "@deskbell/client";
import type { Tone } from "./Chip.tsx";

export const AVAILABILITY: Record<Availability, string> = {
  online: "Online",
  away: "Away",
  busy: "Busy",
  offline: "Offline",
};

export const STATUS: Record<Status, { word: string; tone: Tone }> = {
  bot: { word: "With a bot", tone: "plain" },
  queued: { word: "Queued", tone: "warning" },
  active: { word: "Active", tone: "accent" },
  resolved: { word: "Resolved", tone: "success" },
  closed: { word: "Closed", tone: "plain" },
  missed: { word: "Missed", tone: "danger" },
};

export const PRIORITY: Record<Priority, { word: string; tone: Tone } | null> = {
  urgent: { word: "Urgent", tone: "danger" },
  high: { word: "High", tone: "warning" },
  medium: null,
  low: { word: "Low", tone: "plain" },
};

export const STRATEGY: Record<Strategy, string> = {
  least_loaded: "least loaded",
  round_robin: "in turn",
  manual: "by hand",
};

export const EXCLUSION: Record<Exclusion, string> = {
  offline: "offline",
  away: "away",
  busy: "busy",
  at_capacity: "at capacity",
};

const REASONS: Record<string, string> = {
  ...STRATEGY,
  ended_by_visitor: "ended by the visitor",
  visitor_message: "the visitor wrote again",
  visitor_gone: "the visitor left",
  handed_off_by_bot: "handed over by the bot",
  bot_failed: "the bot could not go on",
  asked_for_a_person: "the visitor asked for a person",
  idle: "nobody wrote any more",
};

/** A reason somebody typed stays as it is; a code becomes words. */
export function reasonOf(conversation: Conversation): string | null {
  const { reason } = conversation;
  return reason === null ? null : (REASONS[reason] ?? reason);
}

/** "order_id" → "Order"; others as they are, made readable. */
export function attributeName(name: string): string {
  const plain = name.replace(/_id$/, "").replaceAll("_", " ");
  return plain.charAt(0).toLocaleUpperCase() + plain.slice(1);
}

export function attributeText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** As a sentence: what a program says of itself often is none. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1) + (/[.?]$/.test(trimmed) ? "" : ".");
}

/** "The CRM answered 503." for "it said: not available: The CRM answered 503." */
export function failureSentence(message: string): string {
  const own = /^it said: (?:[a-z ]+: )?(.+)$/s.exec(message)?.[1];
  return asSentence(own ?? message);
}

/** "0.4 ms", "12 ms", "1.2 s". */
export function briefly(us: number): string {
  const ms = us / 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
