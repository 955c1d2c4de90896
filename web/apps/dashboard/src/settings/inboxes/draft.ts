// What is typed about an inbox, and what it comes to: pure.

import type { Inbox } from "@deskbell/client";
import { contrastBetween, textOn } from "@deskbell/ui";

export interface InboxDraft {
  name: string;
  team: string;
  /** The installation that answers first; empty for people at once. */
  bot: string;
  color: string;
  position: "left" | "right";
  title: string;
  text: string;
  origins: readonly string[];
}

export function draftOf({ name, default_team_id, bot, look, allowed_origins }: Inbox): InboxDraft {
  return {
    name,
    team: default_team_id,
    bot: bot ?? "",
    color: look.brand_color ?? "",
    position: look.position ?? "right",
    title: look.welcome_title ?? "",
    text: look.welcome_text ?? "",
    origins: allowed_origins,
  };
}

export function patchOf(draft: InboxDraft) {
  return {
    name: draft.name.trim(),
    default_team_id: draft.team,
    bot: draft.bot || null,
    allowed_origins: draft.origins.map((it) => it.trim()).filter((it) => it !== ""),
    look: {
      brand_color: draft.color === "" ? null : draft.color.toLowerCase(),
      position: draft.position,
      welcome_title: draft.title.trim() || null,
      welcome_text: draft.text.trim() || null,
    },
  };
}

/** By pointer, as the server would say it. */
export function problemsOf(draft: InboxDraft): Record<string, string> {
  const found: Record<string, string> = {};
  if (draft.name.trim() === "") found["/name"] = "Fill this in.";
  if (draft.color !== "" && textOn(draft.color) === null) found["/look/brand_color"] = "Six digits, such as #2563eb.";
  draft.origins.forEach((each, at) => {
    if (each.trim() !== "" && !isOrigin(each.trim())) {
      found[`/allowed_origins/${at}`] = "Only scheme and host, such as https://shop.example.";
    }
  });
  return found;
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

const ENOUGH = 4.5;
export interface Legibility {
  /** Of black or white on the colour, whichever is read better. */
  text: "black" | "white";
  ratio: number;
  /** The colour itself is hard to make out on a white page. */
  faint: boolean;
}

/** Null for what is no colour. */
export function legibility(color: string): Legibility | null {
  const text = textOn(color);
  if (text === null) return null;
  return {
    text: text === "#000000" ? "black" : "white",
    ratio: contrastBetween(color, text) ?? 0,
    faint: (contrastBetween(color, "#ffffff") ?? 0) < ENOUGH,
  };
}
