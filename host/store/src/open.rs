//! Opening the database: what is asked for, what is checked, what comes back.
//!
//! `open/sqlite.rs` and `open/postgres.rs` know the engines' settings and refuse
//! to start on a database that cannot keep our promises. Migrating is a step of
//! its own, so that `deskbell migrate` and `serve` are free to differ.

mod postgres;
pub(crate) mod sqlite;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deskbell_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::counters::Counters;
use crate::error::{OpenError, StoreError, line};
use crate::feed::{Epoch, Recent};
use crate::link::{Link, LinkKind};
use crate::writer::{PoolSize, Writer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// Bugs a test can plant, to show that its check would find them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Writers answer before the commit.
    pub ack_before_commit: bool,
    /// The tenant is left out of every entity query.
    pub forget_tenant: bool,
    /// The feed reader trusts positions and does not wait for holes.
    pub ignore_holes: bool,
    /// Set to n, the nth statement of a write from then on fails as a broken
    /// disk would make it fail.
    pub fail_statement: Arc<AtomicI64>,
    /// SQLite: a writing connection made from then on finds the disk full beyond
    /// this many pages. 0: no limit.
    pub max_pages: Arc<AtomicU32>,
    /// SQLite: every commit takes this much longer, as on a slower disk. The
    /// benches show by it what group commit is worth.
    pub sync_delay: Duration,
}

/// A disk that takes this long makes an early answer show; on a quick one a test
/// would have to be lucky.
const SLOW_DISK: Duration = Duration::from_millis(5);

impl Faults {
    /// After an answer that came too early.
    pub(crate) async fn slow_disk(&self) {
        tokio::time::sleep(SLOW_DISK).await;
    }

    pub(crate) async fn slow_sync(&self) {
        if !self.sync_delay.is_zero() {
            tokio::time::sleep(self.sync_delay).await;
        }
    }

    pub(crate) fn statement_fails(&self) -> bool {
        self.fail_statement.load(Ordering::Relaxed) > 0
            && self.fail_statement.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite:<path>` (the rest is a path as it stands) or `postgres://…`.
    pub url: String,
    /// Reading connections.
    pub readers: u32,
    /// Writing connections on PostgreSQL. SQLite has exactly one.
    pub writers: u32,
    /// Tasks that merge hot commands on PostgreSQL.
    pub lanes: usize,
    /// The most writes that share one commit.
    pub batch: usize,
    /// How long a write waits for another process that holds the file.
    pub busy_timeout: Duration,
    /// How long to wait for a connection before answering unavailable.
    pub connect_timeout: Duration,
    pub faults: Faults,
}

impl StoreOptions {
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 8,
            writers: 12,
            lanes: 4,
            batch: 512,
            busy_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            faults: Faults::default(),
        }
    }

    fn location(&self) -> Result<Location, OpenError> {
        if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            return Ok(Location::Postgres(self.url.clone()));
        }
        match self.url.strip_prefix("sqlite:") {
            Some(rest) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path == ":memory:" {
                    return Err(OpenError::Url(
                        "sqlite: needs the path of a file".to_owned(),
                    ));
                }
                Ok(Location::Sqlite(PathBuf::from(path)))
            }
            None => Err(OpenError::Url(
                "must begin with sqlite: or postgres://".to_owned(),
            )),
        }
    }
}

/// How long closing waits for those who still read.
const CLOSING: Duration = Duration::from_secs(5);

