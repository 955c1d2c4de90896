//! What belongs to the installation and to no tenant: its name tag, its nodes,
//! their leases, and the keys that sign tokens.

use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

crate::dialect::step!(
    "
CREATE TABLE installation (
    key {text} NOT NULL PRIMARY KEY,
    value {text} NOT NULL
){strict};

CREATE TABLE tenants (
    id {uuid} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    state {text} NOT NULL,
    settings {text} NOT NULL,
    created_at {int} NOT NULL
){strict};

CREATE TABLE nodes (
    id {uuid} NOT NULL PRIMARY KEY,
    started_at {int} NOT NULL,
    seen_at {int} NOT NULL
){strict};

CREATE TABLE leases (
    name {text} NOT NULL PRIMARY KEY,
    holder {uuid},
    epoch {int} NOT NULL,
    expires_at {int} NOT NULL
){strict};

CREATE TABLE signing_keys (
    id {uuid} NOT NULL PRIMARY KEY,
    secret {bytes} NOT NULL,
    created_at {int} NOT NULL,
    retired_at {int}
){strict};
",
    name_the_feed
);

/// The epoch in every cursor. It tells this database's positions from those of
/// another one, or of this one before it was restored from a copy.
async fn name_the_feed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let random = match connection.get_database_backend() {
        DbBackend::Sqlite => "lower(hex(randomblob(16)))",
        _ => "replace(gen_random_uuid()::text, '-', '')",
    };
    connection
        .execute_unprepared(&format!(
            "INSERT INTO installation (key, value) VALUES ('feed_epoch', {random})"
        ))
        .await?;
    Ok(())
}
