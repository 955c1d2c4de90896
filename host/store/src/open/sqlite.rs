//! An SQLite file: its settings, and the checks before we trust it.
//!
//! WAL with `synchronous=FULL`: a commit is one sync of the log, and survives a
//! power cut. One connection writes, so nothing but another process can make it
//! wait; readers never do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{OpenError, line};
use crate::open::StoreOptions;

/// The first release without the race that corrupts a WAL.
const LEAST: &str = "3.51.3";

#[derive(Debug, Clone)]
pub(crate) struct File {
    path: PathBuf,
    busy_timeout: Duration,
    max_pages: Arc<AtomicU32>,
}

impl File {
    /// Makes the file if it is missing, and checks library and file.
    pub(super) async fn prepare(path: PathBuf, options: &StoreOptions) -> Result<Self, OpenError> {
        let file = Self {
            path,
            busy_timeout: options.busy_timeout,
            max_pages: Arc::clone(&options.faults.max_pages),
        };
        if let Some(folder) = file
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|e| file.refuse(folder, &line(&e)))?;
        }
        let refuse = |error: sqlx::Error| file.refuse(&file.path, &line(&error));
        let mut connection = file.writing().connect().await.map_err(refuse)?;
        let version: String = sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(&mut connection)
            .await
            .map_err(refuse)?;
        if !at_least(&version, LEAST) {
            return Err(OpenError::OldSqlite {
                found: version,
                least: LEAST,
            });
        }
        // Taking the write lock finds a read-only file or a full disk now.
        sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK")
            .execute(&mut connection)
            .await
            .map_err(refuse)?;
        connection.close().await.map_err(refuse)?;
        Ok(file)
    }

    fn refuse(&self, path: &Path, reason: &str) -> OpenError {
        OpenError::Folder {
            path: path.display().to_string(),
            reason: reason.to_owned(),
        }
    }

    fn basic(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .foreign_keys(true)
            .busy_timeout(self.busy_timeout)
            .disable_statement_logging()
    }

    fn writing(&self) -> SqliteConnectOptions {
        self.basic()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // A batch's pages must fit, or they are written out twice.
            .pragma("cache_size", "-16384")
            .thread_name(|_| "store-writer".to_owned())
    }

    /// A pool of exactly one, which is lent out for a transaction at a time.
    pub(crate) fn one_connection(&self) -> DatabaseConnection {
        let mut options = self.writing();
        let pages = self.max_pages.load(Ordering::Relaxed);
        if pages > 0 {
            options = options.pragma("max_page_count", pages.to_string());
        }
        lasting(SqlitePoolOptions::new().max_connections(1))
            .acquire_timeout(self.busy_timeout + Duration::from_secs(1))
            .connect_lazy_with(options)
            .into()
    }

    pub(super) fn readers(&self, count: u32, wait: Duration) -> DatabaseConnection {
        let options = self
            .basic()
            .pragma("query_only", "ON")
            .thread_name(|n| format!("store-reader-{n}"));
        let pool: SqlitePool = lasting(SqlitePoolOptions::new().max_connections(count))
            .acquire_timeout(wait)
            .connect_lazy_with(options);
        pool.into()
    }
}

/// Connections to a local file do not go stale: no pings, no lifetimes.
fn lasting(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options
        .test_before_acquire(false)
        .max_lifetime(None)
        .idle_timeout(None)
}

fn at_least(found: &str, least: &str) -> bool {
    let parts = |text: &str| -> Vec<u32> {
        text.split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect()
    };
    parts(found) >= parts(least)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(at_least("3.51.3", "3.51.3"));
        assert!(at_least("3.100.0", "3.51.3"));
        assert!(!at_least("3.51.2", "3.51.3"));
        assert!(!at_least("3.9.9", "3.51.3"));
    }
}
