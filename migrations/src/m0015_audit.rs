//! The audit log, and lower limits of an installation. `n` orders the entries of all
//! tenants as they were written; nothing changes or deletes one.

crate::dialect::step!(
    "
ALTER TABLE installations ADD COLUMN limits {text} NOT NULL DEFAULT '{}';

CREATE TABLE audit (
    n {identity},
    tenant_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    at {int} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {text},
    actor_name {text},
    action {text} NOT NULL,
    target_kind {text} NOT NULL,
    target_id {text},
    details {text} NOT NULL,
    address {text}
){strict};
CREATE INDEX audit_tenant ON audit (tenant_id, n);
CREATE INDEX audit_actor ON audit (tenant_id, actor_id, n);
CREATE INDEX audit_target ON audit (tenant_id, target_id, n);
"
);
