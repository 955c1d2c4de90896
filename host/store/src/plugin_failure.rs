//! Failures of plugins: one row for each installation, hook and kind of failure,
//! counted up, so that one that fails for ever fills nothing.

use deskbell_domain::plugin::{Hook, PluginFailure};
use deskbell_domain::{ConversationId, InstallationId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::rows::word;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub installation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub hook: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub detail: String,
        pub conversation_id: Option<Uuid>,
        pub count: i64,
        pub first_at: i64,
        pub last_at: i64,
        pub told_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Result<PluginFailure, StoreError> {
    Ok(PluginFailure {
        installation_id: InstallationId(row.installation_id),
        hook: word(Hook::parse, &row.hook)?,
        code: row.code,
        detail: row.detail,
        conversation_id: row.conversation_id.map(ConversationId),
        count: row.count,
        first_at: Timestamp(row.first_at),
        last_at: Timestamp(row.last_at),
    })
}

impl Tx {
    /// The latest first.
    pub async fn plugin_failures(
        &self,
        id: InstallationId,
    ) -> Result<Vec<PluginFailure>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .order_by_desc(row::Column::LastAt)
            .order_by_asc(row::Column::Hook)
            .order_by_asc(row::Column::Code);
        let rows = select.all(self.link()).await?;
        rows.into_iter().map(entity).collect()
    }

    /// Adds to what is known of this kind. Answers the row as it is then, and when
    /// the desk was last told of it (none: never).
    pub async fn add_plugin_failure(
        &self,
        new: &PluginFailure,
    ) -> Result<(PluginFailure, Option<Timestamp>), StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            installation_id: new.installation_id.0,
            hook: new.hook.as_str().to_owned(),
            code: new.code.clone(),
            detail: new.detail.clone(),
            conversation_id: new.conversation_id.map(|id| id.0),
            count: new.count,
            first_at: new.first_at.0,
            last_at: new.last_at.0,
            told_at: new.last_at.0,
        };
        let taken = [
            row::Column::TenantId,
            row::Column::InstallationId,
            row::Column::Hook,
            row::Column::Code,
        ];
        if insert_unless(self, row.clone(), taken).await? {
            return Ok((new.clone(), None));
        }
        let there = self
            .find::<row::Entity>()
            .filter(row::Column::InstallationId.eq(row.installation_id))
            .filter(row::Column::Hook.eq(row.hook.as_str()))
            .filter(row::Column::Code.eq(row.code.as_str()));
        let Some(before) = there.one(self.link()).await? else {
            return Err(StoreError::Corrupt(
                "a failure that is not there".to_owned(),
            ));
        };
        let told = Timestamp(before.told_at);
        let after = row::Model {
            count: before.count.saturating_add(row.count),
            first_at: before.first_at,
            last_at: row.last_at.max(before.last_at),
            told_at: before.told_at,
            ..row
        };
        self.put_failure(after.clone()).await?;
        Ok((entity(after)?, Some(told)))
    }

    /// The desk was told of it at this time.
    pub async fn told_of_failure(
        &self,
        failure: &PluginFailure,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::ToldAt, sea_orm::sea_query::Expr::val(at.0))
            .filter(row::Column::InstallationId.eq(failure.installation_id.0))
            .filter(row::Column::Hook.eq(failure.hook.as_str()))
            .filter(row::Column::Code.eq(failure.code.as_str()));
        update.exec(self.link()).await?;
        Ok(())
    }

    async fn put_failure(&self, row: row::Model) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .filter(row::Column::InstallationId.eq(row.installation_id))
            .filter(row::Column::Hook.eq(row.hook.as_str()))
            .filter(row::Column::Code.eq(row.code.as_str()))
            .set(all_set(row));
        update.exec(self.link()).await?;
        Ok(())
    }

    pub(crate) async fn delete_plugin_failures(
        &self,
        id: InstallationId,
    ) -> Result<(), StoreError> {
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0));
        delete.exec(self.link()).await?;
        Ok(())
    }
}
