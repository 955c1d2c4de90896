//! Writing the messages of a batch in one statement.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{AgentId, InstallationId, Message, Sender, TenantId, VisitorId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, attributes};
use crate::together::Piece;

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("conversation_id", Column::Uuid),
    ("seq", Column::Int),
    ("sender_kind", Column::Text),
    ("sender_id", Column::Uuid),
    ("sender_name", Column::Text),
    ("client_msg_id", Column::Text),
    ("kind", Column::Text),
    ("text", Column::Text),
    ("private", Column::Bool),
    ("attributes", Column::Text),
    ("created_at", Column::Int),
]);

/// The sender as the columns have it.
pub(crate) fn sender_key(sender: &Sender) -> Result<(ActorKind, Option<Uuid>), StoreError> {
    let Some(text) = &sender.id else {
        return Ok((sender.kind, None));
    };
    let id = match sender.kind {
        ActorKind::Visitor => text.parse::<VisitorId>().ok().map(|id| id.0),
        ActorKind::Agent => text.parse::<AgentId>().ok().map(|id| id.0),
        ActorKind::Bot | ActorKind::Plugin => text.parse::<InstallationId>().ok().map(|id| id.0),
        ActorKind::System => Uuid::try_parse(text).ok(),
    };
    match id {
        Some(id) => Ok((sender.kind, Some(id))),
        None => Err(StoreError::Corrupt(format!("a sender's id: {text:?}"))),
    }
}

pub(crate) fn writing(
    engine: Engine,
    messages: &[(TenantId, &Message)],
) -> Result<Option<Piece>, StoreError> {
    if messages.is_empty() {
        return Ok(None);
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(engine, 1));
    let sql = format!("INSERT INTO messages ({names}) SELECT {names} FROM {source}");
    let rows: Vec<String> = messages
        .iter()
        .map(|(tenant, m)| row(*tenant, m))
        .collect::<Result<_, _>>()?;
    Ok(Some(Piece::new(sql, &rows)))
}

fn row(tenant: TenantId, m: &Message) -> Result<String, StoreError> {
    let (sender_kind, sender_id) = sender_key(&m.sender)?;
    let row = Row::new()
        .uuid("tenant_id", tenant.0)
        .uuid("id", m.id.0)
        .uuid("conversation_id", m.conversation_id.0)
        .int("seq", m.seq)
        .text("sender_kind", sender_kind.as_str())
        .uuid("sender_id", sender_id)
        .text("sender_name", m.sender.name.as_deref())
        .text("client_msg_id", m.client_msg_id.as_deref())
        .text("kind", m.kind.as_str())
        .text("text", m.text.as_str())
        .bool("private", m.private)
        .text("attributes", attributes(&m.attributes)?.as_str())
        .time("created_at", m.created_at);
    Ok(row.finish())
}
