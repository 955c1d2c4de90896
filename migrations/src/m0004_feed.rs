//! The feed: every event in one order, and how far each consumer has come.

crate::dialect::step!(
    "
CREATE TABLE feed (
    position {identity},
    tenant_id {uuid} NOT NULL,
    event_id {uuid} NOT NULL,
    type {text} NOT NULL,
    conversation_id {uuid},
    audience {text} NOT NULL,
    payload {text} NOT NULL,
    occurred_at {int} NOT NULL
){strict};
CREATE INDEX feed_tenant ON feed (tenant_id, position);

CREATE TABLE consumer_cursors (
    consumer {text} NOT NULL,
    node {uuid} NOT NULL,
    epoch {text} NOT NULL,
    position {int} NOT NULL,
    PRIMARY KEY (consumer, node)
){strict};

CREATE TABLE parked_events (
    consumer {text} NOT NULL,
    position {int} NOT NULL,
    tenant_id {uuid} NOT NULL,
    error {text} NOT NULL,
    attempts {int} NOT NULL,
    parked_at {int} NOT NULL,
    PRIMARY KEY (consumer, position)
){strict};
"
);
