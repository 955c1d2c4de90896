//! Writing the messages of a batch in one statement.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{AgentId, Message, Sender, TenantId, VisitorId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::rows::{Column, Shape, attributes, hex, hex_or_null, pack};

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
        ActorKind::Bot | ActorKind::System | ActorKind::Plugin => Uuid::try_parse(text).ok(),
    };
    match id {
        Some(id) => Ok((sender.kind, Some(id))),
        None => Err(StoreError::Corrupt(format!("a sender's id: {text:?}"))),
    }
}

pub(crate) async fn write(
    link: &Link,
    messages: &[(TenantId, &Message)],
) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(link.engine, 1));
    let sql = format!("INSERT INTO messages ({names}) SELECT {names} FROM {source}");
    let rows = messages
        .iter()
        .map(|(tenant, m)| row(*tenant, m))
        .collect::<Result<_, _>>()?;
    link.run(&sql, vec![pack(rows)]).await?;
    Ok(())
}

fn row(tenant: TenantId, m: &Message) -> Result<Value, StoreError> {
    let (sender_kind, sender_id) = sender_key(&m.sender)?;
    Ok(json!({
        "tenant_id": hex(tenant.0),
        "id": hex(m.id.0),
        "conversation_id": hex(m.conversation_id.0),
        "seq": m.seq,
        "sender_kind": sender_kind.as_str(),
        "sender_id": hex_or_null(sender_id),
        "sender_name": m.sender.name,
        "client_msg_id": m.client_msg_id,
        "kind": m.kind.as_str(),
        "text": m.text,
        "private": m.private,
        "attributes": attributes(&m.attributes)?,
        "created_at": m.created_at.0,
    }))
}
