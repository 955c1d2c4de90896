//! Visitors: the browsers of contacts, known by a secret only they keep.

use deskbell_domain::visitor::Whereabouts;
use deskbell_domain::{ContactId, InboxId, Timestamp, Visitor, VisitorId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::StoreError;
use crate::rows::{json, to_json};
use crate::tx::{TenantTable, Tx};

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
        pub page: Option<String>,
        pub locale: Option<String>,
        pub time_zone: Option<String>,
        pub screen: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Result<Visitor, StoreError> {
    let whereabouts = Whereabouts {
        page: row.page.as_deref().map(json).transpose()?,
        locale: row.locale,
        time_zone: row.time_zone,
        screen: row.screen,
    };
    Ok(Visitor {
        id: VisitorId(row.id),
        contact_id: ContactId(row.contact_id),
        inbox_id: InboxId(row.inbox_id),
        whereabouts,
        created_at: Timestamp(row.created_at),
        last_seen_at: Timestamp(row.last_seen_at),
    })
}

impl Tx {
    pub async fn visitor(&self, id: VisitorId) -> Result<Option<Visitor>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        select.one(self.link()).await?.map(entity).transpose()
    }

    pub async fn visitor_by_secret(&self, hash: &[u8]) -> Result<Option<Visitor>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::SecretHash.eq(hash));
        select.one(self.link()).await?.map(entity).transpose()
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
            page: visitor.whereabouts.page.as_ref().map(to_json).transpose()?,
            locale: visitor.whereabouts.locale.clone(),
            time_zone: visitor.whereabouts.time_zone.clone(),
            screen: visitor.whereabouts.screen.clone(),
        };
        row::Entity::insert(row.into_active_model())
            .exec_without_returning(self.link())
            .await?;
        Ok(())
    }

    /// Still there.
    pub async fn touch_visitor(&self, id: VisitorId, now: Timestamp) -> Result<(), StoreError> {
        let seen = row::ActiveModel {
            last_seen_at: Set(now.0),
            ..Default::default()
        };
        self.set_visitor(id, seen).await
    }

    /// Here again, perhaps elsewhere.
    pub async fn move_visitor(
        &self,
        id: VisitorId,
        whereabouts: Whereabouts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let page = whereabouts.page.as_ref().map(to_json).transpose()?;
        let moved = row::ActiveModel {
            last_seen_at: Set(now.0),
            page: Set(page),
            locale: Set(whereabouts.locale),
            time_zone: Set(whereabouts.time_zone),
            screen: Set(whereabouts.screen),
            ..Default::default()
        };
        self.set_visitor(id, moved).await
    }

    async fn set_visitor(&self, id: VisitorId, row: row::ActiveModel) -> Result<(), StoreError> {
        let update = self.update::<row::Entity>().set(row);
        update
            .filter(row::Column::Id.eq(id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}
