//! The feed: every event that was committed, in one order, for whoever follows.
//!
//! Events are written by the transaction that caused them, as its last statement.
//! A position tells the order; an (epoch, position) pair is a `Cursor`. On SQLite
//! positions appear in order, as one connection writes. On PostgreSQL a late
//! commit can show a lower position after a higher one: `feed/reader.rs` and
//! `feed/holes.rs` wait for it. `feed/history.rs` reads what is already delivered
//! again, and drops what is too old.

mod cursor;
mod history;
mod holes;
mod reader;
mod recent;

pub use cursor::{BadCursor, Cursor, Epoch};
pub use reader::FeedReader;
pub(crate) use recent::Recent;

use std::sync::Arc;

use deskbell_domain::{Event, TenantId};
use sea_orm::{ExecResult, QueryResult};
use serde_json::{Map, Value};

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, get, json, to_json};
use crate::together::{self, Piece};

/// One committed event, as it is in the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRow {
    pub position: i64,
    pub tenant: TenantId,
    /// With its audience.
    pub event: Arc<Event>,
}

impl FeedRow {
    fn of(row: &QueryResult) -> Result<Self, StoreError> {
        let (audience, payload): (String, String) = (get(row, "audience")?, get(row, "payload")?);
        let tenant = TenantId(get(row, "tenant_id")?);
        Self::parse(get(row, "position")?, tenant, &audience, &payload)
    }

    fn parse(
        position: i64,
        tenant: TenantId,
        audience: &str,
        payload: &str,
    ) -> Result<Self, StoreError> {
        let mut event: Event = json(payload)?;
        event.audience = json(audience)?;
        event.depth = depth(audience)?;
        Ok(Self {
            position,
            tenant,
            event: Arc::new(event),
        })
    }
}

const DEPTH: &str = "depth";

/// What is kept of an event and never sent: its audience, and how deep it lies.
fn beside(event: &Event) -> Result<String, StoreError> {
    let audience = to_json(&event.audience)?;
    if event.depth == 0 {
        return Ok(audience);
    }
    let mut all: Map<String, Value> = json(&audience)?;
    all.insert(DEPTH.to_owned(), event.depth.into());
    to_json(&all)
}

fn depth(beside: &str) -> Result<u8, StoreError> {
    // Nearly none has it.
    if !beside.contains(DEPTH) {
        return Ok(0);
    }
    let all: Map<String, Value> = json(beside)?;
    let depth = all.get(DEPTH).and_then(Value::as_u64).unwrap_or(0);
    Ok(u8::try_from(depth).unwrap_or(u8::MAX))
}

const COLUMNS: &str = "position, tenant_id, audience, payload";

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("event_id", Column::Uuid),
    ("type", Column::Text),
    ("conversation_id", Column::Uuid),
    ("audience", Column::Text),
    ("payload", Column::Text),
    ("occurred_at", Column::Int),
]);

/// An event on its way into the feed, and the row it will be.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    event: Arc<Event>,
    row: String,
}

impl NewEvent {
    pub(crate) fn of(event: Event) -> Result<Self, StoreError> {
        let row = Row::new()
            .uuid("tenant_id", event.tenant_id.0)
            .uuid("event_id", event.id.0)
            .text("type", event.body.name())
            .uuid("conversation_id", event.conversation_id.map(|id| id.0))
            .text("audience", beside(&event)?.as_str())
            .text("payload", to_json(&event)?.as_str())
            .time("occurred_at", event.occurred_at);
        Ok(Self {
            row: row.finish(),
            event: Arc::new(event),
        })
    }
}

/// Writes the events of a transaction, in order. Must be its last statement, or
/// part of it: on PostgreSQL it takes the lock that tells readers somebody is
/// still at it. Answers as `end` does.
pub(crate) async fn append(link: &Link, events: &[NewEvent]) -> Result<Option<i64>, StoreError> {
    let pieces = appending(link.engine, events).into_iter().collect();
    Ok(end(link.engine, together::run(link, pieces).await?))
}

pub(crate) fn appending(engine: Engine, events: &[NewEvent]) -> Option<Piece> {
    if events.is_empty() {
        return None;
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(engine, 1));
    let sql = format!("INSERT INTO feed ({names}) SELECT {names} FROM {source}");
    Some(Piece::new(sql, events.iter().map(|event| &event.row)))
}

/// The position of the last row, where the engine tells.
pub(crate) fn end(engine: Engine, appended: Option<ExecResult>) -> Option<i64> {
    match engine {
        Engine::Sqlite => i64::try_from(appended?.last_insert_id()).ok(),
        Engine::Postgres => None,
    }
}
