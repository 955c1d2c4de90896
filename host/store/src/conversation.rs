//! Conversations: rows, what is read with them, and the lists of them.
//!
//! A conversation names its contact and its assignee, so every read joins those
//! two. Writing is the same statement for a new one and for a changed one; it
//! lives in `conversation/write.rs`, as merged units use it for whole batches.

mod list;
mod write;

pub use list::ConversationFilter;
pub(crate) use write::{Written, insert, writing};

use deskbell_domain::conversation::Rating;
use deskbell_domain::{
    AgentId, AgentRef, ContactId, ContactRef, Conversation, ConversationId, InboxId, Priority,
    Status, TeamId, Timestamp, VisitorId,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, JoinType, QueryFilter, QueryResult, QuerySelect,
    QueryTrait, RelationTrait, Select,
};

use crate::error::StoreError;
use crate::rows::{get, json, word};
use crate::tx::{TenantTable, Tx};
use crate::{agent, contact};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "conversations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub inbox_id: Uuid,
        pub contact_id: Uuid,
        pub visitor_id: Uuid,
        pub team_id: Option<Uuid>,
        pub assignee_id: Option<Uuid>,
        pub status: String,
        pub priority: String,
        pub subject: Option<String>,
        pub category: Option<String>,
        pub attributes: String,
        pub last_seq: i64,
        pub public_seq: i64,
        pub visitor_read_seq: i64,
        pub visitor_delivered_seq: i64,
        pub desk_read_seq: i64,
        pub desk_delivered_seq: i64,
        pub unread_count: i64,
        pub visitor_unread_count: i64,
        pub last_message_at: Option<i64>,
        pub last_message: Option<String>,
        pub previous_id: Option<Uuid>,
        pub rating: Option<i16>,
        pub rating_comment: Option<String>,
        pub rated_at: Option<i64>,
        pub reason: Option<String>,
        pub open_slot: Option<i16>,
        pub created_at: i64,
        pub queued_at: Option<i64>,
        pub started_at: Option<i64>,
        pub first_response_at: Option<i64>,
        pub resolved_at: Option<i64>,
        pub closed_at: Option<i64>,
        pub archived_at: Option<i64>,
        pub missed_at: Option<i64>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::contact::row::Entity",
            from = "(Column::TenantId, Column::ContactId)",
            to = "(crate::contact::row::Column::TenantId, crate::contact::row::Column::Id)"
        )]
        Contact,
        #[sea_orm(
            belongs_to = "crate::agent::row::Entity",
            from = "(Column::TenantId, Column::AssigneeId)",
            to = "(crate::agent::row::Column::TenantId, crate::agent::row::Column::Id)"
        )]
        Assignee,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

/// A row with the columns that `joined`, or the merged load, put beside it.
pub(crate) fn of(result: &QueryResult) -> Result<Conversation, StoreError> {
    let row = row::Model::from_query_result(result, "")?;
    let assignee = match row.assignee_id {
        Some(id) => Some(AgentRef {
            id: AgentId(id),
            // Empty: it changed while we waited for the row (see `merged/load.rs`).
            name: get::<Option<String>>(result, "assignee_name")?.unwrap_or_default(),
        }),
        None => None,
    };
    let contact = ContactRef {
        id: ContactId(row.contact_id),
        name: get(result, "contact_name")?,
        email: get(result, "contact_email")?,
        verified: get(result, "contact_verified")?,
        vip: get(result, "contact_vip")?,
    };
    entity(row, contact, assignee)
}

fn entity(
    row: row::Model,
    contact: ContactRef,
    assignee: Option<AgentRef>,
) -> Result<Conversation, StoreError> {
    let rating = match (row.rating, row.rated_at) {
        (Some(score), Some(at)) => Some(Rating {
            score: i64::from(score),
            comment: row.rating_comment,
            rated_at: Timestamp(at),
        }),
        _ => None,
    };
    Ok(Conversation {
        id: ConversationId(row.id),
        inbox_id: InboxId(row.inbox_id),
        contact,
        visitor_id: VisitorId(row.visitor_id),
        team_id: row.team_id.map(TeamId),
        assignee,
        status: word(Status::parse, &row.status)?,
        priority: word(Priority::parse, &row.priority)?,
        subject: row.subject,
        category: row.category,
        attributes: json(&row.attributes)?,
        last_seq: row.last_seq,
        public_seq: row.public_seq,
        visitor_delivered_seq: row.visitor_delivered_seq,
        visitor_read_seq: row.visitor_read_seq,
        desk_delivered_seq: row.desk_delivered_seq,
        desk_read_seq: row.desk_read_seq,
        unread_count: row.unread_count,
        visitor_unread_count: row.visitor_unread_count,
        last_message: row.last_message,
        last_message_at: row.last_message_at.map(Timestamp),
        previous_id: row.previous_id.map(ConversationId),
        rating,
        reason: row.reason,
        created_at: Timestamp(row.created_at),
        queued_at: row.queued_at.map(Timestamp),
        started_at: row.started_at.map(Timestamp),
        first_response_at: row.first_response_at.map(Timestamp),
        resolved_at: row.resolved_at.map(Timestamp),
        closed_at: row.closed_at.map(Timestamp),
        missed_at: row.missed_at.map(Timestamp),
        version: row.version,
    })
}

/// Adds what `of` needs beside the row.
fn joined(select: Select<row::Entity>) -> Select<row::Entity> {
    select
        .join(JoinType::InnerJoin, row::Relation::Contact.def())
        .join(JoinType::LeftJoin, row::Relation::Assignee.def())
        .column_as(contact::row::Column::Name, "contact_name")
        .column_as(contact::row::Column::Email, "contact_email")
        .column_as(contact::row::Column::Verified, "contact_verified")
        .column_as(contact::row::Column::Vip, "contact_vip")
        .column_as(agent::row::Column::Name, "assignee_name")
}

impl Tx {
    async fn conversations_of(
        &self,
        select: Select<row::Entity>,
    ) -> Result<Vec<Conversation>, StoreError> {
        let statement = joined(select).build(self.link().get_database_backend());
        self.link()
            .query_all_raw(statement)
            .await?
            .iter()
            .map(of)
            .collect()
    }

    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        Ok(self.conversations_of(select).await?.pop())
    }
}
