// What somebody has typed into a form so far, and what it comes to: pure. Texts
// stay as typed until they are read, so that a half-written number is not lost.

import type { Field } from "./field.ts";

export type Draft = string | readonly Draft[] | { readonly [name: string]: Draft };
/** What is wrong, by JSON pointer. */
export type Problems = Readonly<Record<string, string>>;

/** Members of an object the schema does not know are carried along as they came. */
const UNKNOWN = "\u0000unknown";
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** The id of a place's input, so that the first wrong one can be gone to. */
export const idAt = (pointer: string) => `at${pointer.replaceAll("/", "-")}`;

/** `fresh`: a new one, which begins with its defaults. */
export function draftOf(field: Field, value: unknown, fresh = false): Draft {
  const given = value === undefined && fresh ? field.fallback : value;
  switch (field.kind) {
    case "choice":
      return field.options.some((option) => option.value === given) ? String(given) : "";
    case "flag":
      if (given === undefined) return mustSay(field) ? "no" : "";
      return given === true ? "yes" : "no";
    case "list":
      return (Array.isArray(given) ? given : []).map((each) => draftOf(field.item, each));
    case "group": {
      const known = isObject(given) ? given : {};
      const draft: Record<string, Draft> = {};
      for (const [name, each] of field.fields) draft[name] = draftOf(each, known[name], fresh);
      const names = new Set(field.fields.map(([name]) => name));
      const others = Object.entries(known).filter(([name]) => !names.has(name));
      if (others.length > 0) draft[UNKNOWN] = JSON.stringify(Object.fromEntries(others));
      return draft;
    }
    case "json":
      return given === undefined ? "" : JSON.stringify(given, null, 2);
    default:
      if (given === undefined || given === null) return "";
      return typeof given === "object" ? JSON.stringify(given) : String(given);
  }
}

/** A switch has two positions, unless saying nothing means something of its own. */
export function mustSay(field: Field): boolean {
  return field.required || field.fallback !== undefined;
}

/** Worth saying so: where a default stands in, there is nothing to leave out. */
export function isOptional(field: Field): boolean {
  return !mustSay(field);
}

/** The value, or `undefined` for none; what is wrong goes into `problems`. */
export function readValue(field: Field, draft: Draft, pointer: string, problems: Record<string, string>): unknown {
  const wrong = (detail: string) => {
    problems[pointer] = detail;
    return undefined;
  };
  const missing = () => (field.required ? wrong("Fill this in.") : undefined);
  switch (field.kind) {
    case "text": {
      const typed = String(draft);
      if (typed === "") return field.required && field.least === 0 && field.fallback === "" ? "" : missing();
      const detail = textProblem(field, typed);
      return detail ? wrong(detail) : typed;
    }
    case "choice":
      return draft === "" ? missing() : field.options.find((option) => String(option.value) === draft)?.value;
    case "number": {
      const typed = String(draft).trim();
      if (typed === "") return missing();
      const is = Number(typed);
      if (!Number.isFinite(is)) return wrong("Write a number.");
      if (field.whole && !Number.isInteger(is)) return wrong("Write a whole number.");
      if (field.min !== null && is < field.min) return wrong(`At least ${field.min}.`);
      if (field.max !== null && is > field.max) return wrong(`At most ${field.max}.`);
      return is;
    }
    case "flag":
      return draft === "" ? undefined : draft === "yes";
    case "list": {
      const all = draft as readonly Draft[];
      if (all.length < field.least) wrong(`At least ${field.least}.`);
      if (all.length > field.most) wrong(`At most ${field.most}.`);
      const values = all.map((each, at) => readValue(field.item, each, `${pointer}/${at}`, problems));
      return values.length === 0 && !mustSay(field) ? undefined : values.map((it) => (it === undefined ? {} : it));
    }
    case "group": {
      const typed = draft as Record<string, Draft>;
      if (!field.required && isBlank(field, typed)) return undefined;
      const value: Record<string, unknown> = typed[UNKNOWN] ? JSON.parse(String(typed[UNKNOWN])) : {};
      for (const [name, each] of field.fields) {
        const member = readValue(each, typed[name] ?? "", `${pointer}/${name}`, problems);
        if (member !== undefined) value[name] = member;
      }
      return value;
    }
    case "json": {
      const typed = String(draft);
      if (typed.trim() === "") return missing();
      try {
        return JSON.parse(typed);
      } catch (error) {
        return wrong(`This is no JSON: ${error instanceof Error ? error.message : "unreadable"}.`);
      }
    }
  }
}

function textProblem(field: Field & { kind: "text" }, typed: string): string | null {
  const length = [...typed].length;
  if (length < field.least) return `At least ${field.least} characters.`;
  if (field.most !== null && length > field.most) return `At most ${field.most} characters; these are ${length}.`;
  if (field.format === "email" && !EMAIL.test(typed)) return "This is no e-mail address.";
  if ((field.format === "uri" || field.format === "url") && !URL.canParse(typed)) return "This is no address.";
  try {
    if (field.pattern && !new RegExp(field.pattern, "u").test(typed)) return "This has not the form it must have.";
  } catch {
    // A pattern this browser cannot read: the server judges.
  }
  return null;
}

/** Nothing was said in it: an answer that is always there says nothing either. */
export function isBlank(field: Field, draft: Draft): boolean {
  if (field.kind === "group") {
    const typed = draft as Record<string, Draft>;
    return !typed[UNKNOWN] && field.fields.every(([name, each]) => isBlank(each, typed[name] ?? ""));
  }
  if (field.kind === "flag") return draft === "" || (draft === "no" && mustSay(field));
  return draft.length === 0;
}

/** Where problems can be shown: the fields there are now. */
export function pointers(field: Field, draft: Draft, pointer: string): string[] {
  if (field.kind === "list") {
    const all = draft as readonly Draft[];
    return [pointer, ...all.flatMap((each, at) => pointers(field.item, each, `${pointer}/${at}`))];
  }
  if (field.kind === "group") {
    const typed = draft as Record<string, Draft>;
    const inside = field.fields.flatMap(([name, each]) => pointers(each, typed[name] ?? "", `${pointer}/${name}`));
    return [pointer, ...inside];
  }
  return [pointer];
}

/** The server's findings at the fields they are about, or at the nearest around them. */
export function placed(
  errors: readonly { pointer: string; detail: string }[],
  shown: readonly string[],
): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const place = shown
      .filter((each) => pointer === each || pointer.startsWith(`${each}/`))
      .reduce((best, each) => (each.length > best.length ? each : best), "");
    problems[place] = problems[place] ? `${problems[place]} ${detail}` : detail;
  }
  return problems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
