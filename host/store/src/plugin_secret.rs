//! Secrets of installations, sealed before they come here: what lies in the
//! database opens with no key that lies in the database.

use deskbell_domain::{InstallationId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_secrets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub installation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub sealed: Vec<u8>,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

/// One secret as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    pub name: String,
    pub sealed: Vec<u8>,
    pub updated_at: Timestamp,
}

impl Tx {
    /// By name.
    pub async fn plugin_secrets(
        &self,
        id: InstallationId,
    ) -> Result<Vec<SealedSecret>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .order_by_asc(row::Column::Name);
        let rows = select.all(self.link()).await?;
        let secrets = rows.into_iter().map(|row| SealedSecret {
            name: row.name,
            sealed: row.sealed,
            updated_at: Timestamp(row.updated_at),
        });
        Ok(secrets.collect())
    }

    /// In place of an earlier one.
    pub async fn put_plugin_secret(
        &self,
        id: InstallationId,
        secret: &SealedSecret,
    ) -> Result<(), StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            installation_id: id.0,
            name: secret.name.clone(),
            sealed: secret.sealed.clone(),
            updated_at: secret.updated_at.0,
        };
        let taken = [
            row::Column::TenantId,
            row::Column::InstallationId,
            row::Column::Name,
        ];
        if insert_unless(self, row.clone(), taken).await? {
            return Ok(());
        }
        let update = self
            .update::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .filter(row::Column::Name.eq(row.name.as_str()))
            .set(all_set(row));
        update.exec(self.link()).await?;
        Ok(())
    }

    /// False: there was none.
    pub async fn delete_plugin_secret(
        &self,
        id: InstallationId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .filter(row::Column::Name.eq(name));
        Ok(delete.exec(self.link()).await?.rows_affected > 0)
    }

    pub(crate) async fn delete_plugin_secrets(&self, id: InstallationId) -> Result<(), StoreError> {
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0));
        delete.exec(self.link()).await?;
        Ok(())
    }
}
