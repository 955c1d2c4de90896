//! Filters: what an installation that filters does with what it could not look at,
//! and the messages that wait for it, sealed.

crate::dialect::step!(
    "
ALTER TABLE installations ADD COLUMN on_failure {text} NOT NULL DEFAULT 'pass';

CREATE TABLE held_messages (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    sender_kind {text} NOT NULL,
    sender_id {uuid} NOT NULL,
    client_msg_id {text} NOT NULL,
    sealed {bytes} NOT NULL,
    tries {int} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, sender_kind, sender_id, client_msg_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
){strict};
CREATE INDEX held_messages_conversation
    ON held_messages (tenant_id, conversation_id, created_at, id);
"
);
