//! The names that differ between the two engines, filled into a step's SQL.
//!
//! SQLite tables are STRICT: a value of the wrong type is refused there as it is
//! on PostgreSQL. `{identity}` is the feed's position: never reused on SQLite,
//! never written by hand and without a cache on PostgreSQL (the feed reader
//! rests on both, see `store/feed.rs`).

use sea_orm_migration::SchemaManager;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

const NAMES: [(&str, &str, &str); 8] = [
    ("{uuid}", "BLOB", "uuid"),
    ("{bytes}", "BLOB", "bytea"),
    ("{int}", "INTEGER", "bigint"),
    ("{small}", "INTEGER", "smallint"),
    ("{bool}", "INTEGER", "boolean"),
    ("{text}", "TEXT", "text"),
    (
        "{identity}",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        "bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY",
    ),
    ("{strict}", " STRICT", ""),
];

/// Runs one step's statements, in the transaction the migrator opened.
pub(crate) async fn run(manager: &SchemaManager<'_>, template: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    let mut sql = template.to_owned();
    for (open, on_sqlite, on_postgres) in NAMES {
        sql = sql.replace(open, if sqlite { on_sqlite } else { on_postgres });
    }
    connection.execute_unprepared(&sql).await?;
    Ok(())
}

/// Declares `Step`: its name, its SQL, and that it runs in a transaction.
macro_rules! step {
    ($sql:expr $(, $extra:path)?) => {
        #[derive(Debug)]
        pub(crate) struct Step;

        impl sea_orm_migration::MigrationName for Step {
            fn name(&self) -> &str {
                module_path!().rsplit("::").next().unwrap_or_default()
            }
        }

        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::dialect::run(manager, $sql).await?;
                $($extra(manager).await?;)?
                Ok(())
            }

            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
        }
    };
}

pub(crate) use step;
