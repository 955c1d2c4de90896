//! Writing conversations, many in one statement.
//!
//! `UPDATE … FROM` a JSON array plans badly on SQLite, so it is an upsert on both
//! engines; for a conversation that exists, the insert's half never happens. Most
//! writes (a message, a receipt) move only counters: those leave the indexed
//! columns and foreign keys alone, which is half the work.

use deskbell_domain::{Conversation, TenantId};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::link::Link;
use crate::rows::{Column, Shape, attributes, hex, hex_or_null, millis, pack};

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("inbox_id", Column::Uuid),
    ("contact_id", Column::Uuid),
    ("visitor_id", Column::Uuid),
    ("team_id", Column::Uuid),
    ("assignee_id", Column::Uuid),
    ("status", Column::Text),
    ("priority", Column::Text),
    ("subject", Column::Text),
    ("category", Column::Text),
    ("attributes", Column::Text),
    ("last_seq", Column::Int),
    ("public_seq", Column::Int),
    ("visitor_read_seq", Column::Int),
    ("visitor_delivered_seq", Column::Int),
    ("desk_read_seq", Column::Int),
    ("desk_delivered_seq", Column::Int),
    ("unread_count", Column::Int),
    ("visitor_unread_count", Column::Int),
    ("last_message_at", Column::Int),
    ("last_message", Column::Text),
    ("previous_id", Column::Uuid),
    ("rating", Column::Small),
    ("rating_comment", Column::Text),
    ("rated_at", Column::Int),
    ("reason", Column::Text),
    ("open_slot", Column::Small),
    ("created_at", Column::Int),
    ("queued_at", Column::Int),
    ("started_at", Column::Int),
    ("first_response_at", Column::Int),
    ("resolved_at", Column::Int),
    ("closed_at", Column::Int),
    ("missed_at", Column::Int),
    ("version", Column::Int),
]);

/// Never change after the first write.
const FIXED: [&str; 7] = [
    "tenant_id",
    "id",
    "inbox_id",
    "contact_id",
    "visitor_id",
    "previous_id",
    "created_at",
];

/// What a message or a receipt moves.
const COUNTERS: [&str; 12] = [
    "last_seq",
    "public_seq",
    "visitor_read_seq",
    "visitor_delivered_seq",
    "desk_read_seq",
    "desk_delivered_seq",
    "unread_count",
    "visitor_unread_count",
    "last_message_at",
    "last_message",
    "first_response_at",
    "version",
];

/// A conversation to be written, and as it was when it was loaded.
pub(crate) struct Written<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) before: &'a Conversation,
    pub(crate) after: &'a Conversation,
}

/// Writes each of them, with at most two statements.
pub(crate) async fn write(link: &Link, written: &[Written<'_>]) -> Result<(), StoreError> {
    let (mut counted, mut whole): (Vec<_>, Vec<_>) =
        written.iter().partition(|written| written.only_counters());
    // A slot must be free before another conversation takes it.
    whole.sort_by_key(|written| (written.after.status.is_open(), written.after.id));
    counted.sort_by_key(|written| written.after.id);
    let names: Vec<&str> = SHAPE
        .0
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !FIXED.contains(name))
        .collect();
    upsert(link, &whole, &names).await?;
    upsert(link, &counted, &COUNTERS).await
}

async fn upsert(link: &Link, written: &[&Written<'_>], set: &[&str]) -> Result<(), StoreError> {
    if written.is_empty() {
        return Ok(());
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(link.engine, 1));
    let set: Vec<String> = set
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let sql = format!(
        "INSERT INTO conversations ({names}) SELECT {names} FROM {source} WHERE true \
         ON CONFLICT (tenant_id, id) DO UPDATE SET {}",
        set.join(", ")
    );
    let rows = written
        .iter()
        .map(|w| row(w.tenant, w.after))
        .collect::<Result<_, _>>()?;
    link.run(&sql, vec![pack(rows)]).await?;
    Ok(())
}

impl Written<'_> {
    fn only_counters(&self) -> bool {
        let after = self.after;
        let mut same = self.before.clone();
        same.last_seq = after.last_seq;
        same.public_seq = after.public_seq;
        same.visitor_read_seq = after.visitor_read_seq;
        same.visitor_delivered_seq = after.visitor_delivered_seq;
        same.desk_read_seq = after.desk_read_seq;
        same.desk_delivered_seq = after.desk_delivered_seq;
        same.unread_count = after.unread_count;
        same.visitor_unread_count = after.visitor_unread_count;
        same.last_message_at = after.last_message_at;
        same.last_message.clone_from(&after.last_message);
        same.first_response_at = after.first_response_at;
        same.version = after.version;
        same == *after
    }
}

/// Writes a new one. False: its slot is taken.
pub(crate) async fn insert(
    link: &Link,
    tenant: TenantId,
    conversation: &Conversation,
) -> Result<bool, StoreError> {
    let (names, source) = (SHAPE.names(), SHAPE.source(link.engine, 1));
    let sql = format!(
        "INSERT INTO conversations ({names}) SELECT {names} FROM {source} WHERE true \
         ON CONFLICT (tenant_id, inbox_id, contact_id, open_slot) DO NOTHING"
    );
    Ok(link
        .run(&sql, vec![pack(vec![row(tenant, conversation)?])])
        .await?
        == 1)
}

fn row(tenant: TenantId, c: &Conversation) -> Result<Value, StoreError> {
    Ok(json!({
        "tenant_id": hex(tenant.0),
        "id": hex(c.id.0),
        "inbox_id": hex(c.inbox_id.0),
        "contact_id": hex(c.contact.id.0),
        "visitor_id": hex(c.visitor_id.0),
        "team_id": hex_or_null(c.team_id.map(|id| id.0)),
        "assignee_id": hex_or_null(c.assignee.as_ref().map(|agent| agent.id.0)),
        "status": c.status.as_str(),
        "priority": c.priority.as_str(),
        "subject": c.subject,
        "category": c.category,
        "attributes": attributes(&c.attributes)?,
        "last_seq": c.last_seq,
        "public_seq": c.public_seq,
        "visitor_read_seq": c.visitor_read_seq,
        "visitor_delivered_seq": c.visitor_delivered_seq,
        "desk_read_seq": c.desk_read_seq,
        "desk_delivered_seq": c.desk_delivered_seq,
        "unread_count": c.unread_count,
        "visitor_unread_count": c.visitor_unread_count,
        "last_message_at": millis(c.last_message_at),
        "last_message": c.last_message,
        "previous_id": hex_or_null(c.previous_id.map(|id| id.0)),
        "rating": c.rating.as_ref().map(|rating| rating.score),
        "rating_comment": c.rating.as_ref().and_then(|rating| rating.comment.clone()),
        "rated_at": millis(c.rating.as_ref().map(|rating| rating.rated_at)),
        "reason": c.reason,
        "open_slot": c.status.is_open().then_some(1),
        "created_at": c.created_at.0,
        "queued_at": millis(c.queued_at),
        "started_at": millis(c.started_at),
        "first_response_at": millis(c.first_response_at),
        "resolved_at": millis(c.resolved_at),
        "closed_at": millis(c.closed_at),
        "missed_at": millis(c.missed_at),
        "version": c.version,
    }))
}
