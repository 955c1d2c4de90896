// How times, names, colours and runs are said.

import { expect, test } from "vitest";
import {
  aboutHowLong,
  ago,
  contrastBetween,
  day,
  duration,
  initials,
  pieces,
  receipt,
  textOn,
  visitorName,
} from "../src/index.ts";

const now = new Date(2026, 10, 21, 12, 0, 0).getTime();
const before = (ms: number) => new Date(now - ms).toISOString();

test("times are relative under a day, then dates", () => {
  expect(ago(before(-5_000), now)).toBe("now");
  expect(ago(before(59_000), now)).toBe("now");
  expect(ago(before(4 * 60_000), now)).toBe("4 min");
  expect(ago(before(3 * 3_600_000), now)).toBe("3 h");
  expect(ago(before(3 * 86_400_000), now, "en-GB")).toBe("18 Nov");
  expect(ago(before(400 * 86_400_000), now, "en-GB")).toBe("17 Oct 2025");
  expect(day(before(0), now)).toBe("Today");
  expect(day(before(13 * 3_600_000), now)).toBe("Yesterday");
});

test("durations", () => {
  expect([12_000, 130_000, 120_000, 3_900_000, 7_200_000].map(duration)).toEqual([
    "12 s",
    "2 min 10 s",
    "2 min",
    "1 h 5 min",
    "2 h",
  ]);
  expect([1_000, 61_000].map(aboutHowLong)).toEqual(["about a minute", "about 2 min"]);
});

test("people", () => {
  expect(["Mia", "Mia Sofie Lund", "  ", null, "李 小龙", "élan"].map(initials)).toEqual([
    "M",
    "ML",
    "",
    "",
    "李小",
    "É",
  ]);
  expect(visitorName({ id: "con_00ab12", name: null, email: null })).toBe("Visitor AB12");
});

test("text on a brand colour", () => {
  expect(contrastBetween("#ffffff", "#000000")).toBe(21);
  expect(contrastBetween("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
  expect(contrastBetween("red", "#ffffff")).toBeNull();
  expect(["#ffff00", "#003366", "#777777", "red", "#fff"].map(textOn)).toEqual([
    "#000000",
    "#ffffff",
    "#000000",
    null,
    null,
  ]);
});

test("runs end with the sender, after three minutes, at a note, at midnight", () => {
  const said = (seq: number, id: string, at: number, isPrivate = false) => ({
    seq,
    sender: { type: "agent", id },
    created_at: new Date(now + at).toISOString(),
    private: isPrivate,
  });
  const thread = [
    said(1, "a", 0),
    said(2, "a", 60_000),
    said(3, "b", 61_000),
    said(4, "b", 62_000, true),
    said(5, "b", 62_000 + 180_000, true),
    said(6, "b", 86_400_000),
  ];
  const shape = (events: Parameters<typeof pieces>[1]) =>
    pieces(thread, events).map((piece) =>
      piece.kind === "run" ? piece.messages.map((message) => message.seq).join("+") : piece.kind,
    );
  expect(shape([])).toEqual(["day", "1+2", "3", "4", "5", "day", "6"]);
  const event = (at: number) => ({ key: `e${at}`, at: new Date(now + at).toISOString(), text: "" });
  expect(shape([event(2 * 86_400_000), event(30_000), event(-1)])).toEqual([
    "day",
    "event",
    "1",
    "event",
    "2",
    "3",
    "4",
    "5",
    "day",
    "6",
    "day",
    "event",
  ]);
});

test("receipts come from the other side's cursors", () => {
  expect([1, 2, 3].map((seq) => receipt(seq, 2, 1))).toEqual(["read", "delivered", "sent"]);
});
