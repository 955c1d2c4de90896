// Why a chat came to somebody, and where its visitor is, in words.

import type { Consulted, RoutingDecision } from "@deskbell/client";
import { expect, test } from "vitest";
import { because, decider } from "../src/context/because.ts";
import { languageName, localTime, shortAddress } from "../src/context/place.ts";
import { asSentence, attributeName, briefly, failureSentence } from "../src/parts/words.ts";

const said = (plugin_name: string, outcome: Consulted["outcome"]) => ({ plugin_name, outcome }) as Consulted;
function decision(winner_id: string | null, ...consulted: Consulted[]): RoutingDecision {
  const candidates = [
    { agent_id: "agt_1", name: "Ana" },
    { agent_id: "agt_2", name: "Ben" },
  ];
  return { strategy: "least_loaded", winner_id, candidates, consulted } as unknown as RoutingDecision;
}

test("who decided is said first", () => {
  const own = "You were the first choice of Support, shared out by least loaded.";
  expect(because(decision("agt_1"), "agt_1", "Support")).toBe(own);
  expect(because(decision("agt_1", said("Skills", "no_opinion"), said("Broken", "failed")), "agt_1", "Support")).toBe(
    own,
  );
  expect(because(decision("agt_2", said("Skills", "assigned")), "agt_1", "Support")).toBe("Skills chose Ben.");
  expect(because(decision("agt_1", said("Skills", "assigned")), "agt_1", "Support")).toBe("Skills chose you.");
  expect(because(decision("agt_1", said("Skills", "queued"), said("Skills", "no_opinion")), "agt_1", "Support")).toBe(
    own,
  );
  expect(because(decision(null), "agt_1", "Support")).toBe("Nobody in Support could take it.");
  expect(because(decision(null, said("Skills", "held")), "agt_1", "Support")).toBe("Skills held it back for a while.");
  expect(decider(decision("agt_1", said("Broken", "failed"), said("Skills", "assigned")))?.plugin_name).toBe("Skills");
  const { consulted: _, ...old } = decision("agt_1");
  expect(because(old as RoutingDecision, "agt_1", "Support")).toBe(own);
});

test("durations and sentences", () => {
  expect([412, 20_134, 1_250_000].map(briefly)).toEqual(["0.4 ms", "20 ms", "1.3 s"]);
  expect(asSentence("it trapped: unreachable")).toBe("It trapped: unreachable.");
  expect([attributeName("order_id"), attributeName("cart_value")]).toEqual(["Order", "Cart value"]);
});

test("why a plugin shows no cards is told in its own words", () => {
  expect(failureSentence("it said: not available: The CRM answered 503.")).toBe("The CRM answered 503.");
  expect(failureSentence("it said: no such account")).toBe("No such account.");
  expect(failureSentence("it gave no answer within 10000 ms")).toBe("It gave no answer within 10000 ms.");
});

test("where a visitor is", () => {
  expect(shortAddress("https://shop.example/")).toBe("shop.example");
  expect(shortAddress("https://shop.example/orders/1?x=2#y")).toBe("shop.example/orders/1?x=2");
  expect(shortAddress("nonsense")).toBe("nonsense");
  expect(languageName("de-AT", "en")).toBe("Austrian German");
  expect(languageName("??", "en")).toBe("??");
  const now = Date.UTC(2026, 0, 1, 12, 0);
  const there = (zone: string) => localTime(zone, now, "en-GB", "Europe/Berlin");
  expect(there("Asia/Kolkata")).toEqual({ time: "17:30", apart: "4 h 30 min ahead of you" });
  expect(there("America/Sao_Paulo")).toEqual({ time: "09:00", apart: "4 h behind you" });
  expect(there("Europe/Vienna")).toEqual({ time: "13:00", apart: "" });
  expect(localTime("UTC", now, "en-GB")?.time).toBe("12:00");
  expect(localTime("Mars/Olympus", now)).toBeNull();
});
