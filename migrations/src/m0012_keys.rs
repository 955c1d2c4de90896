//! What plugins keep for themselves: values by key. How much of it there is stands
//! beside it, so that a quota costs no count.

crate::dialect::step!(
    "
CREATE TABLE plugin_keys (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    key {bytes} NOT NULL,
    value {bytes} NOT NULL,
    size {int} NOT NULL,
    updated_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id, key),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};

CREATE TABLE plugin_key_usage (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    keys {int} NOT NULL,
    bytes {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};
"
);
