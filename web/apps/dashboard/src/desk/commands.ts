// Everything one can do, each as a value: name, key, when, what. Buttons, menus,
// keys and the overlay of keys all read this list.

import type { Conversation, Desk, DeskState } from "@deskbell/client";
import { createContext, use } from "react";
import { listed } from "./lists.ts";
import { goTo, type Route } from "./useRoute.ts";
import { settingsHref } from "./useSettings.ts";

export type DialogName = "transfer" | "resolve" | "close" | "keys" | "context";

/** What a command can see and reach. */
export interface Scene {
  desk: Desk;
  state: DeskState;
  route: Route;
  conversation: Conversation | null;
  open(dialog: DialogName): void;
  focus(place: "reply" | "note" | "search"): void;
  /** As if one had clicked it. */
  press(place: "availability"): void;
}

export interface Command {
  name: string;
  keys?: string;
  group: "Chat" | "Move" | "Page";
  can(scene: Scene): boolean;
  /** A promise it returns is waited for. */
  run(scene: Scene): unknown;
}

const has = ({ conversation }: Scene) => conversation !== null;
const is =
  (...statuses: Conversation["status"][]) =>
  ({ conversation }: Scene) =>
    conversation !== null && statuses.includes(conversation.status);
const isMine = ({ conversation, state }: Scene) =>
  conversation?.status === "active" && conversation.assignee?.id === state.me?.id;
const id = ({ conversation }: Scene) => ({ conversation_id: conversation?.id ?? "" });

export const COMMANDS = {
  take: {
    name: "Take chat",
    keys: "a",
    group: "Chat",
    can: (scene) => is("bot", "queued", "active")(scene) && !isMine(scene),
    run: (scene) => scene.desk.do("assign", id(scene)),
  },
  reply: {
    name: "Write a reply",
    keys: "r",
    group: "Chat",
    can: is("active"),
    run: ({ focus }) => focus("reply"),
  },
  note: { name: "Write a note", keys: "n", group: "Chat", can: has, run: ({ focus }) => focus("note") },
  transfer: {
    name: "Transfer chat",
    keys: "t",
    group: "Chat",
    can: is("bot", "queued", "active"),
    run: ({ open }) => open("transfer"),
  },
  resolve: {
    name: "Resolve chat",
    keys: "e",
    group: "Chat",
    can: is("queued", "active"),
    // Nobody answered it yet: then one has to say why.
    run: (scene) => {
      if (scene.conversation?.status === "queued") scene.open("resolve");
      else return scene.desk.do("resolve", id(scene));
    },
  },
  reopen: {
    name: "Reopen chat",
    keys: "o",
    group: "Chat",
    can: is("resolved"),
    run: (scene) => scene.desk.do("reopen", id(scene)),
  },
  unassign: {
    name: "Return chat to the queue",
    group: "Chat",
    can: is("active"),
    run: (scene) => scene.desk.do("unassign", id(scene)),
  },
  close: {
    name: "Close chat for good",
    group: "Chat",
    can: is("active", "resolved", "missed"),
    run: ({ open }) => open("close"),
  },
  next: { name: "Next chat", keys: "j", group: "Move", can: () => true, run: (scene) => step(scene, 1) },
  previous: { name: "Previous chat", keys: "k", group: "Move", can: () => true, run: (scene) => step(scene, -1) },
  mine: {
    name: "Show mine",
    keys: "1",
    group: "Move",
    can: () => true,
    run: () => goTo({ view: "mine", conversationId: null }),
  },
  queue: {
    name: "Show the queue",
    keys: "2",
    group: "Move",
    can: () => true,
    run: () => goTo({ view: "queue", conversationId: null }),
  },
  bot: {
    name: "Show chats with a bot",
    keys: "3",
    group: "Move",
    can: () => true,
    run: () => goTo({ view: "bot", conversationId: null }),
  },
  active: {
    name: "Show all active",
    keys: "4",
    group: "Move",
    can: () => true,
    run: () => goTo({ view: "active", conversationId: null }),
  },
  resolved: {
    name: "Show resolved",
    keys: "5",
    group: "Move",
    can: () => true,
    run: () => goTo({ view: "resolved", conversationId: null }),
  },
  search: { name: "Search messages", keys: "s", group: "Page", can: () => true, run: ({ focus }) => focus("search") },
  context: {
    name: "Show what is known",
    keys: "i",
    group: "Page",
    can: has,
    run: ({ open }) => open("context"),
  },
  availability: {
    name: "Change availability",
    keys: "v",
    group: "Page",
    can: () => true,
    run: ({ press }) => press("availability"),
  },
  settings: {
    name: "Open settings",
    keys: ",",
    group: "Page",
    can: () => true,
    run: ({ state }) =>
      location.assign(settingsHref(["admin", "owner"].includes(state.me?.role ?? "") ? "plugins" : "replies")),
  },
  keys: { name: "Show all keys", keys: "?", group: "Page", can: () => true, run: ({ open }) => open("keys") },
} satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export const commandNames = Object.keys(COMMANDS) as CommandName[];

function step({ state, route }: Scene, by: 1 | -1): void {
  const ids = listed(state, route.view).map((it) => it.id);
  const at = route.conversationId ? ids.indexOf(route.conversationId) : -1;
  const next = ids[at === -1 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
  if (next) goTo({ view: route.view, conversationId: next });
}

export interface Commander {
  can(name: CommandName): boolean;
  run(name: CommandName): void;
}

export const CommanderContext = createContext<Commander | null>(null);

export function useCommander(): Commander {
  const commander = use(CommanderContext);
  if (!commander) throw new Error("There is no commander around this component.");
  return commander;
}
