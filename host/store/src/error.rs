//! What can go wrong between us and the database, and whose fault it is.
//!
//! The line that matters is between the engine (full disk, broken file, lost
//! connection: nothing in the transaction can be trusted) and a statement of
//! ours that the engine refused (the others in the batch are fine).

use std::fmt::Write as _;

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// A write or read that did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot do it now; nothing was written. Worth a retry.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Two transactions were in each other's way. Repeated before it is told.
    #[error("the database asks for a repeat: {0}")]
    Conflict(String),
    /// A row that does not say what it should.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// A statement the engine refused: a bug of ours, or a race that was left
    /// to a constraint.
    #[error("a statement was refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// The engine itself failed: no neighbour in the transaction is safe.
    #[must_use]
    pub fn is_engine(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    pub(crate) fn closed() -> Self {
        Self::Unavailable("the store is closed".to_owned())
    }
}

/// Why the store does not open: one line that names the setting.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenError {
    #[error("database_url: {0}")]
    Url(String),
    #[error("database_url: cannot use {server}: {reason}")]
    Server { server: String, reason: String },
    #[error("data_dir: cannot use {path}: {reason}")]
    Folder { path: String, reason: String },
    #[error("the SQLite library is {found}; {least} is the first without the WAL race")]
    OldSqlite { found: String, least: &'static str },
    #[error("database_url: the schema cannot be brought up to date: {0}")]
    Migration(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => classify(inner),
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(line(&error)),
            DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => {
                Self::Corrupt(line(&error))
            }
            _ => Self::Refused(line(&error)),
        }
    }
}

impl From<SqlxError> for StoreError {
    fn from(error: SqlxError) -> Self {
        classify(&error)
    }
}

fn classify(error: &SqlxError) -> StoreError {
    match error {
        SqlxError::Database(inner) => {
            let code = inner.code().unwrap_or_default();
            let text = line(error);
            if inner
                .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                .is_some()
            {
                return classify_sqlite(&code, text);
            }
            classify_postgres(&code, text)
        }
        SqlxError::ColumnDecode { .. }
        | SqlxError::Decode(_)
        | SqlxError::ColumnNotFound(_)
        | SqlxError::ColumnIndexOutOfBounds { .. } => StoreError::Corrupt(line(error)),
        SqlxError::RowNotFound | SqlxError::Encode(_) => StoreError::Refused(line(error)),
        _ => StoreError::Unavailable(line(error)),
    }
}

/// The primary code is the low byte. 1 ERROR, 18 TOOBIG, 19 CONSTRAINT, 20
/// MISMATCH, 21 MISUSE and 25 RANGE concern one statement; every other one (FULL,
/// IOERR, NOMEM, BUSY, INTERRUPT, CORRUPT, …) may have ended the transaction.
fn classify_sqlite(code: &str, text: String) -> StoreError {
    match code.parse::<i64>().map(|code| code & 0xff) {
        Ok(1 | 18 | 19 | 20 | 21 | 25) => StoreError::Refused(text),
        _ => StoreError::Unavailable(text),
    }
}

/// By class: 40 serialization and deadlock, 08 connection, 53 resources (disk
/// full), 57 operator (shutdown, statement timeout), 58 system, XX internal; by
/// code: 25P03 idle in transaction, 55P03 lock timeout. A unique violation
/// (23505) is a race that somebody else won: a repeat sees their row.
fn classify_postgres(code: &str, text: String) -> StoreError {
    match code.get(..2) {
        Some("40") => StoreError::Conflict(text),
        _ if code == "23505" => StoreError::Conflict(text),
        Some("08" | "53" | "57" | "58" | "XX") => StoreError::Unavailable(text),
        _ if matches!(code, "25P03" | "55P03") => StoreError::Unavailable(text),
        _ => StoreError::Refused(text),
    }
}

/// An error and its causes in one line, each said once.
pub(crate) fn line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            let _ = write!(text, ": {more}");
        }
        cause = inner.source();
    }
    text.replace(['\n', '\r'], " ")
}
