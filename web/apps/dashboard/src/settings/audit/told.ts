// An entry of the audit log as a sentence, and what changed as lines: pure.

import type { AuditEntry, Hook, PluginLimits } from "@deskbell/client";
import { asSentence, attributeName, STRATEGY } from "../../parts/words.ts";
import { LIMITS } from "../plugins/limits.ts";
import { capabilityWords, hookShort } from "../plugins/words.ts";

/** Names of agents, teams and whatever else is known, by id. */
export type Names = Readonly<Record<string, string>>;

/** A sentence after the name of whoever did it; `target` stands where its name goes. */
export interface Told {
  before: string;
  /** False where it is about whoever did it, or about nothing that has a name. */
  target: boolean;
  after: string;
}

const about = (before: string, after = ""): Told => ({ before, target: true, after });
const plain = (before: string): Told => ({ before, target: false, after: "" });

/** Who did it, in the words of the list. */
export function actorName({ actor, action }: AuditEntry): string {
  if (actor.name) return actor.name;
  if (action.startsWith("agent.log_in")) return "Somebody";
  return actor.type === "system" ? "Deskbell" : "Somebody";
}

export function told(entry: AuditEntry): Told {
  const { action, details, actor, target } = entry;
  const own = target.id !== null && target.id === actor.id;
  const word = (name: string) => latest(name, details[name]);
  switch (action) {
    case "plugin.created":
      return details.source === "upload"
        ? about("uploaded", word("latest_version"))
        : about("added", `${word("latest_version")} from the catalogue`);
    case "plugin.updated":
      return details.latest_version
        ? about(`added version ${word("latest_version")} of`)
        : about("changed the file of");
    case "plugin.deleted":
      return about("deleted the file of");
    case "plugin.installed":
      return about("installed", word("plugin_version"));
    case "plugin.enabled":
      return about("switched", "on");
    case "plugin.disabled":
      return about("switched", "off");
    case "plugin.upgraded":
      return about("upgraded", `from ${word("from_version")} to ${word("plugin_version")}`);
    case "plugin.rolled_back":
      return about("rolled", `back from ${word("from_version")} to ${word("plugin_version")}`);
    case "installation.updated":
      if (details.hooks || details.capabilities) return about("changed what", "may do");
      if (details.position) return about("changed the order of");
      if (details.on_failure) return about("changed what follows when", "fails");
      if (names(details.changed).includes("recorded_until")) return about("changed the recording of");
      return about("changed");
    case "installation.configured":
      return about("changed the configuration of");
    case "installation.limited":
      return about("changed the limits of");
    case "installation.webhook_key_renewed":
      return about("made new webhook addresses for");
    case "installation.deleted":
      return about("uninstalled");
    case "installation.secret_changed":
      return about(`${details.set ? "set" : "removed"} the secret “${word("secret")}” of`);
    case "agent.created":
      return about("added", word("role") && `as ${word("role")}`);
    case "agent.updated":
      if (details.role) return about("made", `${aOrAn(word("role"))} ${word("role")}`);
      if (details.deactivated_at)
        return about(pair("deactivated_at", details.deactivated_at)?.[1] ? "deactivated" : "let back in");
      return own ? plain("changed their own account") : about("changed");
    case "agent.logged_in":
      return plain("logged in");
    case "agent.logged_out":
      return plain("logged out");
    case "agent.log_in_failed":
      return target.id
        ? about("failed to log in as", times(details.attempts))
        : plain(`failed to log in with an unknown e-mail address${times(details.attempts, " ")}`);
    case "agent.password_set":
      return own ? plain("set a new password") : about("set a new password for");
    case "session.revoked":
      return plain("ended a log-in session");
    case "team.updated":
      if (details.name) return about(`renamed the team ${pair("name", details.name)?.[0]} to`);
      if (details.agent_ids) return about("changed who is in the team");
      break;
    case "inbox.updated":
      if (details.bot) return about("changed the bot of the inbox");
      if (details.allowed_origins) return about("changed the sites of the inbox");
      if (names(details.changed).join() === "look") return about("changed the look of the inbox");
  }
  const [noun = "", verb = ""] = action.split(".");
  const kind = KINDS[noun];
  if (kind && VERBS[verb]) return about(`${VERBS[verb]} the ${kind}`);
  return target.id ? about(`${action.replaceAll(/[._]/g, " ")}:`) : plain(action.replaceAll(/[._]/g, " "));
}

/** Attempts of a minute are one entry. */
const times = (count: unknown, before = "") =>
  typeof count === "number" && count > 1 ? `${before}${count} times` : "";
const aOrAn = (word: string) => (/^[aeiou]/.test(word) ? "an" : "a");

const KINDS: Record<string, string> = {
  team: "team",
  inbox: "inbox",
  canned_response: "saved reply",
  agent: "agent",
  session: "session",
};
const VERBS: Record<string, string> = { created: "created", updated: "changed", deleted: "deleted" };

/** One thing that changed: from what to what, or what was added and taken away, or how it is. */
export interface Line {
  name: string;
  was?: string;
  is?: string;
  added?: readonly string[];
  removed?: readonly string[];
}

