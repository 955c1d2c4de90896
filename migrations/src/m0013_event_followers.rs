//! Which installations are told of events, from which place in the feed on. What
//! they have not been told yet are jobs, in a queue for each.

crate::dialect::step!(
    "
CREATE TABLE event_followers (
    tenant_id {uuid} NOT NULL REFERENCES tenants (id),
    installation_id {uuid} NOT NULL,
    after_position {int} NOT NULL,
    types {text},
    PRIMARY KEY (tenant_id, installation_id)
){strict};
"
);
