//! Canned responses, found by id or by the shortcut an agent types.

use deskbell_domain::canned::CannedResponse;
use deskbell_domain::{CannedResponseId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "canned_responses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shortcut: String,
        pub title: String,
        pub text: String,
        pub enabled: bool,
        pub used_count: i64,
        pub last_used_at: Option<i64>,
        pub created_at: i64,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> CannedResponse {
    CannedResponse {
        id: CannedResponseId(row.id),
        shortcut: row.shortcut,
        title: row.title,
        text: row.text,
        enabled: row.enabled,
        used_count: row.used_count,
        last_used_at: row.last_used_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
        version: row.version,
    }
}

impl Tx {
    fn canned_row(&self, canned: &CannedResponse) -> row::Model {
        row::Model {
            tenant_id: self.tenant().0,
            id: canned.id.0,
            shortcut: canned.shortcut.clone(),
            title: canned.title.clone(),
            text: canned.text.clone(),
            enabled: canned.enabled,
            used_count: canned.used_count,
            last_used_at: canned.last_used_at.map(|at| at.0),
            created_at: canned.created_at.0,
            version: canned.version,
        }
    }

    pub async fn canned_response(
        &self,
        id: CannedResponseId,
    ) -> Result<Option<CannedResponse>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        Ok(select.one(self.link()).await?.map(entity))
    }

    pub async fn canned_by_shortcut(
        &self,
        shortcut: &str,
    ) -> Result<Option<CannedResponse>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::Shortcut.eq(shortcut));
        Ok(select.one(self.link()).await?.map(entity))
    }

    /// All of the tenant's, by shortcut.
    pub async fn canned_responses(&self) -> Result<Vec<CannedResponse>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .order_by_asc(row::Column::Shortcut);
        Ok(select
            .all(self.link())
            .await?
            .into_iter()
            .map(entity)
            .collect())
    }

    /// False, and nothing written: the shortcut is taken.
    pub async fn insert_canned_response(
        &self,
        canned: &CannedResponse,
    ) -> Result<bool, StoreError> {
        let taken = [row::Column::TenantId, row::Column::Shortcut];
        insert_unless(self, self.canned_row(canned), taken).await
    }

    /// False, and nothing written: the shortcut is another one's.
    pub async fn save_canned_response(&self, canned: &CannedResponse) -> Result<bool, StoreError> {
        let holder = self.canned_by_shortcut(&canned.shortcut).await?;
        if holder.is_some_and(|holder| holder.id != canned.id) {
            return Ok(false);
        }
        let update = self
            .update::<row::Entity>()
            .set(all_set(self.canned_row(canned)));
        update
            .filter(row::Column::Id.eq(canned.id.0))
            .exec(self.link())
            .await?;
        Ok(true)
    }

    /// False if there is none.
    pub async fn delete_canned_response(&self, id: CannedResponseId) -> Result<bool, StoreError> {
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::Id.eq(id.0));
        Ok(delete.exec(self.link()).await?.rows_affected == 1)
    }

    /// One more use, and so a new version: clients are told of it like of any
    /// other change.
    pub async fn count_use(&self, id: CannedResponseId, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(
                row::Column::UsedCount,
                Expr::col(row::Column::UsedCount).add(1),
            )
            .col_expr(row::Column::LastUsedAt, Expr::val(now.0))
            .col_expr(row::Column::Version, Expr::col(row::Column::Version).add(1));
        update
            .filter(row::Column::Id.eq(id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}
