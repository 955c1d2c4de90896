//! Deskbell as a subject, on SQLite or PostgreSQL.
//!
//! The desks (tenants, teams, inboxes, agents) are made once, through the command
//! line and the admin API, and each repetition starts on a copy of that database.
//! Visitors are new every time.

mod api;
mod desks;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};

pub use self::api::Api;
use super::{Cast, Started, Subject};
use crate::dialect::deskbell::Deskbell as Dialect;
use crate::error::{Outcome, missing};
use crate::postgres::Database;
use crate::process::{self, Server};

const REQUESTS_AT_ONCE: usize = 16;

/// The limits that guard a server against one address: the generator is one.
const LIMITS: [(&str, &str); 6] = [
    ("DESKBELL_LIMITS_REQUESTS_PER_SECOND", "1000000"),
    ("DESKBELL_LIMITS_REQUEST_BURST", "1000000"),
    ("DESKBELL_LIMITS_LOGINS_PER_MINUTE", "1000000"),
    ("DESKBELL_LIMITS_VISITOR_FRAMES_PER_SECOND", "1000000"),
    ("DESKBELL_LIMITS_VISITOR_FRAME_BURST", "1000000"),
    ("DESKBELL_LOG_LEVEL", "error"),
];

#[derive(Debug, Clone, PartialEq)]
pub enum Engine {
    Sqlite,
    /// The address of a database server.
    Postgres(String),
}

pub struct Deskbell {
    pub program: PathBuf,
    pub engine: Engine,
    /// Added to the time of every sync, on SQLite.
    pub sync_delay: Duration,
    /// Install the router plugin on every desk.
    pub router_plugin: bool,
    desks: Mutex<Vec<(Cast, Arc<OnceCell<Desks>>)>>,
}

/// A database with desks and nobody on the line.
struct Desks {
    folder: TempDir,
    database: Option<Database>,
}

impl Deskbell {
    pub fn new(program: &Path, engine: Engine) -> Self {
        Self {
            program: program.to_owned(),
            engine,
            sync_delay: Duration::ZERO,
            router_plugin: false,
            desks: Mutex::default(),
        }
    }

    /// `deskbell serve` or, where the disk is to be slow, this program as one.
    pub fn command(&self, folder: &Path, database: Option<&Database>) -> Outcome<Command> {
        let mut command = if self.sync_delay.is_zero() {
            let mut command = process::command(&self.program);
            command.arg("serve");
            command
        } else {
            let mut command = process::command(std::env::current_exe()?);
            let delay = self.sync_delay.as_millis().to_string();
            command.args(["serve-slow-disk", "--sync-delay-ms", &delay]);
            command
        };
        configure(&mut command, folder, database);
        Ok(command)
    }

    async fn desks(&self, cast: &Cast) -> Outcome<Arc<OnceCell<Desks>>> {
        // Agents cost a password hash each; visitors are not part of it.
        let key = Cast {
            visitors: 0,
            ..*cast
        };
        let cell = {
            let mut all = self.desks.lock().await;
            let there = all.iter().find(|(of, _)| *of == key);
            let cell = there.map(|(_, cell)| cell.clone()).unwrap_or_default();
            if all.iter().all(|(of, _)| *of != key) {
                all.push((key, cell.clone()));
            }
            cell
        };
        cell.get_or_try_init(|| self.make_desks(&key)).await?;
        Ok(cell)
    }

    async fn make_desks(&self, cast: &Cast) -> Outcome<Desks> {
        let folder = TempDir::with_prefix("deskbell-bench-")?;
        let database = match &self.engine {
            Engine::Sqlite => None,
            Engine::Postgres(admin) => Some(Database::create(admin, "bench_desks", None).await?),
        };
        for tenant in 0..cast.tenants {
            let mut command = process::command(&self.program);
            configure(&mut command, folder.path(), database.as_ref());
            desks::create_tenant(command, tenant).await?;
        }
        let mut command = process::command(&self.program);
        command.arg("serve");
        configure(&mut command, folder.path(), database.as_ref());
        let server = Server::start(command).await?;
        let api = Api::new(&server)?;
        for tenant in 0..cast.tenants {
            desks::furnish(&api, tenant, cast.agents, self.router_plugin).await?;
        }
        server.stop().await?;
        Ok(Desks { folder, database })
    }

    /// A server on a copy of the desks.
    async fn serve(&self, cast: &Cast) -> Outcome<(Server, TempDir, Option<Database>)> {
        let cell = self.desks(cast).await?;
        let desks = missing(cell.get(), "the desks")?;
        let folder = TempDir::with_prefix("deskbell-bench-")?;
        for entry in std::fs::read_dir(desks.folder.path())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
            }
        }
        let database = match (&self.engine, &desks.database) {
            (Engine::Postgres(admin), Some(desks)) => {
                Some(Database::create(admin, "bench_deskbell", Some(desks)).await?)
            }
            _ => None,
        };
        let server = Server::start(self.command(folder.path(), database.as_ref())?).await?;
        Ok((server, folder, database))
    }
}

fn configure(command: &mut Command, folder: &Path, database: Option<&Database>) {
    command
        .env("DESKBELL_LISTEN", "127.0.0.1:0")
        .env("DESKBELL_DATA_DIR", folder)
        .envs(LIMITS);
    if let Some(database) = database {
        command.env("DESKBELL_DATABASE_URL", &database.url);
    }
}

#[async_trait]
impl Subject for Deskbell {
    fn name(&self) -> String {
        let engine = match self.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        };
        let delay = self.sync_delay.as_millis();
        match (delay, self.router_plugin) {
            (0, false) => format!("Deskbell on {engine}"),
            (0, true) => format!("Deskbell on {engine}, router plugin"),
            _ => format!("Deskbell on {engine}, sync + {delay} ms"),
        }
    }

    fn configuration(&self) -> String {
        let database = match self.engine {
            Engine::Sqlite => "SQLite as it comes (WAL, synchronous=FULL)",
            Engine::Postgres(_) => "PostgreSQL, pool as it comes (8 readers, 12 writers)",
        };
        format!("defaults but for the limits per address and the log level; {database}")
    }

    async fn start(&self, cast: &Cast) -> Outcome<Started> {
        let (server, folder, database) = self.serve(cast).await?;
        let api = Api::new(&server)?;
        let agents = stream::iter(everybody(cast.tenants, cast.agents))
            .map(|(tenant, n)| api.agent(tenant, n))
            .buffered(REQUESTS_AT_ONCE)
            .try_collect()
            .await?;
        let visitors = stream::iter(everybody(cast.tenants, cast.visitors))
            .map(|(tenant, _)| api.visitor(tenant))
            .buffered(REQUESTS_AT_ONCE)
            .try_collect()
            .await?;
        Ok(Started {
            server,
            dialect: Arc::new(Dialect),
            visitors,
            agents,
            database,
            folder: Some(folder),
        })
    }
}

/// (tenant, number) of so many in each tenant.
fn everybody(tenants: usize, each: usize) -> Vec<(usize, usize)> {
    let all = (0..tenants).flat_map(|tenant| (0..each).map(move |n| (tenant, n)));
    all.collect()
}
