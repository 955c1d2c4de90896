//! Routing decisions: kept to answer "why did this go to her?".

use deskbell_domain::routing::RoutingDecision;
use deskbell_domain::{ConversationId, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, json, to_json};
use crate::together::Piece;
use crate::tx::{TenantTable, Tx};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "routing_decisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub conversation_id: Uuid,
        pub decided_at: i64,
        pub payload: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("conversation_id", Column::Uuid),
    ("decided_at", Column::Int),
    ("payload", Column::Text),
]);

pub(crate) fn writing(
    engine: Engine,
    decisions: &[(TenantId, &RoutingDecision)],
) -> Result<Option<Piece>, StoreError> {
    if decisions.is_empty() {
        return Ok(None);
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(engine, 1));
    let sql = format!("INSERT INTO routing_decisions ({names}) SELECT {names} FROM {source}");
    let rows: Vec<String> = decisions
        .iter()
        .map(|(tenant, decision)| {
            let row = Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("id", decision.id.0)
                .uuid("conversation_id", decision.conversation_id.0)
                .time("decided_at", decision.decided_at)
                .text("payload", to_json(decision)?.as_str());
            Ok(row.finish())
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Some(Piece::new(sql, &rows)))
}

impl Tx {
    /// The latest first.
    pub async fn decisions(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<RoutingDecision>, StoreError> {
        let rows = self
            .find::<row::Entity>()
            .filter(row::Column::ConversationId.eq(conversation.0))
            .order_by_desc(row::Column::DecidedAt)
            .order_by_desc(row::Column::Id)
            .all(self.link())
            .await?;
        rows.into_iter().map(|row| json(&row.payload)).collect()
    }
}
