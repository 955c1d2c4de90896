// The audit log in words, and what is asked of it.

import type { AuditEntry } from "@deskbell/client";
import { expect, test } from "vitest";
import { settingsOf } from "../src/desk/useSettings.ts";
import { asked, backwards, EVERYTHING, filterOf, isEverything, queryOf } from "../src/settings/audit/filter.ts";
import { actorName, alsoChanged, lines, reasonOf, told } from "../src/settings/audit/told.ts";

const OLIVIA = { type: "agent", id: "agt_1", name: "Olivia" };
const SYSTEM = { type: "system", id: null, name: null };

function entry(action: string, details: object = {}, more: object = {}): AuditEntry {
  const target = { kind: action.split(".")[0] ?? "", id: "ins_1", name: "Skills router" };
  return { id: "aud_1", at: "2026-11-22T10:00:00.000Z", action, actor: OLIVIA, target, details, ...more } as AuditEntry;
}

function said(it: AuditEntry): string {
  const { before, target, after } = told(it);
  return [actorName(it), before, target && it.target.name, after].filter(Boolean).join(" ");
}

test("who did what to what", () => {
  const upgraded = { key: "skills-router", plugin_version: ["0.1.0", "0.2.0"], from_version: "0.1.0" };
  const rows: [AuditEntry, string][] = [
    [entry("plugin.upgraded", upgraded), "Olivia upgraded Skills router from 0.1.0 to 0.2.0"],
    [entry("plugin.installed", { plugin_version: "0.1.0" }), "Olivia installed Skills router 0.1.0"],
    [entry("plugin.disabled", {}, { actor: SYSTEM }), "Deskbell switched Skills router off"],
    [entry("installation.updated", { hooks: [["routing"], []] }), "Olivia changed what Skills router may do"],
    [
      entry("installation.secret_changed", { secret: "api_key", set: true }),
      "Olivia set the secret “api_key” of Skills router",
    ],
    [entry("team.updated", { name: ["A", "B"] }), "Olivia renamed the team A to Skills router"],
    [entry("inbox.created", { name: "Shop" }), "Olivia created the inbox Skills router"],
    [entry("agent.log_in_failed", {}, { actor: SYSTEM }), "Somebody failed to log in as Skills router"],
    [
      entry("agent.log_in_failed", {}, { actor: SYSTEM, target: { kind: "agent", id: null, name: null } }),
      "Somebody failed to log in with an unknown e-mail address",
    ],
    [
      entry("agent.log_in_failed", { attempts: 7 }, { actor: SYSTEM }),
      "Somebody failed to log in as Skills router 7 times",
    ],
    [entry("agent.password_set", {}, { target: { kind: "agent", id: "agt_1" } }), "Olivia set a new password"],
    [entry("webhook.turned_round"), "Olivia webhook turned round: Skills router"],
  ];
  for (const [it, expected] of rows) expect(said(it)).toBe(expected);
});

test("what changed, in plain words where they are known", () => {
  const grants = { hooks: [["routing"], ["routing", "bot"]], capabilities: [["kv"], ["http"]] };
  expect(lines(entry("plugin.upgraded", grants), {})).toEqual([
    { name: "What it may do", added: ["Answers visitors first"], removed: [] },
    { name: "What it may reach", added: ["Asks services outside"], removed: ["Keeps values of its own"] },
  ]);
  expect(lines(entry("plugin.upgraded"), {})).toEqual([{ name: "What it may do", is: "As before" }]);
  // Two words in a list are no change from one to the other.
  expect(lines(entry("plugin.installed", { hooks: ["events", "context"], capabilities: [] }), {})).toEqual([
    { name: "What it may do", is: "Hears of what happens in chats, Shows cards beside a chat" },
    { name: "What it may reach", is: "Nothing" },
  ]);
  const none = { cpu_ms: null, wall_ms: 50 };
  expect(lines(entry("installation.limited", { limits: [none, { ...none, cpu_ms: 10 }] }), {})).toEqual([
    { name: "Computing time", was: "Deskbell's own", is: "10 ms" },
  ]);
  expect(lines(entry("team.updated", { agent_ids: [["agt_1"], ["agt_1", "agt_2"]] }), { agt_2: "Ben" })).toEqual([
    { name: "Members", added: ["Ben"], removed: [] },
  ]);
  expect(lines(entry("agent.updated", { role: ["agent", "admin"], capacity: [4, 6] }), {})).toEqual([
    { name: "Role", was: "Agent", is: "Admin" },
    { name: "Chats at a time", was: "4", is: "6" },
  ]);
  expect(lines(entry("webhook.made", { some_thing: { a: 1 } }), {})).toEqual([{ name: "Some thing", is: '{"a":1}' }]);
  expect(alsoChanged(entry("inbox.updated", { changed: ["look", "default_team_id"] }))).toEqual([
    "Look",
    "Default team",
  ]);
  expect(reasonOf(entry("plugin.rolled_back", { reason: "it failed too often" }))).toBe("It failed too often.");
});

test("what one wants to see is in the address", () => {
  const place = settingsOf("#/settings/audit?who=agt_1&what=plugins,nonsense,secrets&when=days&from=2026-11-01&to=x");
  expect(place?.section).toBe("audit");
  const filter = filterOf(place?.query ?? "");
  const expected = { who: "agt_1", what: ["plugins", "secrets"], when: "days", from: "2026-11-01", to: "", about: "" };
  expect(filter).toEqual(expected);
  expect(filterOf(queryOf(filter))).toEqual(filter);
  expect([isEverything(EVERYTHING), isEverything(filter)]).toEqual([true, false]);
  expect(queryOf({ ...EVERYTHING, when: "any", from: "2026-11-01" })).toBe("");
});

test("days are asked for from midnight to midnight, the last one included", () => {
  const now = new Date(2026, 10, 22, 15, 0).getTime();
  const at = (day: number) => new Date(2026, 10, day).toISOString();
  const days = { ...EVERYTHING, when: "days", from: "2026-11-03", to: "2026-11-05" } as const;
  expect(asked(days, now)).toEqual({ from: at(3), to: at(6) });
  expect(asked({ ...EVERYTHING, when: "today" }, now)).toEqual({ from: at(22) });
  expect(asked({ ...EVERYTHING, when: "week" }, now)).toEqual({ from: at(16) });
  expect(asked({ ...EVERYTHING, who: "system", what: ["secrets"], about: "ins_1" }, now)).toEqual({
    actor_type: "system",
    action: "installation.secret_changed,installation.webhook_key_renewed",
    target_id: "ins_1",
  });
  expect([backwards(days), backwards({ ...days, to: "2026-11-01" })]).toEqual([false, true]);
});