const FIELDS: Record<string, string> = {
  agent_ids: "Members",
  allowed_origins: "Allowed origins",
  bot: "Bot",
  capabilities: "What it may reach",
  capacity: "Chats at a time",
  deactivated_at: "Deactivated",
  default_team_id: "Team",
  enabled: "On",
  from_version: "From version",
  hooks: "What it may do",
  key: "Id",
  latest_version: "Latest version",
  on_failure: "When it fails",
  plugin_version: "Version",
  position: "Place in the order",
  session_id: "Session",
  shortcut: "Shortcut",
  source: "Where from",
  team_ids: "Teams",
};

const SOURCES: Record<string, string> = { upload: "Uploaded", catalogue: "Comes with Deskbell" };
const ON_FAILURE: Record<string, string> = { pass: "Let messages pass, with a mark", hold: "Hold messages" };

/** What the sentence has said already. */
const SAID: Record<string, readonly string[]> = {
  "plugin.upgraded": ["from_version", "plugin_version"],
  "plugin.rolled_back": ["from_version", "plugin_version"],
  "plugin.created": ["source", "latest_version"],
  "plugin.installed": ["plugin_version"],
  "installation.secret_changed": ["secret", "set"],
  "agent.created": ["name", "role"],
  "agent.log_in_failed": ["attempts"],
  "team.created": ["name"],
  "inbox.created": ["name"],
  "canned_response.created": ["shortcut"],
  "canned_response.updated": ["shortcut"],
};
/** About every entry of a kind, and so about none. */
const ALWAYS = ["key", "changed", "reason", "limits"];

export function lines(entry: AuditEntry, known: Names): Line[] {
  const { details, action } = entry;
  const said = SAID[action] ?? [];
  const shown = Object.entries(details).filter(([name, value]) => {
    if (ALWAYS.includes(name) || said.includes(name)) return false;
    // The version it has, where something else of it changed.
    return name !== "plugin_version" || pair(name, value) !== null;
  });
  const all = shown.map(([name, value]) => line(name, value, known));
  const moved = action === "plugin.upgraded" || action === "plugin.rolled_back";
  const same = moved && !details.hooks && !details.capabilities;
  return [...all, ...limitLines(details.limits), ...(same ? [{ name: "What it may do", is: "As before" }] : [])];
}

/** What else changed, of which the log keeps no values. */
export function alsoChanged({ details }: AuditEntry): string[] {
  return names(details.changed)
    .filter((it) => it !== "previous_version")
    .map(attributeName);
}

export function reasonOf({ details }: AuditEntry): string | null {
  return typeof details.reason === "string" && details.reason ? asSentence(details.reason) : null;
}

function line(field: string, value: unknown, known: Names): Line {
  const name = FIELDS[field] ?? attributeName(field);
  const say = (it: unknown) => words(field, it, known);
  const changed = pair(field, value);
  if (!changed) {
    if (!Array.isArray(value)) return { name, is: say(value) };
    return value.length > 0 ? { name, is: value.map(say).join(", ") } : { name, is: "Nothing" };
  }
  const [was, is] = changed;
  if (Array.isArray(was) && Array.isArray(is)) {
    const added = is.filter((it) => !was.includes(it)).map(say);
    const removed = was.filter((it) => !is.includes(it)).map(say);
    return { name, added, removed };
  }
  return { name, was: say(was), is: say(is) };
}

function limitLines(value: unknown): Line[] {
  const changed = pair("limits", value);
  if (!changed) return [];
  const [was, is] = changed.map((it) => (typeof it === "object" && it !== null ? it : {})) as Record<string, unknown>[];
  const say = (it: unknown, unit: string) => (typeof it === "number" ? `${it} ${unit}`.trim() : "Deskbell's own");
  return [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])]
    .filter((field) => was?.[field] !== is?.[field])
    .map((field) => {
      const [name, unit] = LIMITS[field as keyof PluginLimits] ?? [attributeName(field), ""];
      return { name, was: say(was?.[field], unit), is: say(is?.[field], unit) };
    });
}

function words(field: string, value: unknown, known: Names): string {
  if (value === null || value === undefined || value === "") return field === "deactivated_at" ? "No" : "None";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value !== "string") return JSON.stringify(value);
  if (field === "hooks") return hookShort(value as Hook);
  if (field === "capabilities") return capabilityWords(value as never).name;
  if (field === "strategy") return sentenceCase(STRATEGY[value as keyof typeof STRATEGY] ?? value);
  if (field === "role") return sentenceCase(value);
  if (field === "source") return SOURCES[value] ?? value;
  if (field === "on_failure") return ON_FAILURE[value] ?? value;
  if (field === "deactivated_at") return new Date(value).toLocaleString();
  return known[value] ?? value;
}

const sentenceCase = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Fields that are lists themselves: of two words, they are no change. */
const LISTS = ["agent_ids", "allowed_origins", "capabilities", "changed", "hooks", "team_ids"];

/** `[old, new]`, where it is one. */
function pair(field: string, value: unknown): [unknown, unknown] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [was, is] = value;
  return LISTS.includes(field) && !(Array.isArray(was) && Array.isArray(is)) ? null : [was, is];
}

/** The newer one of a change, or what it is. */
function latest(field: string, value: unknown): string {
  const it = pair(field, value)?.[1] ?? value;
  return typeof it === "string" || typeof it === "number" ? String(it) : "";
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((it) => typeof it === "string") : [];
}
