//! Filters: what an installation that filters does with what it could not look at.

crate::dialect::step!(
    "
ALTER TABLE installations ADD COLUMN on_failure {text} NOT NULL DEFAULT 'pass';
"
);
