//! A database of a test's own: a file in its data folder, or one it makes on the
//! PostgreSQL server of the test command and removes again.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use deskbell_store::Engine;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::environment;

static MADE: AtomicU32 = AtomicU32::new(0);

pub enum Database {
    Sqlite { url: String },
    Postgres { url: String, name: String },
}

impl Database {
    pub async fn make(engine: Engine, data: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite {
                url: format!("sqlite:{}", data.join("deskbell.db").display()),
            },
            Engine::Postgres => {
                let count = MADE.fetch_add(1, Ordering::Relaxed);
                let name = format!("deskbell_it_{}_{count}", std::process::id());
                // A run before this one may have had the same process id.
                admin(&[
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                    format!("CREATE DATABASE {name}"),
                ])
                .await;
                let server = environment::postgres();
                let (server, _) = server.rsplit_once('/').expect("an address with a database");
                Self::Postgres {
                    url: format!("{server}/{name}"),
                    name,
                }
            }
        }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite { url } | Self::Postgres { url, .. } => url,
        }
    }

    pub async fn remove(&self) {
        if let Self::Postgres { name, .. } = self {
            admin(&[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).await;
        }
    }
}

/// The names are ours, so the statements are safe to put together.
async fn admin(statements: &[String]) {
    let url = environment::postgres();
    let mut connection = PgConnection::connect(&url)
        .await
        .unwrap_or_else(|error| panic!("DESKBELL_TEST_POSTGRES cannot be reached: {error}"));
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let _ = connection.close().await;
}
