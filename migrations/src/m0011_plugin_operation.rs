//! Operating plugins: what an installation was before its last upgrade, what
//! plugins wrote into their logs, and a sample of their calls. Logs and calls are
//! bounded for each installation; `n` orders them and never comes back.

crate::dialect::step!(
    "
ALTER TABLE installations ADD COLUMN previous {text};

CREATE TABLE plugin_log_lines (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    n {int} NOT NULL,
    at {int} NOT NULL,
    level {text} NOT NULL,
    text {text} NOT NULL,
    hook {text} NOT NULL,
    call_id {uuid} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id, n),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};

CREATE TABLE plugin_invocations (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    n {int} NOT NULL,
    at {int} NOT NULL,
    call_id {uuid} NOT NULL,
    hook {text} NOT NULL,
    plugin_version {text} NOT NULL,
    outcome {text} NOT NULL,
    detail {text},
    wall_us {int} NOT NULL,
    cpu_us {int} NOT NULL,
    peak_memory {int} NOT NULL,
    host_calls {int} NOT NULL,
    log_lines {int} NOT NULL,
    conversation_id {uuid},
    PRIMARY KEY (tenant_id, installation_id, n),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};
"
);
