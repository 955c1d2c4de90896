//! Statements whose answers nobody needs, sent as one.
//!
//! Each statement costs a way to the engine and back: to SQLite's thread, or over
//! the wire. What a batch writes needs no answer in between, so it goes as one
//! text: on SQLite statement after statement, on PostgreSQL as parts of one
//! `WITH`, which run in no order and do not see each other. So no two pieces may
//! touch the same row.

use std::fmt::Write as _;

use sea_orm::{ExecResult, Value};

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::pack;

/// One statement with one parameter, which it calls `$1`: rows, packed.
pub(crate) struct Piece {
    sql: String,
    rows: Value,
}

impl Piece {
    pub(crate) fn new<'a>(sql: String, rows: impl IntoIterator<Item = &'a String>) -> Self {
        Self {
            sql,
            rows: pack(rows),
        }
    }

    /// Alone. How many rows it touched.
    pub(crate) async fn run(self, link: &Link) -> Result<u64, StoreError> {
        link.run(&self.sql, vec![self.rows]).await
    }
}

/// All of them or none. The answer is the last one's; none if there is nothing
/// to do.
pub(crate) async fn run(link: &Link, pieces: Vec<Piece>) -> Result<Option<ExecResult>, StoreError> {
    if pieces.is_empty() {
        return Ok(None);
    }
    let last = pieces.len() - 1;
    let mut sql = String::with_capacity(pieces.iter().map(|piece| piece.sql.len() + 24).sum());
    let mut values = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.into_iter().enumerate() {
        let text = piece.sql.replace("$1", &format!("${}", at + 1));
        // Writing to a string cannot fail.
        let _ = match link.engine {
            Engine::Sqlite if at == 0 => write!(sql, "{text}"),
            Engine::Sqlite => write!(sql, "; {text}"),
            Engine::Postgres if at == last => write!(sql, " {text}"),
            Engine::Postgres if at == 0 => write!(sql, "WITH w0 AS ({text})"),
            Engine::Postgres => write!(sql, ", w{at} AS ({text})"),
        };
        values.push(piece.rows);
    }
    link.execute(&sql, values).await.map(Some)
}
