//! Webhooks: how often the key of an installation's address was renewed, and what
//! other systems sent, sealed until a plugin has dealt with it. The row stays a while
//! without its contents, so that the same delivery is not taken twice.

crate::dialect::step!(
    "
CREATE TABLE webhook_keys (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    generation {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};

CREATE TABLE webhook_deliveries (
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    received_at {int} NOT NULL,
    sealed {bytes},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (received_at);
CREATE INDEX webhook_deliveries_installation
    ON webhook_deliveries (tenant_id, installation_id);
"
);
