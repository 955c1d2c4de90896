// What a bot's form holds back, and what it sends.

import type { AskedField } from "@deskbell/client";
import { expect, test } from "vitest";
import { problemsOf, valuesOf } from "../src/messenger/Form.tsx";

const field = (name: string, type: AskedField["type"], required = true): AskedField => ({
  name,
  label: name,
  type,
  required,
  choices: type === "choice" ? [{ id: "s", label: "Small" }] : [],
});
const fields = [
  field("order", "text"),
  field("mail", "email"),
  field("cups", "number"),
  field("size", "choice"),
  field("more", "text", false),
];

test("what is missing or no such thing is said at its field", () => {
  expect(Object.keys(problemsOf(fields, {}))).toEqual(["order", "mail", "cups", "size"]);
  const wrong = { order: " ", mail: "mia", cups: "two", size: "huge" };
  expect(Object.keys(problemsOf(fields, wrong))).toEqual(["order", "mail", "cups", "size"]);
  const right = { order: "A-1", mail: "mia@example.test", cups: "2", size: "s" };
  expect(problemsOf(fields, right)).toEqual({});
});

test("numbers go as numbers, and what was left empty is left out", () => {
  const texts = { order: " A-1 ", mail: "mia@example.test", cups: "2,5", size: "s", more: "  " };
  expect(valuesOf(fields, texts)).toEqual({ order: "A-1", mail: "mia@example.test", cups: 2.5, size: "s" });
});
