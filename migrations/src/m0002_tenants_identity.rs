//! Who is who inside a tenant: teams, agents, inboxes, contacts, visitors, and
//! the log-in sessions of both sides.

crate::dialect::step!(
    "
CREATE TABLE teams (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    name {text} NOT NULL,
    strategy {text} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
){strict};

CREATE TABLE agents (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    email {text} NOT NULL,
    name {text} NOT NULL,
    role {text} NOT NULL,
    password_hash {text} NOT NULL,
    capacity {int} NOT NULL,
    load {int} NOT NULL,
    choice {text} NOT NULL,
    availability {text} NOT NULL,
    connected {bool} NOT NULL,
    disconnected_at {int},
    last_active_at {int} NOT NULL,
    last_assigned_at {int},
    deactivated_at {int},
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
){strict};

CREATE TABLE team_members (
    tenant_id {uuid} NOT NULL,
    team_id {uuid} NOT NULL,
    agent_id {uuid} NOT NULL,
    PRIMARY KEY (tenant_id, team_id, agent_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id)
){strict};
CREATE INDEX team_members_agent ON team_members (tenant_id, agent_id);

CREATE TABLE inboxes (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    key {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    channel {text} NOT NULL,
    default_team_id {uuid} NOT NULL,
    allowed_origins {text} NOT NULL,
    look {text} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, default_team_id) REFERENCES teams (tenant_id, id)
){strict};

CREATE TABLE contacts (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    name {text},
    email {text},
    verified {bool} NOT NULL,
    vip {bool} NOT NULL,
    attributes {text} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
){strict};

CREATE TABLE visitors (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    contact_id {uuid} NOT NULL,
    inbox_id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL UNIQUE,
    created_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, inbox_id) REFERENCES inboxes (tenant_id, id)
){strict};
CREATE INDEX visitors_contact ON visitors (tenant_id, contact_id);

CREATE TABLE sessions (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    agent_id {uuid},
    visitor_id {uuid},
    user_agent {text},
    address {text},
    created_at {int} NOT NULL,
    last_used_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    revoked_at {int},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
    FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id)
){strict};
CREATE INDEX sessions_agent ON sessions (tenant_id, agent_id);
CREATE INDEX sessions_visitor ON sessions (tenant_id, visitor_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    session_id {uuid} NOT NULL,
    hash {bytes} NOT NULL UNIQUE,
    issued_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id)
){strict};
CREATE INDEX refresh_tokens_session ON refresh_tokens (tenant_id, session_id);
"
);
