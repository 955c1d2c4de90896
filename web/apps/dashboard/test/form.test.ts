// A JSON Schema as a form: fields, drafts, values, and where findings are shown.

import { expect, test } from "vitest";
import { type Draft, draftOf, placed, pointers, readValue } from "../src/settings/form/draft.ts";
import { fieldOf, type Schema } from "../src/settings/form/field.ts";

const RULES_ITEM: Schema = {
  type: "object",
  required: ["name", "when"],
  properties: {
    agents: { type: "array", items: { type: "string", format: "email" } },
    name: { type: "string", maxLength: 10 },
    priority: { enum: ["low", "high"] },
    when: {
      type: "object",
      properties: {
        vip: { type: "boolean" },
        attribute: {
          type: "object",
          required: ["name", "equals"],
          properties: { equals: { type: "string" }, name: { type: "string" } },
        },
      },
    },
  },
};
const RULES: Schema = {
  type: "object",
  required: ["rules"],
  additionalProperties: false,
  properties: {
    note: { type: "string", maxLength: 500 },
    rules: { type: "array", maxItems: 2, items: RULES_ITEM },
  },
};

function read(schema: Schema, draft: Draft) {
  const problems: Record<string, string> = {};
  const value = readValue(fieldOf(schema), draft, "/config", problems);
  return { value, problems };
}
const kept = (schema: Schema, value: unknown) => read(schema, draftOf(fieldOf(schema), value));

test("what must be there stands first, in the author's order", () => {
  const field = fieldOf(RULES);
  if (field.kind !== "group") throw new Error(field.kind);
  expect(field.fields.map(([name, it]) => `${name}:${it.kind}`)).toEqual(["rules:list", "note:text"]);
  const [, rules] = field.fields[0] ?? [];
  if (rules?.kind !== "list" || rules.item.kind !== "group") throw new Error(rules?.kind);
  expect(rules.item.fields.map(([, it]) => it.title)).toEqual(["Name", "When", "Priority", "Agents"]);
});

test("a configuration comes out as it went in", () => {
  const config = {
    rules: [
      { name: "VIP", when: { vip: false }, agents: ["ana@demo.test"], priority: "high" },
      { name: "Plan", when: { attribute: { name: "plan", equals: "gold" } } },
    ],
  };
  expect(kept(RULES, config)).toEqual({ value: config, problems: {} });
  const optional: Schema = { type: "object", properties: { when: (RULES_ITEM.properties as Schema).when } };
  expect(kept(optional, { when: { vip: false } }).value).toEqual({ when: { vip: false } });
  expect(kept(optional, {}).value).toEqual({});
  const more = { known: "a", unknown: { deep: [1] } };
  expect(kept({ type: "object", properties: { known: { type: "string" } } }, more).value).toEqual(more);
});

test("findings name their field", () => {
  const { problems } = kept(RULES, {
    rules: [
      { name: "A name too long", when: {}, agents: ["ana"] },
      { when: { attribute: { name: "plan" } } },
      { name: "Third", when: {} },
    ],
  });
  expect(problems).toEqual({
    "/config/rules": "At most 2.",
    "/config/rules/0/name": "At most 10 characters; these are 15.",
    "/config/rules/0/agents/0": "This is no e-mail address.",
    "/config/rules/1/name": "Fill this in.",
    "/config/rules/1/when/attribute/equals": "Fill this in.",
  });
});

test("numbers, switches and choices", () => {
  const schema: Schema = {
    type: "object",
    required: ["on"],
    properties: {
      on: { type: "boolean" },
      maybe: { type: "boolean" },
      count: { type: "integer", minimum: 1, maximum: 5 },
      share: { type: "number" },
      size: { enum: [1, 2, "large"] },
    },
  };
  expect(kept(schema, {}).value).toEqual({ on: false });
  expect(kept(schema, { on: true, maybe: false, count: 2, share: 0.5, size: 2 }).value).toEqual({
    on: true,
    maybe: false,
    count: 2,
    share: 0.5,
    size: 2,
  });
  for (const [typed, detail] of [
    ["x", "Write a number."],
    ["1.5", "Write a whole number."],
    ["0", "At least 1."],
    ["6", "At most 5."],
  ]) {
    expect(read(schema, { on: "yes", count: typed as string }).problems).toEqual({ "/config/count": detail });
  }
});

test("a new one begins with its defaults", () => {
  const schema: Schema = {
    type: "object",
    properties: { attribute: { type: "string", default: "order_id" }, fast: { type: "boolean", default: true } },
  };
  const field = fieldOf(schema);
  expect(draftOf(field, undefined, true)).toEqual({ attribute: "order_id", fast: "yes" });
  expect(draftOf(field, {})).toEqual({ attribute: "", fast: "no" });
});

test("what a form cannot show is JSON", () => {
  const map: Schema = { type: "object", properties: { any: { oneOf: [{ type: "string" }, { type: "number" }] } } };
  expect(kept(map, { any: 5 }).value).toEqual({ any: 5 });
  expect(read(map, { any: "{" }).problems["/config/any"]).toMatch(/^This is no JSON/);
  for (const schema of [
    { type: "object", additionalProperties: { type: "string" } },
    { type: "array", items: { type: "array", items: { type: "string" } } },
    { type: ["string", "null"] },
    { $ref: "https://elsewhere.test/schema.json" },
  ]) {
    expect(fieldOf(schema).kind).toBe("json");
  }
});

test("references inside the document are followed, circles end", () => {
  const schema: Schema = {
    type: "object",
    properties: { who: { $ref: "#/$defs/person", title: "Owner" } },
    $defs: { person: { type: "object", properties: { boss: { $ref: "#/$defs/person" }, name: { type: "string" } } } },
  };
  const value = { who: { name: "Ana", boss: { name: "Sam" } } };
  expect(kept(schema, value).value).toEqual(value);
});

test("the server's findings go to the nearest field", () => {
  const field = fieldOf(RULES);
  const draft = draftOf(field, { rules: [{ name: "A", when: {} }] });
  const errors = [
    { pointer: "/config/rules/0/name", detail: "Twice." },
    { pointer: "/config/rules/0/when/unheard", detail: "Unknown." },
    { pointer: "/config/rules/7/name", detail: "Gone." },
    { pointer: "/hooks", detail: "None." },
  ];
  expect(placed(errors, pointers(field, draft, "/config"))).toEqual({
    "/config/rules/0/name": "Twice.",
    "/config/rules/0/when": "Unknown.",
    "/config/rules": "Gone.",
    "": "None.",
  });
});

test("an address stays on a line, and a story gets several", () => {
  const kind = (maxLength: number) => {
    const field = fieldOf({ type: "string", maxLength });
    return field.kind === "text" && [field.wide, field.lines];
  };
  expect([120, 500, 501].map(kind)).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
});
