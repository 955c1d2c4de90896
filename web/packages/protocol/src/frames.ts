// The frames of a socket, and each command's parameters and result: those of its
// REST twin.

import type {
  ActorRef,
  Agent,
  AgentEvent,
  Bodies,
  CannedResponseUsed,
  Conversation,
  MessageAck,
  Problem,
  StartedConversation,
  Timestamp,
  VisitorConversation,
  VisitorEvent,
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
  | Told<"presence", { online: boolean }>
  | Told<"queue.position", { position: number; expected_wait_ms: number | null }>;

interface OnConversation {
  conversation_id: string;
}
export type SendMessage = OnConversation & Bodies["SendMessage"];
export type SendVisitorMessage = OnConversation & Bodies["SendVisitorMessage"];
export type StartConversation = Bodies["StartConversationRequest"];
export type UseCannedResponse = Bodies["UseCannedResponse"];
type WithReason = OnConversation & Bodies["Because"];
type UpTo = OnConversation & Bodies["UpTo"];

export interface AgentCommands {
  send_message: { params: SendMessage; result: MessageAck };
  mark_delivered: { params: UpTo; result: object };
  mark_read: { params: UpTo; result: object };
  set_availability: { params: Bodies["SetAvailability"]; result: Agent };
  assign: { params: OnConversation & Bodies["Assign"]; result: Conversation };
  unassign: { params: WithReason; result: Conversation };
  transfer: { params: OnConversation & Bodies["Transfer"]; result: Conversation };
  resolve: { params: WithReason; result: Conversation };
  close: { params: WithReason; result: Conversation };
  reopen: { params: WithReason; result: Conversation };
  use_canned_response: { params: UseCannedResponse; result: CannedResponseUsed };
}

export interface WidgetCommands {
  send_message: { params: SendVisitorMessage; result: MessageAck };
  mark_delivered: { params: UpTo; result: object };
  mark_read: { params: UpTo; result: object };
  start_conversation: { params: StartConversation; result: StartedConversation };
  request_agent: { params: OnConversation; result: VisitorConversation };
  end_conversation: { params: OnConversation; result: VisitorConversation };
  rate_conversation: { params: OnConversation & Bodies["Rate"]; result: VisitorConversation };
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
