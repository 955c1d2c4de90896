// A stale snapshot plus the events after it is the fresh snapshot: for every
// scenario the server's own tests have written down, and for a few of ours.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AgentEvent, AgentSnapshot, VisitorEvent, WidgetSnapshot } from "@deskbell/protocol";
import { describe, expect, test } from "vitest";
import { type DeskState, deskState, emptyDesk, emptyVisitor, type VisitorState, visitorState } from "../src/index.ts";
import { SNAPSHOT_MESSAGES } from "../src/visitor/state.ts";

type Fixture =
  | { plane: "agent"; before: AgentSnapshot; events: AgentEvent[]; after: AgentSnapshot }
  | { plane: "widget"; before: WidgetSnapshot; events: VisitorEvent[]; after: WidgetSnapshot };

const folders = {
  own: fileURLToPath(new URL("./fixtures/", import.meta.url)),
  server: fileURLToPath(new URL("../../../../tests/fixtures/events/", import.meta.url)),
};

const byId = <Entity extends { id: string }>(entities: readonly Entity[] | Readonly<Record<string, Entity>>) =>
  Object.values(entities).sort((a, b) => (a.id < b.id ? -1 : 1));

/** A state in the form of a snapshot: my active chats and the queues I see. */
function deskPicture(state: DeskState) {
  const me = state.me as NonNullable<DeskState["me"]>;
  const seesAll = me.role !== "agent";
  return {
    self: me,
    agents: byId(state.agents),
    teams: byId(state.teams),
    inboxes: byId(state.inboxes),
    canned_responses: byId(state.cannedResponses),
    conversations: byId(state.conversations).filter((it) =>
      it.status === "queued"
        ? seesAll || it.team_id === null || me.team_ids.includes(it.team_id)
        : it.status === "active" && it.assignee?.id === me.id,
    ),
  };
}

function visitorPicture(state: VisitorState) {
  return {
    inbox: state.inbox,
    conversations: byId(state.conversations).map((it) => ({
      ...it,
      messages: state.threads[it.id]?.messages.slice(-SNAPSHOT_MESSAGES),
    })),
  };
}

function check(fixture: Fixture, events: readonly (AgentEvent | VisitorEvent)[]): void {
  if (fixture.plane === "agent") {
    const start = deskState(emptyDesk, { type: "snapshot", snapshot: fixture.before });
    const end = events.reduce((state, event) => deskState(state, { type: "event", event: event as AgentEvent }), start);
    const after = deskState(emptyDesk, { type: "snapshot", snapshot: fixture.after });
    expect(deskPicture(end)).toEqual(deskPicture(after));
  } else {
    const start = visitorState(emptyVisitor, { type: "snapshot", snapshot: fixture.before });
    const end = events.reduce(
      (state, event) => visitorState(state, { type: "event", event: event as VisitorEvent }),
      start,
    );
    const after = visitorState(emptyVisitor, { type: "snapshot", snapshot: fixture.after });
    expect(visitorPicture(end)).toEqual(visitorPicture(after));
  }
}

for (const [name, folder] of Object.entries(folders)) {
  if (!existsSync(folder)) continue;
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

  describe(`${name} fixtures`, () => {
    test("are there", () => expect(files.length).toBeGreaterThan(0));

    for (const file of files) {
      const fixture = JSON.parse(readFileSync(folder + file, "utf8")) as Fixture;
      test(`${file}: snapshot and events`, () => check(fixture, fixture.events));
      test(`${file}: events that come twice`, () => check(fixture, [...fixture.events, ...fixture.events]));
    }
  });
}
