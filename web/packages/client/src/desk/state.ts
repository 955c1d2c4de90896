// What an agent's page knows, as a pure function of a snapshot and the events
// after it. It must not know about sockets, screens or the time of day.
//
// Events may come that the snapshot has already: whoever carries a version is
// ignored unless it is newer, messages are known by their number.

import type {
  Agent,
  AgentEvent,
  AgentSnapshot,
  CannedResponse,
  Conversation,
  Inbox,
  Message,
  Team,
} from "@deskbell/protocol";
import { type Thread, type ThreadAction, threadChange, withMessages } from "../thread.ts";
import { changedFields, newer, patched } from "../version.ts";

type ById<Entity> = Readonly<Record<string, Entity>>;

export interface DeskState {
  /** Null until the first snapshot. */
  readonly me: Agent | null;
  readonly agents: ById<Agent>;
  readonly teams: ById<Team>;
  readonly inboxes: ById<Inbox>;
  readonly cannedResponses: ById<CannedResponse>;
  /** Every one heard of, not only those in the lists. */
  readonly conversations: ById<Conversation>;
  /** Only of conversations that were opened. */
  readonly threads: ById<Thread<Message>>;
}

export type DeskAction =
  | { type: "snapshot"; snapshot: AgentSnapshot }
  | { type: "event"; event: AgentEvent }
  /** Answers to questions: of a command, a list, a search. */
  | { type: "conversations"; conversations: readonly Conversation[] }
  | { type: "me"; agent: Agent }
  | ThreadAction<Message>;

export const emptyDesk: DeskState = {
  me: null,
  agents: {},
  teams: {},
  inboxes: {},
  cannedResponses: {},
  conversations: {},
  threads: {},
};

export function deskState(state: DeskState, action: DeskAction): DeskState {
  switch (action.type) {
    case "snapshot":
      return fromSnapshot(action.snapshot);
    case "event":
      return onEvent(state, action.event);
    case "conversations":
      return { ...state, conversations: putAll(state.conversations, action.conversations) };
    case "me":
      return withAgent(state, action.agent);
    default:
      return { ...state, threads: threadChange(state.threads, action) };
  }
}

/** The truth as of now. Open threads are loaded anew: what was said meanwhile is not in it. */
function fromSnapshot(snapshot: AgentSnapshot): DeskState {
  return {
    me: snapshot.self,
    agents: putAll({}, snapshot.agents),
    teams: putAll({}, snapshot.teams),
    inboxes: putAll({}, snapshot.inboxes),
    cannedResponses: putAll({}, snapshot.canned_responses),
    conversations: putAll({}, snapshot.conversations),
    threads: {},
  };
}

function onEvent(state: DeskState, event: AgentEvent): DeskState {
  switch (event.type) {
    case "message.created": {
      const { message } = event.data;
      const threads = withMessages(state.threads, message.conversation_id, [message]);
      return { ...withChanges(state, event), threads };
    }
    case "message.delivered":
    case "message.read":
    case "routing.decided":
      return withChanges(state, event);
    case "contact.created":
    case "contact.updated": {
      const { id, name, email, verified, vip } = event.data.contact;
      const contact = { id, name, email, verified, vip };
      return eachConversation(state, (it) => (it.contact.id === id ? { ...it, contact } : it));
    }
    case "agent.created":
    case "agent.updated":
    case "agent.availability_changed":
      return withAgent(state, event.data.agent);
    case "team.created":
    case "team.updated":
      return { ...state, teams: putAll(state.teams, [event.data.team]) };
    case "team.deleted":
      return { ...state, teams: without(state.teams, event.data.team_id) };
    case "inbox.created":
    case "inbox.updated":
      return { ...state, inboxes: putAll(state.inboxes, [event.data.inbox]) };
    case "canned_response.created":
    case "canned_response.updated":
      return { ...state, cannedResponses: putAll(state.cannedResponses, [event.data.canned_response]) };
    case "canned_response.deleted":
      return { ...state, cannedResponses: without(state.cannedResponses, event.data.canned_response_id) };
    default:
      // A newer server may tell of things this page does not know.
      if (!event.data || !("conversation" in event.data)) return state;
      return { ...state, conversations: putAll(state.conversations, [event.data.conversation]) };
  }
}

function withChanges(state: DeskState, event: AgentEvent): DeskState {
  const known = event.conversation_id ? state.conversations[event.conversation_id] : undefined;
  if (!known) return state;
  const next = patched(known, changedFields(event.changes));
  return next === known ? state : { ...state, conversations: { ...state.conversations, [known.id]: next } };
}

function withAgent(state: DeskState, agent: Agent): DeskState {
  const agents = putAll(state.agents, [agent]);
  if (agents === state.agents) return state;
  const me = state.me?.id === agent.id ? agent : state.me;
  const { id, name } = agent;
  return eachConversation({ ...state, agents, me }, (it) =>
    it.assignee?.id === id && it.assignee.name !== name ? { ...it, assignee: { id, name } } : it,
  );
}

function eachConversation(state: DeskState, change: (it: Conversation) => Conversation): DeskState {
  const entries = Object.entries(state.conversations).map(([id, it]) => [id, change(it)] as const);
  return { ...state, conversations: Object.fromEntries(entries) };
}

function putAll<Entity extends { id: string; version: number }>(
  known: ById<Entity>,
  entities: readonly Entity[],
): ById<Entity> {
  const fresh = entities.filter((entity) => newer(entity, known[entity.id]));
  if (fresh.length === 0) return known;
  return { ...known, ...Object.fromEntries(fresh.map((entity) => [entity.id, entity])) };
}

function without<Entity>(known: ById<Entity>, id: string): ById<Entity> {
  const { [id]: _, ...rest } = known;
  return rest;
}
