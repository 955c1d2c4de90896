// The frames of a socket, and each command's parameters and result.

import type { AgentEvent, VisitorEvent } from "./event.ts";
import type {
  ActorRef,
  AgentView,
  Attributes,
  Availability,
  Conversation,
  MessageAck,
  Problem,
  RenderedResponse,
  Timestamp,
  VisitorConversation,
} from "./wire.ts";

export type ClientFrame =
  | { type: "hello"; token: string; cursor: string | null }
  | { type: "command"; id: string; name: string; params: object }
  | { type: "signal"; name: string; conversation_id: string; data: object }
  | { type: "ping" }
  | { type: "pong" };

export type ServerFrame<Event> =
  | { type: "welcome"; session: string; cursor: string; heartbeat_ms: number; resumed: boolean }
  | { type: "event"; cursor: string; event: Event }
  | Signal
  | { type: "ack"; id: string; result: unknown }
  | { type: "error"; id: string | null; problem: Problem }
  | { type: "ping" }
  | { type: "pong" };

interface Told<Name extends string, Data> {
  type: "signal";
  name: Name;
  conversation_id: string | null;
  actor: ActorRef;
  occurred_at: Timestamp;
  data: Data;
}

/** True only now: never stored, without a cursor, gone after a restart. */
export type Signal =
  | Told<"typing", { on: boolean }>
  | Told<"presence", { online?: boolean }>
  | Told<"queue.position", { position: number; expected_wait_ms: number | null }>;

interface OnConversation {
  conversation_id: string;
}
interface WithReason extends OnConversation {
  reason?: string;
}
export interface SendMessage extends OnConversation {
  client_msg_id: string;
  text: string;
  private?: boolean;
  attributes?: Attributes;
}
export interface StartConversation {
  client_msg_id?: string;
  text?: string;
  subject?: string;
  category?: string;
  attributes?: Attributes;
  team_id?: string;
  /** Pre-chat answers: claims, not an identity. */
  form?: { name?: string; email?: string };
}
export interface UseCannedResponse extends OnConversation {
  canned_response_id?: string;
  shortcut?: string;
  client_msg_id: string;
  preview?: boolean;
}

interface Spoken {
  send_message: { params: SendMessage; result: MessageAck };
  mark_delivered: { params: OnConversation & { seq: number }; result: object };
  mark_read: { params: OnConversation & { seq: number }; result: object };
}

export interface AgentCommands extends Spoken {
  set_availability: { params: { availability: Availability }; result: AgentView };
  assign: { params: WithReason & { agent_id?: string; over_capacity?: boolean }; result: Conversation };
  unassign: { params: WithReason; result: Conversation };
  transfer: {
    params: WithReason & { agent_id?: string; team_id?: string; over_capacity?: boolean };
    result: Conversation;
  };
  resolve: { params: WithReason; result: Conversation };
  close: { params: WithReason; result: Conversation };
  reopen: { params: WithReason; result: Conversation };
  use_canned_response: { params: UseCannedResponse; result: RenderedResponse };
}

export interface WidgetCommands extends Spoken {
  start_conversation: {
    params: StartConversation;
    result: VisitorConversation & { ack: MessageAck | null };
  };
  end_conversation: { params: OnConversation; result: VisitorConversation };
  rate_conversation: {
    params: OnConversation & { score: number; comment?: string };
    result: VisitorConversation;
  };
}

/** What differs between the two planes. */
export interface AgentPlane {
  event: AgentEvent;
  commands: AgentCommands;
}
export interface WidgetPlane {
  event: VisitorEvent;
  commands: WidgetCommands;
}