enum Location {
    Sqlite(PathBuf),
    Postgres(String),
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: StoreOptions,
    pub(crate) reading: LinkKind,
    pub(crate) readers: DatabaseConnection,
    /// As many as there are readers, so that a crowd waits for its turn and not
    /// for the pool's time-out.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) writer: Writer,
    pub(crate) epoch: OnceLock<Epoch>,
    pub(crate) recent: Arc<Recent>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("engine", &self.engine())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Connects and checks; changes nothing but an SQLite file that is missing.
    pub async fn open(options: StoreOptions) -> Result<Self, OpenError> {
        let counters = Arc::new(Counters::default());
        let kind = |engine, writing| LinkKind {
            engine,
            faults: options.faults.clone(),
            counters: Arc::clone(&counters),
            writing,
        };
        let recent = Arc::new(Recent::default());
        let (engine, readers, writer) = match options.location()? {
            Location::Sqlite(path) => {
                let file = sqlite::File::prepare(path, &options).await?;
                let readers = file.readers(options.readers, options.connect_timeout);
                let kind = kind(Engine::Sqlite, true);
                (
                    Engine::Sqlite,
                    readers,
                    Writer::sqlite(kind, file, recent.clone(), options.batch),
                )
            }
            Location::Postgres(url) => {
                let server = postgres::Server::check(&url, options.connect_timeout).await?;
                let readers = server.readers(options.readers, options.connect_timeout);
                let pool = server.writers(options.writers, options.connect_timeout);
                let kind = kind(Engine::Postgres, true);
                let size = PoolSize {
                    connections: options.writers as usize,
                    lanes: options.lanes,
                };
                let writer = Writer::postgres(kind, pool, size, options.batch);
                (Engine::Postgres, readers, writer)
            }
        };
        let reading = kind(engine, false);
        let epoch = OnceLock::new();
        let places = Arc::new(Semaphore::new(options.readers as usize));
        let store = Self {
            inner: Arc::new(Inner {
                options,
                reading,
                readers,
                places,
                writer,
                epoch,
                recent,
            }),
        };
        // Before the first migration there is none to learn.
        if let Err(error) = store.learn_epoch().await {
            tracing::debug!(%error, "the feed has no name yet");
        }
        Ok(store)
    }

    /// Brings the schema to this version of the program.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        self.run_migrations().await?;
        self.learn_epoch()
            .await
            .map_err(|e| OpenError::Migration(line(&e)))
    }

    async fn run_migrations(&self) -> Result<(), OpenError> {
        let failed = |e: sea_orm::DbErr| OpenError::Migration(line(&e));
        match self.inner.options.location()? {
            Location::Sqlite(path) => {
                let file = sqlite::File::prepare(path, &self.inner.options).await?;
                let database = file.one_connection();
                let done = Migrator::up(&database, None).await.map_err(failed);
                database.close().await.map_err(failed)?;
                done
            }
            Location::Postgres(url) => {
                let wait = self.inner.options.connect_timeout;
                let server = postgres::Server::check(&url, wait).await?;
                let database = server.one_connection(wait);
                // Two nodes that start together migrate one after the other. The
                // lock goes with the connection.
                database
                    .execute_unprepared("SELECT pg_advisory_lock(4402010)")
                    .await
                    .map_err(failed)?;
                let done = Migrator::up(&database, None).await.map_err(failed);
                database.close().await.map_err(failed)?;
                done?;
                server.check_feed().await
            }
        }
    }

    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.reading.engine
    }

    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.inner.reading.counters
    }

    /// Finishes the writes that were handed in, then lets go of the database.
    /// Writes after it answer unavailable. Does not wait for ever for somebody
    /// who holds on to a snapshot.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        let closing = self.inner.readers.close_by_ref();
        match tokio::time::timeout(CLOSING, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "closing the database"),
            Err(_) => tracing::warn!("a reading transaction is still open"),
        }
    }

    /// A reading transaction: one snapshot.
    pub(crate) async fn read_link(&self) -> Result<Arc<Link>, StoreError> {
        let place = self.place().await?;
        let transaction = self.inner.readers.begin().await?;
        Ok(Arc::new(self.inner.reading.link(transaction, Some(place))))
    }

    /// One reading statement, which needs no transaction.
    pub(crate) async fn read_rows(
        &self,
        sql: &str,
        values: Vec<sea_orm::Value>,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let _place = self.place().await?;
        self.inner.reading.counters.statement(false);
        let statement = Statement::from_sql_and_values(self.engine().backend(), sql, values);
        Ok(self.inner.readers.query_all_raw(statement).await?)
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let place = Arc::clone(&self.inner.places).acquire_owned().await;
        place.map_err(|_| StoreError::closed())
    }

    /// A connection of its own for the feed reader, on PostgreSQL.
    pub(crate) fn feed_pool(
        &self,
        generation: Arc<std::sync::atomic::AtomicU64>,
    ) -> Result<sqlx::PgPool, StoreError> {
        postgres::Server::parse(&self.inner.options.url)
            .map(|server| server.feed_pool(self.inner.options.connect_timeout, generation))
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}
