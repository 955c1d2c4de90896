//! Plugins: what a tenant has of them, every admitted file with its bytes, what
//! is at work, and what went wrong. The bytes are here and not in a folder, so
//! that every node has them. Beside them the secrets of the whole installation,
//! of which the first vouches for compiled code.

crate::dialect::step!(
    "
CREATE TABLE plugins (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    id {uuid} NOT NULL,
    key {text} NOT NULL,
    name {text} NOT NULL,
    publisher {text} NOT NULL,
    description {text} NOT NULL,
    source {text} NOT NULL,
    latest_version {text} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, key)
){strict};

CREATE TABLE plugin_versions (
    tenant_id {uuid} NOT NULL,
    plugin_id {uuid} NOT NULL,
    plugin_version {text} NOT NULL,
    digest {bytes} NOT NULL,
    size {int} NOT NULL,
    manifest {text} NOT NULL,
    hooks {text} NOT NULL,
    capabilities {text} NOT NULL,
    variables {text} NOT NULL,
    created_at {int} NOT NULL,
    component {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, plugin_id, plugin_version),
    FOREIGN KEY (tenant_id, plugin_id) REFERENCES plugins (tenant_id, id)
){strict};

CREATE TABLE installations (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    plugin_id {uuid} NOT NULL,
    plugin_version {text} NOT NULL,
    enabled {bool} NOT NULL,
    hooks {text} NOT NULL,
    capabilities {text} NOT NULL,
    config {text} NOT NULL,
    position {int} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, plugin_id),
    FOREIGN KEY (tenant_id, plugin_id, plugin_version)
        REFERENCES plugin_versions (tenant_id, plugin_id, plugin_version)
){strict};

CREATE TABLE plugin_failures (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    hook {text} NOT NULL,
    code {text} NOT NULL,
    detail {text} NOT NULL,
    conversation_id {uuid},
    count {int} NOT NULL,
    first_at {int} NOT NULL,
    last_at {int} NOT NULL,
    told_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id, hook, code),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};

CREATE TABLE installation_secrets (
    name {text} NOT NULL PRIMARY KEY,
    secret {bytes} NOT NULL
){strict};
"
);
