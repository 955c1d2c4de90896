//! What people say: conversations, their messages, saved replies, and why a
//! conversation went to whom.
//!
//! `open_slot` is 1 while a conversation is open and null after: unique with
//! tenant, inbox and contact, it makes at most one open conversation.

crate::dialect::step!(
    "
CREATE TABLE conversations (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    inbox_id {uuid} NOT NULL,
    contact_id {uuid} NOT NULL,
    visitor_id {uuid} NOT NULL,
    team_id {uuid},
    assignee_id {uuid},
    status {text} NOT NULL,
    priority {text} NOT NULL,
    subject {text},
    category {text},
    attributes {text} NOT NULL,
    last_seq {int} NOT NULL,
    public_seq {int} NOT NULL,
    visitor_read_seq {int} NOT NULL,
    visitor_delivered_seq {int} NOT NULL,
    desk_read_seq {int} NOT NULL,
    desk_delivered_seq {int} NOT NULL,
    unread_count {int} NOT NULL,
    visitor_unread_count {int} NOT NULL,
    last_message_at {int},
    last_message {text},
    previous_id {uuid},
    rating {small},
    rating_comment {text},
    rated_at {int},
    reason {text},
    open_slot {small},
    created_at {int} NOT NULL,
    queued_at {int},
    started_at {int},
    first_response_at {int},
    resolved_at {int},
    closed_at {int},
    archived_at {int},
    missed_at {int},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, inbox_id, contact_id, open_slot),
    FOREIGN KEY (tenant_id, inbox_id) REFERENCES inboxes (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id),
    FOREIGN KEY (tenant_id, assignee_id) REFERENCES agents (tenant_id, id),
    FOREIGN KEY (tenant_id, previous_id) REFERENCES conversations (tenant_id, id)
){strict};
CREATE INDEX conversations_status ON conversations (tenant_id, status, team_id);
CREATE INDEX conversations_assignee ON conversations (tenant_id, assignee_id, status);
CREATE INDEX conversations_contact ON conversations (tenant_id, contact_id);
CREATE INDEX conversations_newest ON conversations (tenant_id, created_at, id);

CREATE TABLE messages (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    seq {int} NOT NULL,
    sender_kind {text} NOT NULL,
    sender_id {uuid},
    sender_name {text},
    client_msg_id {text},
    kind {text} NOT NULL,
    text {text} NOT NULL,
    private {bool} NOT NULL,
    attributes {text} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, conversation_id, seq),
    UNIQUE (tenant_id, sender_kind, sender_id, client_msg_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
){strict};

CREATE TABLE canned_responses (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    shortcut {text} NOT NULL,
    title {text} NOT NULL,
    text {text} NOT NULL,
    enabled {bool} NOT NULL,
    used_count {int} NOT NULL,
    last_used_at {int},
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, shortcut)
){strict};

CREATE TABLE routing_decisions (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    decided_at {int} NOT NULL,
    payload {text} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
){strict};
CREATE INDEX routing_decisions_conversation ON routing_decisions (tenant_id, conversation_id);
"
);
