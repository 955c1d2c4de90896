// What the plugin pages compute: versions, grants carried over, breakers, the log.

import type { Installation, PluginLogLine, PluginVersion } from "@deskbell/client";
import { expect, test } from "vitest";
import { settingsHref, settingsOf } from "../src/desk/useSettings.ts";
import { pausedWords, resting } from "../src/settings/plugins/breaker.ts";
import { appended, atLeast, MOST_LINES } from "../src/settings/plugins/log-lines.ts";
import { carriedOver } from "../src/settings/plugins/Upgrade.tsx";
import { compareVersions, newestVersionFirst } from "../src/settings/plugins/version-order.ts";
import { capabilityWords, outcomeWord } from "../src/settings/plugins/words.ts";

test("the newest version comes first, a release after what led up to it", () => {
  const all = ["1.2.0", "1.10.0", "1.10.0-rc.10", "1.10.0-rc.9", "0.9.9"].map((it) => ({ plugin_version: it }));
  expect(newestVersionFirst(all).map((it) => it.plugin_version)).toEqual([
    "1.10.0",
    "1.10.0-rc.10",
    "1.10.0-rc.9",
    "1.2.0",
    "0.9.9",
  ]);
  expect(compareVersions("1.0.0+a", "1.0.0+b")).toBe(0);
});

test("an address of a version", () => {
  const href = settingsHref("plugins", "ins_1", "1.0.0+build");
  expect(settingsOf(href)).toEqual({ section: "plugins", id: "ins_1", version: "1.0.0+build" });
});

test("over an upgrade what was allowed stays, new work is on, new reach is off", () => {
  const installed = { hooks: ["variables" as const], capabilities: ["directory" as const] };
  const from = { hooks: ["variables" as const, "routing" as const], capabilities: ["directory" as const] };
  const to = {
    hooks: ["variables" as const, "routing" as const, "bot" as const],
    capabilities: ["directory" as const, "http" as const],
  };
  expect(carriedOver(installed, from, to)).toEqual({ hooks: ["variables", "bot"], capabilities: ["directory"] });
  expect(carriedOver(installed, undefined, to)).toEqual({ hooks: ["variables"], capabilities: ["directory"] });
});

test("an open breaker in plain words", () => {
  const breaker = { routing: { state: "open", until: "2026-01-01T14:05:00.000Z" }, variables: { state: "closed" } };
  const [one, ...others] = resting({ breaker } as unknown as Installation);
  expect(others).toEqual([]);
  const clock = (at: string) => at.slice(11, 16);
  expect(one && pausedWords(one, clock)).toBe(
    "Paused: it failed too often. It is tried again at 14:05. What waits until then: “Decides who gets each chat”.",
  );
  expect(pausedWords({ hook: "bot", state: "half_open", until: null }, clock)).toMatch(/with the next question/);
});

test("the log keeps each line once, the newest, and shows the levels one asked for", () => {
  const line = (id: number, level: PluginLogLine["level"] = "info") => ({ n: id, level }) as PluginLogLine;
  const some = appended([line(1)], [line(1), line(2, "error")]);
  expect(some.map((it) => it.n)).toEqual([1, 2]);
  expect(appended(some, [line(2)])).toBe(some);
  const many = Array.from({ length: MOST_LINES + 5 }, (_, at) => line(at + 10));
  expect(appended(some, many)).toHaveLength(MOST_LINES);
  expect(atLeast(some, "warn").map((it) => it.n)).toEqual([2]);
  expect(atLeast(some, "debug")).toBe(some);
});

test("what it reaches and how a call ended", () => {
  const http = { hosts: ["api.shop.example"], hosts_from_config: ["/api_url"] };
  const manifest = { capabilities: { http } } as unknown as PluginVersion["manifest"];
  expect(capabilityWords("http", manifest).name).toBe(
    "Asks outside: api.shop.example, the server in the setting “api_url”",
  );
  expect([outcomeWord("ok"), outcomeWord("trapped")]).toEqual(["Answered", "Crashed"]);
});
