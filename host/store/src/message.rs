//! Messages: written in batches, read in pages by their number.
//!
//! A sender's `client_msg_id` is unique, so a repeated send finds the first.

mod write;

pub(crate) use write::{sender_key, writing};

use deskbell_domain::actor::ActorKind;
use deskbell_domain::message::MessageKind;
use deskbell_domain::{
    AgentId, ConversationId, InstallationId, Message, MessageAck, MessageId, Sender, Timestamp,
    VisitorId,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{json, word};
use crate::tx::{TenantTable, Tx};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub conversation_id: Uuid,
        pub seq: i64,
        pub sender_kind: String,
        pub sender_id: Option<Uuid>,
        pub sender_name: Option<String>,
        pub client_msg_id: Option<String>,
        pub kind: String,
        pub text: String,
        pub private: bool,
        pub attributes: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

/// Which part of a conversation's messages; without any number, the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageRange {
    pub before_seq: Option<i64>,
    pub after_seq: Option<i64>,
    pub around_seq: Option<i64>,
    pub limit: u64,
    /// Notes too.
    pub with_private: bool,
}

fn entity(row: row::Model) -> Result<Message, StoreError> {
    let kind = word(ActorKind::parse, &row.sender_kind)?;
    Ok(Message {
        id: MessageId(row.id),
        conversation_id: ConversationId(row.conversation_id),
        seq: row.seq,
        kind: word(MessageKind::parse, &row.kind)?,
        sender: Sender {
            kind,
            id: row.sender_id.map(|id| sender_id(kind, id)),
            name: row.sender_name,
        },
        client_msg_id: row.client_msg_id,
        text: row.text,
        private: row.private,
        attributes: json(&row.attributes)?,
        created_at: Timestamp(row.created_at),
    })
}

/// The text form of a sender's id, by what the sender is.
fn sender_id(kind: ActorKind, id: Uuid) -> String {
    match kind {
        ActorKind::Visitor => VisitorId(id).to_string(),
        ActorKind::Agent => AgentId(id).to_string(),
        ActorKind::Bot | ActorKind::Plugin => InstallationId(id).to_string(),
        ActorKind::System => id.simple().to_string(),
    }
}

impl Tx {
    /// A page of a conversation, in the order of `seq`.
    pub async fn messages(
        &self,
        conversation: ConversationId,
        range: MessageRange,
    ) -> Result<Vec<Message>, StoreError> {
        let limit = range.limit;
        let mut all = self
            .find::<row::Entity>()
            .filter(row::Column::ConversationId.eq(conversation.0));
        if !range.with_private {
            all = all.filter(row::Column::Private.eq(false));
        }
        let from = |seq: i64| all.clone().filter(row::Column::Seq.gte(seq));
        let up_to = |seq: i64| all.clone().filter(row::Column::Seq.lt(seq));
        if let Some(seq) = range.around_seq {
            let mut found = self.backwards(up_to(seq), limit / 2).await?;
            let rest = limit.saturating_sub(found.len() as u64);
            found.extend(self.forwards(from(seq), rest).await?);
            return Ok(found);
        }
        if let Some(seq) = range.after_seq {
            return self.forwards(from(seq.saturating_add(1)), limit).await;
        }
        match range.before_seq {
            Some(seq) => self.backwards(up_to(seq), limit).await,
            None => self.backwards(all, limit).await,
        }
    }

    async fn forwards(
        &self,
        select: Select<row::Entity>,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = select
            .order_by_asc(row::Column::Seq)
            .limit(limit)
            .all(self.link())
            .await?;
        rows.into_iter().map(entity).collect()
    }

    async fn backwards(
        &self,
        select: Select<row::Entity>,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = select
            .order_by_desc(row::Column::Seq)
            .limit(limit)
            .all(self.link())
            .await?;
        rows.into_iter().rev().map(entity).collect()
    }

    pub async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        select.one(self.link()).await?.map(entity).transpose()
    }

    /// What this sender's `client_msg_id` was answered with, if it was used.
    pub async fn sent_before(
        &self,
        sender_kind: ActorKind,
        sender_id: Uuid,
        client_msg_id: &str,
    ) -> Result<Option<MessageAck>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::SenderKind.eq(sender_kind.as_str()))
            .filter(row::Column::SenderId.eq(sender_id))
            .filter(row::Column::ClientMsgId.eq(client_msg_id));
        let found = select.one(self.link()).await?.map(entity).transpose()?;
        Ok(found.map(|message| message.ack()))
    }
}
