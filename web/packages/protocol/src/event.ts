// Events as sockets deliver them: the desk's whole, the visitor's cut down by the
// server. `changes` holds absolute new values, so applying one twice is harmless.

import type {
  ActorRef,
  AgentView,
  CannedResponse,
  Contact,
  Conversation,
  Inbox,
  Message,
  RoutingDecision,
  Team,
  Timestamp,
  VisitorConversation,
  VisitorMessage,
} from "./wire.ts";

/** Field name → [old, new]. */
export type Changes = Record<string, [unknown, unknown]>;

interface Told<Type extends string, Data> {
  id: string;
  type: Type;
  tenant_id: string;
  occurred_at: Timestamp;
  actor: ActorRef;
  conversation_id: string | null;
  seq: number | null;
  data: Data;
  changes: Changes;
  api_version: string;
}

/** The events that carry the whole conversation. */
export type ConversationEventType =
  | "conversation.created"
  | "conversation.updated"
  | "conversation.queued"
  | "conversation.assigned"
  | "conversation.unassigned"
  | "conversation.transferred"
  | "conversation.reopened"
  | "conversation.resolved"
  | "conversation.closed"
  | "conversation.missed"
  | "conversation.rated";

type Receipt = Told<"message.delivered" | "message.read", { up_to_seq: number }>;

export type AgentEvent =
  | Told<ConversationEventType, { conversation: Conversation; reason?: string | null }>
  | Told<"message.created", { message: Message }>
  | Receipt
  | Told<"routing.decided", { decision: RoutingDecision }>
  | Told<"contact.created" | "contact.updated", { contact: Contact }>
  | Told<"agent.created" | "agent.updated" | "agent.availability_changed", { agent: AgentView }>
  | Told<"team.created" | "team.updated", { team: Team }>
  | Told<"team.deleted", { team_id: string }>
  | Told<"inbox.created" | "inbox.updated", { inbox: Inbox }>
  | Told<"canned_response.created" | "canned_response.updated", { canned_response: CannedResponse }>
  | Told<"canned_response.deleted", { canned_response_id: string }>;

export type VisitorEvent =
  | Told<ConversationEventType, { conversation: VisitorConversation }>
  | Told<"message.created", { message: VisitorMessage }>
  | Receipt;
