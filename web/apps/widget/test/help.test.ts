// What a page says of the visitor's question, whichever way it says it.

import { expect, test } from "vitest";
import { about } from "../src/messenger/help.ts";

test("a button's attributes and a call say the same", () => {
  const said = about({ order_id: "A-1001", category: "Refund", attributes: { delivery_day: "Tuesday" } });
  const marked = about({
    data: {
      deskbellHelp: "",
      deskbellOrderId: "A-1001",
      deskbellCategory: "Refund",
      deskbellDeliveryDay: "Tuesday",
      theirOwn: "not ours to read",
    },
  });
  expect(marked).toEqual(said);
  expect(said?.label).toBe("Order A-1001");
  expect(said?.attributes).toEqual({ order_id: "A-1001", delivery_day: "Tuesday" });
});

test("categories to choose from, and a label of the page's own", () => {
  const it = about({ data: { deskbellCategories: "Late delivery| Refund |", deskbellLabel: "Your parcel" } });
  expect(it?.categories).toEqual(["Late delivery", "Refund"]);
  expect(it?.label).toBe("Your parcel");
});

test("what the server would refuse is left out", () => {
  const it = about({
    subject: "x".repeat(300),
    attributes: { "two words": 1, ok: true, deep: { a: 1 } as unknown as string, long: "y".repeat(2000) },
  });
  expect(it?.subject).toHaveLength(200);
  expect(Object.keys(it?.attributes ?? {})).toEqual(["ok", "long"]);
  expect(String(it?.attributes.long)).toHaveLength(1000);
});

test("nothing said is nothing shown", () => {
  expect(about({})).toBeNull();
  expect(about({ data: { deskbellHelp: "" } })).toBeNull();
});
