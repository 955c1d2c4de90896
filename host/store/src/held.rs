//! Held messages: sealed, without a number, until a filter has seen them.
//!
//! What is in the clear here is what finds a row again: the conversation, the
//! sender and the sender's own key. The words are sealed by the app.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{ConversationId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::word;
use crate::tx::{TenantTable, Tx, insert_unless};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    pub id: Uuid,
    pub conversation: ConversationId,
    pub sender_kind: ActorKind,
    pub sender_id: Uuid,
    pub client_msg_id: String,
    pub sealed: Vec<u8>,
    /// How often filters were asked again.
    pub tries: i64,
    pub created_at: Timestamp,
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "held_messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub conversation_id: Uuid,
        pub sender_kind: String,
        pub sender_id: Uuid,
        pub client_msg_id: String,
        pub sealed: Vec<u8>,
        pub tries: i64,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Result<HeldMessage, StoreError> {
    Ok(HeldMessage {
        id: row.id,
        conversation: ConversationId(row.conversation_id),
        sender_kind: word(ActorKind::parse, &row.sender_kind)?,
        sender_id: row.sender_id,
        client_msg_id: row.client_msg_id,
        sealed: row.sealed,
        tries: row.tries,
        created_at: Timestamp(row.created_at),
    })
}

impl Tx {
    /// The oldest first.
    pub async fn held_messages(&self, of: ConversationId) -> Result<Vec<HeldMessage>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::ConversationId.eq(of.0))
            .order_by_asc(row::Column::CreatedAt)
            .order_by_asc(row::Column::Id);
        let rows = select.all(self.link()).await?;
        rows.into_iter().map(entity).collect()
    }

    /// False, and nothing written: this sender's key is held already.
    pub async fn hold_message(&self, one: &HeldMessage) -> Result<bool, StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            id: one.id,
            conversation_id: one.conversation.0,
            sender_kind: one.sender_kind.as_str().to_owned(),
            sender_id: one.sender_id,
            client_msg_id: one.client_msg_id.clone(),
            sealed: one.sealed.clone(),
            tries: one.tries,
            created_at: one.created_at.0,
        };
        let taken = [
            row::Column::TenantId,
            row::Column::SenderKind,
            row::Column::SenderId,
            row::Column::ClientMsgId,
        ];
        insert_unless(self, row, taken).await
    }

    pub async fn held_message_tried(&self, id: Uuid, tries: i64) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::Tries, sea_orm::sea_query::Expr::value(tries))
            .filter(row::Column::Id.eq(id));
        update.exec(self.link()).await?;
        Ok(())
    }

    /// True if it was still there.
    pub async fn delete_held_message(&self, id: Uuid) -> Result<bool, StoreError> {
        let delete = self.delete::<row::Entity>().filter(row::Column::Id.eq(id));
        Ok(delete.exec(self.link()).await?.rows_affected == 1)
    }
}
