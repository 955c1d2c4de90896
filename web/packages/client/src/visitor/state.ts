// What a visitor's page knows, as a pure function of a snapshot and the events
// after it. The server has cut both down to what a visitor may see; a hole in the
// numbers (a note) means nothing here.

import type {
  VisitorConversation,
  VisitorEvent,
  VisitorInbox,
  VisitorMessage,
  WidgetSnapshot,
} from "@deskbell/protocol";
import { merged, type Thread, type ThreadAction, threadChange, withMessages } from "../thread.ts";
import { changedFields, newer, patched } from "../version.ts";

/** A snapshot carries at most this many messages of a conversation. */
export const SNAPSHOT_MESSAGES = 50;

export interface VisitorState {
  readonly inbox: VisitorInbox | null;
  readonly conversations: Readonly<Record<string, VisitorConversation>>;
  readonly threads: Readonly<Record<string, Thread<VisitorMessage>>>;
}

export type VisitorAction =
  | { type: "snapshot"; snapshot: WidgetSnapshot }
  | { type: "event"; event: VisitorEvent }
  | { type: "conversation"; conversation: VisitorConversation }
  | { type: "inbox"; inbox: VisitorInbox }
  | ThreadAction<VisitorMessage>;

export const emptyVisitor: VisitorState = { inbox: null, conversations: {}, threads: {} };

export function visitorState(state: VisitorState, action: VisitorAction): VisitorState {
  switch (action.type) {
    case "snapshot":
      return fromSnapshot(state, action.snapshot);
    case "event":
      return onEvent(state, action.event);
    case "conversation":
      return withConversation(state, action.conversation);
    case "inbox":
      return { ...state, inbox: action.inbox };
    default:
      return { ...state, threads: threadChange(state.threads, action) };
  }
}

function fromSnapshot(state: VisitorState, snapshot: WidgetSnapshot): VisitorState {
  const conversations: Record<string, VisitorConversation> = {};
  const threads: Record<string, Thread<VisitorMessage>> = {};
  for (const { messages, ...conversation } of snapshot.conversations) {
    conversations[conversation.id] = conversation;
    const known = state.threads[conversation.id];
    const first = messages[0]?.seq ?? 0;
    // Earlier pages stay if no unseen message can lie between them and these.
    const joins = known?.messages.some((message) => message.seq >= first) ?? false;
    threads[conversation.id] = {
      status: "ready",
      messages: joins && known ? merged(known.messages, messages) : messages,
      hasEarlier: joins && known ? known.hasEarlier : messages.length >= SNAPSHOT_MESSAGES,
    };
  }
  return { inbox: snapshot.inbox, conversations, threads };
}

function onEvent(state: VisitorState, event: VisitorEvent): VisitorState {
  switch (event.type) {
    case "message.created": {
      const { message } = event.data;
      const threads = withMessages(state.threads, message.conversation_id, [message]);
      return { ...withChanges(state, event), threads };
    }
    case "message.delivered":
    case "message.read":
      return withChanges(state, event);
    default:
      // A newer server may tell of things this page does not know.
      if (!event.data || !("conversation" in event.data)) return state;
      return withConversation(state, event.data.conversation);
  }
}

function withConversation(state: VisitorState, conversation: VisitorConversation): VisitorState {
  if (!newer(conversation, state.conversations[conversation.id])) return state;
  const thread = state.threads[conversation.id] ?? { status: "ready", messages: [], hasEarlier: false };
  return {
    ...state,
    conversations: { ...state.conversations, [conversation.id]: conversation },
    threads: { ...state.threads, [conversation.id]: thread },
  };
}

function withChanges(state: VisitorState, event: VisitorEvent): VisitorState {
  const known = event.conversation_id ? state.conversations[event.conversation_id] : undefined;
  if (!known) return state;
  const next = patched(known, changedFields(event.changes));
  return next === known ? state : { ...state, conversations: { ...state.conversations, [known.id]: next } };
}
