//! A PostgreSQL server: its settings, and the checks before we trust it.
//!
//! What the feed reader rests on (see `feed/holes.rs`) is checked here: the
//! primary, not a standby; commits that wait for the disk; positions without a
//! cache; no transaction that idles for long.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{OpenError, line};

pub(super) struct Server {
    options: PgConnectOptions,
}

impl Server {
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|e| OpenError::Url(line(&e)))?
            .application_name("deskbell")
            .disable_statement_logging();
        Ok(Self { options })
    }

    /// Connects once, so that a start says what is wrong with which server.
    pub(super) async fn check(url: &str, wait: Duration) -> Result<Self, OpenError> {
        let server = Self::parse(url)?;
        let mut connection = server.connect(wait).await?;
        let found: Result<(bool, String, bool), _> = sqlx::query_as(
            "SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), \
             EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('feed'))",
        )
        .fetch_one(&mut connection)
        .await;
        let (standby, synchronous, migrated) = found.map_err(|e| server.refuse(line(&e)))?;
        connection
            .close()
            .await
            .map_err(|e| server.refuse(line(&e)))?;
        if standby {
            return Err(server.refuse("it is a standby; name the primary".to_owned()));
        }
        if synchronous == "off" {
            let text = "synchronous_commit is off, so acknowledged messages could be lost";
            return Err(server.refuse(text.to_owned()));
        }
        if migrated {
            server.check_feed().await?;
        }
        Ok(server)
    }

    /// Positions must be handed out one by one, by the server alone.
    pub(super) async fn check_feed(&self) -> Result<(), OpenError> {
        let mut connection = self.connect(Duration::from_secs(5)).await?;
        let found: Result<(i64, bool), _> = sqlx::query_as(
            "SELECT s.seqcache, a.attidentity = 'a' FROM pg_attribute a, pg_sequence s \
             WHERE a.attrelid = 'feed'::regclass AND a.attname = 'position' \
             AND s.seqrelid = pg_get_serial_sequence('feed', 'position')::regclass",
        )
        .fetch_one(&mut connection)
        .await;
        let (cache, always) = found.map_err(|e| self.refuse(line(&e)))?;
        if cache != 1 || !always {
            let text = "feed.position must be GENERATED ALWAYS AS IDENTITY with CACHE 1";
            return Err(self.refuse(text.to_owned()));
        }
        Ok(())
    }

    async fn connect(&self, wait: Duration) -> Result<PgConnection, OpenError> {
        match tokio::time::timeout(wait, self.options.connect()).await {
            Ok(connected) => connected.map_err(|e| self.refuse(line(&e))),
            Err(_) => Err(self.refuse(format!("no answer within {} s", wait.as_secs()))),
        }
    }

    /// Names the server without its password.
    fn refuse(&self, reason: String) -> OpenError {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        let database = self.options.get_database().unwrap_or("(none)");
        OpenError::Server {
            server: format!("{host}:{port}/{database}"),
            reason,
        }
    }

    fn timed(&self, statement_timeout: &str) -> PgConnectOptions {
        self.options.clone().options([
            ("idle_in_transaction_session_timeout", "2s"),
            ("lock_timeout", "5s"),
            ("statement_timeout", statement_timeout),
        ])
    }

    pub(super) fn writers(&self, count: u32, wait: Duration) -> DatabaseConnection {
        pool(count, wait)
            .connect_lazy_with(self.timed("15s"))
            .into()
    }

    /// One snapshot a transaction, and no writing: set for the whole session,
    /// which saves two round trips a read.
    pub(super) fn readers(&self, count: u32, wait: Duration) -> DatabaseConnection {
        let options = self.timed("15s").options([
            ("default_transaction_isolation", "repeatable read"),
            ("default_transaction_read_only", "on"),
        ]);
        pool(count, wait).connect_lazy_with(options).into()
    }

    pub(super) fn one_connection(&self, wait: Duration) -> DatabaseConnection {
        pool(1, wait).connect_lazy_with(self.options.clone()).into()
    }

    /// The feed reader's own connection. `generation` counts how often it was
    /// made anew: what the reader noted on an older one is void.
    pub(super) fn feed_pool(&self, wait: Duration, generation: Arc<AtomicU64>) -> PgPool {
        pool(1, wait)
            .after_connect(move |_, _| {
                generation.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(()) })
            })
            .connect_lazy_with(self.timed("5s"))
    }
}

/// A connection that was used a moment ago is taken as it is: asking it first
/// would cost every transaction a round trip.
fn pool(count: u32, wait: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(count)
        .acquire_timeout(wait)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, seen| {
            Box::pin(async move {
                if seen.idle_for > Duration::from_secs(1) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
