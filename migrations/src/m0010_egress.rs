//! What plugins' requests to the outside take along: secrets, sealed before they
//! come here.

crate::dialect::step!(
    "
CREATE TABLE plugin_secrets (
    tenant_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    name {text} NOT NULL,
    sealed {bytes} NOT NULL,
    updated_at {int} NOT NULL,
    PRIMARY KEY (tenant_id, installation_id, name),
    FOREIGN KEY (tenant_id, installation_id) REFERENCES installations (tenant_id, id)
){strict};
"
);
