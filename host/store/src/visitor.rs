//! Visitors: the browsers of contacts, known by a secret only they keep.

use deskbell_domain::{ContactId, InboxId, Timestamp, VisitorId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::StoreError;
use crate::tx::{TenantTable, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    pub id: VisitorId,
    pub contact_id: ContactId,
    pub inbox_id: InboxId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visitors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub contact_id: Uuid,
        pub inbox_id: Uuid,
        pub secret_hash: Vec<u8>,
        pub created_at: i64,
        pub last_seen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Visitor {
    Visitor {
        id: VisitorId(row.id),
        contact_id: ContactId(row.contact_id),
        inbox_id: InboxId(row.inbox_id),
        created_at: Timestamp(row.created_at),
        last_seen_at: Timestamp(row.last_seen_at),
    }
}

impl Tx {
    pub async fn visitor(&self, id: VisitorId) -> Result<Option<Visitor>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        Ok(select.one(self.link()).await?.map(entity))
    }

    pub async fn visitor_by_secret(&self, hash: &[u8]) -> Result<Option<Visitor>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::SecretHash.eq(hash));
        Ok(select.one(self.link()).await?.map(entity))
    }

    pub async fn insert_visitor(
        &self,
        visitor: &Visitor,
        secret_hash: &[u8],
    ) -> Result<(), StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            id: visitor.id.0,
            contact_id: visitor.contact_id.0,
            inbox_id: visitor.inbox_id.0,
            secret_hash: secret_hash.to_vec(),
            created_at: visitor.created_at.0,
            last_seen_at: visitor.last_seen_at.0,
        };
        row::Entity::insert(row.into_active_model())
            .exec_without_returning(self.link())
            .await?;
        Ok(())
    }

    pub async fn touch_visitor(&self, id: VisitorId, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::LastSeenAt, Expr::val(now.0));
        update
            .filter(row::Column::Id.eq(id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}
