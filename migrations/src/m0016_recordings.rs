//! Recordings of production calls of plugins: until when an installation's calls are
//! recorded, and what was recorded, sealed.

crate::dialect::step!(
    "
CREATE TABLE plugin_recording (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    until {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};

CREATE TABLE plugin_recordings (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    n {int} NOT NULL,
    call_id {uuid} NOT NULL,
    at {int} NOT NULL,
    hook {text} NOT NULL,
    plugin_version {text} NOT NULL,
    outcome {text} NOT NULL,
    size {int} NOT NULL,
    sealed {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id, n),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};
"
);
