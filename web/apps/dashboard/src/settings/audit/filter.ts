// What one wants to see of the audit log: kept in the address, so that it can be
// gone back to and sent to a colleague, and said to the server in its own words.

/** Kinds of things that are done, as people tell them apart; each is some actions of the API. */
export const GROUPS = {
  plugins: {
    name: "Plugins",
    actions: [
      "plugin.*",
      "installation.updated",
      "installation.configured",
      "installation.limited",
      "installation.deleted",
    ],
  },
  secrets: { name: "Secrets", actions: ["installation.secret_changed", "installation.webhook_key_renewed"] },
  people: { name: "People", actions: ["agent.created", "agent.updated", "agent.password_set"] },
  logins: {
    name: "Log-ins",
    actions: ["agent.logged_in", "agent.log_in_failed", "agent.logged_out", "session.*"],
  },
  teams: { name: "Teams", actions: ["team.*"] },
  inboxes: { name: "Inboxes", actions: ["inbox.*"] },
  replies: { name: "Saved replies", actions: ["canned_response.*"] },
} as const;
export type Group = keyof typeof GROUPS;

export const WHENS = {
  any: "Any time",
  today: "Today",
  week: "Last 7 days",
  month: "Last 30 days",
  days: "Days I choose",
} as const;
export type When = keyof typeof WHENS;

export interface Filter {
  /** An agent's id, `system`, or empty for anybody. */
  who: string;
  /** None is all of them. */
  what: readonly Group[];
  when: When;
  /** `2026-11-22`, where one chooses the days; empty is open. */
  from: string;
  to: string;
  /** What it was done to, by id. */
  about: string;
}

export const EVERYTHING: Filter = { who: "", what: [], when: "any", from: "", to: "", about: "" };

const DAY = /^\d{4}-\d\d-\d\d$/;
const dayOrNone = (text: string | null) => (text && DAY.test(text) ? text : "");

export function filterOf(query: string): Filter {
  const given = new URLSearchParams(query);
  const when = given.get("when") ?? "";
  const what = (given.get("what") ?? "").split(",").filter((it): it is Group => Object.hasOwn(GROUPS, it));
  return {
    who: given.get("who") ?? "",
    what: [...new Set(what)],
    when: Object.hasOwn(WHENS, when) ? (when as When) : "any",
    from: dayOrNone(given.get("from")),
    to: dayOrNone(given.get("to")),
    about: given.get("about") ?? "",
  };
}

export function queryOf({ who, what, when, from, to, about }: Filter): string {
  const days = when === "days" ? { from, to } : {};
  const all = { who, what: what.join(","), when: when === "any" ? "" : when, ...days, about };
  const given = Object.entries(all).filter(([, value]) => value);
  return new URLSearchParams(given).toString().replaceAll("%2C", ",");
}

export const isEverything = (filter: Filter) => queryOf(filter) === "";

/** Days that cannot be: the last before the first. */
export function backwards({ when, from, to }: Filter): boolean {
  return when === "days" && from !== "" && to !== "" && to < from;
}

/** What the server is asked. Days are the reader's own, from midnight to midnight. */
export function asked(filter: Filter, now: number) {
  const { who, what, about } = filter;
  const [from, to] = range(filter, now);
  const actions = what.flatMap((it) => GROUPS[it].actions);
  return {
    ...(who === "system" ? { actor_type: "system" as const } : who && { actor_id: who }),
    ...(actions.length > 0 && { action: actions.join(",") }),
    ...(about && { target_id: about }),
    ...(from && { from: from.toISOString() }),
    ...(to && { to: to.toISOString() }),
  };
}

function range({ when, from, to }: Filter, now: number): [Date | null, Date | null] {
  if (when === "days") return [from ? midnight(from, 0) : null, to ? midnight(to, 1) : null];
  const back = { any: null, today: 0, week: 6, month: 29 }[when];
  if (back === null) return [null, null];
  const day = new Date(now);
  return [new Date(day.getFullYear(), day.getMonth(), day.getDate() - back), null];
}

function midnight(day: string, after: number): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + after);
}
