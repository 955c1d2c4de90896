// Entities and answers as the server writes them. It must not know what the
// pages do with them.

/** RFC 3339, UTC, milliseconds. */
export type Timestamp = string;

export type Role = "agent" | "supervisor" | "admin" | "owner";
export type Availability = "online" | "away" | "busy" | "offline";
export type Status = "queued" | "active" | "resolved" | "closed" | "missed";
export type Priority = "low" | "medium" | "high" | "urgent";
export type Strategy = "least_loaded" | "round_robin" | "manual";
export type ActorKind = "visitor" | "agent" | "bot" | "system" | "plugin";
export type Attributes = Record<string, unknown>;

export interface ActorRef {
  type: ActorKind;
  id: string | null;
  name: string | null;
}

export interface AgentRef {
  id: string;
  name: string;
}

export interface AgentView {
  id: string;
  email: string;
  name: string;
  role: Role;
  team_ids: string[];
  capacity: number;
  /** What is in force; `choice` is what the agent asked for. */
  availability: Availability;
  choice: Availability;
  deactivated_at: Timestamp | null;
  created_at: Timestamp;
  version: number;
}

export interface Team {
  id: string;
  name: string;
  strategy: Strategy;
  agent_ids: string[];
  created_at: Timestamp;
  version: number;
}

export interface Look {
  brand_color: string | null;
  welcome_title: string | null;
  welcome_text: string | null;
}

export interface Inbox {
  id: string;
  key: string;
  name: string;
  channel: string;
  default_team_id: string;
  allowed_origins: string[];
  look: Look;
  created_at: Timestamp;
  version: number;
}

/** What a visitor sees of an inbox. */
export interface VisitorInbox {
  id: string;
  key: string;
  name: string;
  look: Look;
}

export interface CannedResponse {
  id: string;
  shortcut: string;
  title: string;
  text: string;
  enabled: boolean;
  used_count: number;
  last_used_at: Timestamp | null;
  created_at: Timestamp;
  version: number;
}

export interface ContactRef {
  id: string;
  name: string | null;
  email: string | null;
  verified: boolean;
  vip: boolean;
}

export interface Contact extends ContactRef {
  attributes: Attributes;
  created_at: Timestamp;
  version: number;
}

export interface Rating {
  score: number;
  comment: string | null;
  rated_at: Timestamp;
}

export interface Conversation {
  id: string;
  inbox_id: string;
  contact: ContactRef;
  visitor_id: string;
  team_id: string | null;
  assignee: AgentRef | null;
  status: Status;
  priority: Priority;
  subject: string | null;
  category: string | null;
  attributes: Attributes;
  last_seq: number;
  public_seq: number;
  visitor_delivered_seq: number;
  visitor_read_seq: number;
  desk_delivered_seq: number;
  desk_read_seq: number;
  unread_count: number;
  visitor_unread_count: number;
  last_message: string | null;
  last_message_at: Timestamp | null;
  previous_id: string | null;
  rating: Rating | null;
  reason: string | null;
  created_at: Timestamp;
  queued_at: Timestamp | null;
  started_at: Timestamp | null;
  first_response_at: Timestamp | null;
  resolved_at: Timestamp | null;
  closed_at: Timestamp | null;
  missed_at: Timestamp | null;
  version: number;
}

export interface VisitorConversation {
  id: string;
  status: Status;
  agent: AgentRef | null;
  subject: string | null;
  category: string | null;
  public_seq: number;
  visitor_delivered_seq: number;
  visitor_read_seq: number;
  desk_delivered_seq: number;
  desk_read_seq: number;
  visitor_unread_count: number;
  rating: Rating | null;
  previous_id: string | null;
  created_at: Timestamp;
  queued_at: Timestamp | null;
  started_at: Timestamp | null;
  resolved_at: Timestamp | null;
  closed_at: Timestamp | null;
  version: number;
}

export interface VisitorMessage {
  id: string;
  conversation_id: string;
  seq: number;
  kind: "text" | "system";
  sender: ActorRef;
  client_msg_id: string | null;
  text: string;
  attributes: Attributes;
  created_at: Timestamp;
}

export interface Message extends VisitorMessage {
  /** A note: for the desk only. */
  private: boolean;
}

export interface MessageAck {
  message_id: string;
  conversation_id: string;
  seq: number;
  created_at: Timestamp;
}

export type Exclusion = "offline" | "away" | "busy" | "at_capacity";

export interface Considered {
  agent_id: string;
  name: string;
  load: number;
  capacity: number;
  excluded: Exclusion | null;
  rank: number | null;
}

export interface RoutingDecision {
  id: string;
  conversation_id: string;
  team_id: string;
  strategy: Strategy;
  candidates: Considered[];
  winner_id: string | null;
  decided_at: Timestamp;
  duration_us: number;
}

export interface AgentSnapshot {
  cursor: string;
  self: AgentView;
  agents: AgentView[];
  teams: Team[];
  inboxes: Inbox[];
  canned_responses: CannedResponse[];
  conversations: Conversation[];
}

export interface VisitorThread extends VisitorConversation {
  messages: VisitorMessage[];
}

export interface WidgetSnapshot {
  cursor: string;
  inbox: VisitorInbox;
  conversations: VisitorThread[];
}

export interface LoggedIn {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  refresh_token: string;
  agent: AgentView;
}

export interface VisitorSession {
  token: string;
  /** Seconds. */
  expires_in: number;
  visitor: { id: string };
  secret: string;
  inbox: VisitorInbox;
}

export interface RenderedResponse {
  text: string;
  missing: string[];
  ack: MessageAck | null;
}

export interface Segment {
  text: string;
  /** This piece is what was looked for. */
  hit: boolean;
}

export interface SearchHit {
  conversation_id: string;
  message_id: string;
  seq: number;
  highlight: Segment[];
  sender_kind: ActorKind;
  sender_name: string | null;
  private: boolean;
  status: Status;
  created_at: Timestamp;
  score: number;
}

export interface Listed<T> {
  items: T[];
  next_cursor: string | null;
}

/** `application/problem+json`. */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  request_id?: string;
  errors?: { pointer: string; code: string; detail: string }[];
}
