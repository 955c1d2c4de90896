//! The schema, one file a step, the same steps on SQLite and PostgreSQL.
//!
//! A step is SQL with the few type names that differ between the engines left
//! open (see `dialect.rs`), so that the tables can be read as they are. Steps
//! expand first and contract a release later; each runs in a transaction of its
//! own. A step that was released is never edited: write the next one. This crate
//! knows nothing of the entities; `host/store` reads and writes the tables.

mod dialect;
mod m0001_installation;
mod m0002_tenants_identity;
mod m0003_conversations;
mod m0004_feed;
mod m0005_work;
mod m0006_plugins;
mod m0007_whereabouts;
mod m0008_bots;
mod m0009_filter;
mod m0010_egress;
mod m0011_plugin_operation;
mod m0012_keys;
mod m0013_event_followers;
mod m0015_audit;
mod m0016_recordings;
mod m0017_webhooks;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

/// Brings a database to the newest schema.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_installation::Step),
            Box::new(m0002_tenants_identity::Step),
            Box::new(m0003_conversations::Step),
            Box::new(m0004_feed::Step),
            Box::new(m0005_work::Step),
            Box::new(m0006_plugins::Step),
            Box::new(m0007_whereabouts::Step),
            Box::new(m0008_bots::Step),
            Box::new(m0009_filter::Step),
            Box::new(m0010_egress::Step),
            Box::new(m0011_plugin_operation::Step),
            Box::new(m0012_keys::Step),
            Box::new(m0013_event_followers::Step),
            Box::new(m0015_audit::Step),
            Box::new(m0016_recordings::Step),
            Box::new(m0017_webhooks::Step),
        ]
    }
}
