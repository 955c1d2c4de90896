//! Writing conversations, many in one statement.
//!
//! `UPDATE … FROM` a JSON array plans badly on SQLite, so it is an upsert on both
//! engines; for a conversation that exists, the insert's half never happens. Most
//! writes (a message, a receipt) move only counters: those leave the indexed
//! columns and foreign keys alone, which is half the work.

use deskbell_domain::{Conversation, TenantId};

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, attributes};
use crate::together::Piece;

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
const COUNTERS: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
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
    ("first_response_at", Column::Int),
    ("version", Column::Int),
]);

/// The columns that a row must have to be inserted at all. Where it exists (and
/// it does: it was loaded and is held) nothing is inserted, so these fillers are
/// never seen.
const FILLERS: &str = "inbox_id, contact_id, visitor_id, status, priority, attributes, created_at";

/// A conversation to be written, and as it was when it was loaded.
pub(crate) struct Written<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) before: &'a Conversation,
    pub(crate) after: &'a Conversation,
}

/// Each of them, in at most two statements. Both touch different conversations.
pub(crate) fn writing(engine: Engine, written: &[Written<'_>]) -> Result<Vec<Piece>, StoreError> {
    let (mut counted, mut whole): (Vec<_>, Vec<_>) =
        written.iter().partition(|written| written.only_counters());
    // A slot must be free before another conversation takes it.
    whole.sort_by_key(|written| (written.after.status.is_open(), written.after.id));
    counted.sort_by_key(|written| written.after.id);
    let pieces = [
        upsert(engine, &SHAPE, &whole)?,
        upsert(engine, &COUNTERS, &counted)?,
    ];
    Ok(pieces.into_iter().flatten().collect())
}

fn upsert(
    engine: Engine,
    shape: &Shape,
    written: &[&Written<'_>],
) -> Result<Option<Piece>, StoreError> {
    if written.is_empty() {
        return Ok(None);
    }
    let (names, source) = (shape.names(), shape.source(engine, 1));
    let counters = shape.0.len() == COUNTERS.0.len();
    let (more, fillers) = match counters {
        true => (format!(", {FILLERS}"), ", id, id, id, '', '', '', 0"),
        false => (String::new(), ""),
    };
    let set: Vec<String> = shape
        .0
        .iter()
        .filter(|(name, _)| !FIXED.contains(name))
        .map(|(name, _)| format!("{name} = excluded.{name}"))
        .collect();
    let sql = format!(
        "INSERT INTO conversations ({names}{more}) SELECT {names}{fillers} FROM {source} \
         WHERE true ON CONFLICT (tenant_id, id) DO UPDATE SET {}",
        set.join(", ")
    );
    let row = |w: &&Written<'_>| match counters {
        true => Ok(counter_row(key_row(w.tenant, w.after), w.after).finish()),
        false => whole_row(w.tenant, w.after),
    };
    let rows: Vec<String> = written.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Some(Piece::new(sql, &rows)))
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
    let row = whole_row(tenant, conversation)?;
    Ok(Piece::new(sql, [&row]).run(link).await? == 1)
}

fn key_row(tenant: TenantId, c: &Conversation) -> Row {
    Row::new().uuid("tenant_id", tenant.0).uuid("id", c.id.0)
}

fn counter_row(row: Row, c: &Conversation) -> Row {
    row.int("last_seq", c.last_seq)
        .int("public_seq", c.public_seq)
        .int("visitor_read_seq", c.visitor_read_seq)
        .int("visitor_delivered_seq", c.visitor_delivered_seq)
        .int("desk_read_seq", c.desk_read_seq)
        .int("desk_delivered_seq", c.desk_delivered_seq)
        .int("unread_count", c.unread_count)
        .int("visitor_unread_count", c.visitor_unread_count)
        .time("last_message_at", c.last_message_at)
        .text("last_message", c.last_message.as_deref())
        .time("first_response_at", c.first_response_at)
        .int("version", c.version)
}

fn whole_row(tenant: TenantId, c: &Conversation) -> Result<String, StoreError> {
    let rating = c.rating.as_ref();
    let row = counter_row(key_row(tenant, c), c)
        .uuid("inbox_id", c.inbox_id.0)
        .uuid("contact_id", c.contact.id.0)
        .uuid("visitor_id", c.visitor_id.0)
        .uuid("team_id", c.team_id.map(|id| id.0))
        .uuid("assignee_id", c.assignee.as_ref().map(|agent| agent.id.0))
        .text("status", c.status.as_str())
        .text("priority", c.priority.as_str())
        .text("subject", c.subject.as_deref())
        .text("category", c.category.as_deref())
        .text("attributes", attributes(&c.attributes)?.as_str())
        .uuid("previous_id", c.previous_id.map(|id| id.0))
        .int("rating", rating.map(|rating| rating.score))
        .text(
            "rating_comment",
            rating.and_then(|rating| rating.comment.as_deref()),
        )
        .time("rated_at", rating.map(|rating| rating.rated_at))
        .text("reason", c.reason.as_deref())
        .int("open_slot", c.status.is_open().then_some(1))
        .time("created_at", c.created_at)
        .time("queued_at", c.queued_at)
        .time("started_at", c.started_at)
        .time("resolved_at", c.resolved_at)
        .time("closed_at", c.closed_at)
        .time("missed_at", c.missed_at);
    Ok(row.finish())
}
