//! What is still to be done: deadlines and jobs; and what keeps it honest: open
//! sockets per node, and the answers to repeated requests.

crate::dialect::step!(
    "
CREATE TABLE timers (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    kind {text} NOT NULL,
    subject {uuid} NOT NULL,
    due_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject)
){strict};
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE jobs (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    queue {text} NOT NULL,
    destination {text} NOT NULL,
    payload {text} NOT NULL,
    due_at {int} NOT NULL,
    attempts {int} NOT NULL,
    locked_until {int},
    failed_at {int},
    error {text},
    created_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
){strict};
CREATE INDEX jobs_due ON jobs (queue, due_at);
CREATE INDEX jobs_order ON jobs (tenant_id, queue, destination, id);

CREATE TABLE connections (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    node_id {uuid} NOT NULL REFERENCES nodes (id),
    session_id {uuid} NOT NULL,
    agent_id {uuid},
    visitor_id {uuid},
    connected_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
    FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id)
){strict};
CREATE INDEX connections_node ON connections (node_id);
CREATE INDEX connections_session ON connections (tenant_id, session_id);
CREATE INDEX connections_agent ON connections (tenant_id, agent_id);
CREATE INDEX connections_visitor ON connections (tenant_id, visitor_id);

CREATE TABLE idempotency_keys (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    actor_id {uuid} NOT NULL,
    route {text} NOT NULL,
    key {text} NOT NULL,
    body_hash {bytes} NOT NULL,
    status {small} NOT NULL,
    response {text} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, actor_id, route, key)
){strict};
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
"
);
