//! Installations: a plugin's version at work in a tenant, with grants and
//! configuration. What is shown of the plugin itself comes from its own rows.

use deskbell_domain::plugin::{Installation, OnFailure};
use deskbell_domain::{InstallationId, PluginId, TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::StoreError;
use crate::rows::{get, json, to_json, word};
use crate::system::SystemTx;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "installations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub plugin_id: Uuid,
        pub plugin_version: String,
        pub enabled: bool,
        pub hooks: String,
        pub capabilities: String,
        pub config: String,
        pub position: i64,
        pub on_failure: String,
        pub created_at: i64,
        pub version: i64,
        pub previous: Option<String>,
        pub limits: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

impl Tx {
    fn installation_row(&self, one: &Installation) -> Result<row::Model, StoreError> {
        Ok(row::Model {
            tenant_id: self.tenant().0,
            id: one.id.0,
            plugin_id: one.plugin_id.0,
            plugin_version: one.plugin_version.clone(),
            enabled: one.enabled,
            hooks: to_json(&one.hooks)?,
            capabilities: to_json(&one.capabilities)?,
            config: to_json(&one.config)?,
            position: one.position,
            on_failure: one.on_failure.as_str().to_owned(),
            created_at: one.created_at.0,
            version: one.version,
            previous: one.previous.as_ref().map(to_json).transpose()?,
            limits: to_json(&one.limits)?,
        })
    }

    async fn installed(&self, row: row::Model) -> Result<Installation, StoreError> {
        let plugin = PluginId(row.plugin_id);
        let missing = || StoreError::Corrupt("an installation without its plugin".to_owned());
        let file = self.plugin_version(plugin, &row.plugin_version).await?;
        let (plugin, file) = (
            self.plugin(plugin).await?.ok_or_else(missing)?,
            file.ok_or_else(missing)?,
        );
        Ok(Installation {
            id: InstallationId(row.id),
            plugin_id: plugin.id,
            plugin_key: plugin.key,
            plugin_name: plugin.name,
            plugin_version: row.plugin_version,
            digest: file.digest,
            enabled: row.enabled,
            hooks: json(&row.hooks)?,
            capabilities: json(&row.capabilities)?,
            config: json(&row.config)?,
            limits: json(&row.limits)?,
            position: row.position,
            on_failure: word(OnFailure::parse, &row.on_failure)?,
            created_at: Timestamp(row.created_at),
            version: row.version,
            previous: row.previous.as_deref().map(json).transpose()?,
        })
    }

    pub async fn installation(
        &self,
        id: InstallationId,
    ) -> Result<Option<Installation>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        match select.one(self.link()).await? {
            Some(row) => Ok(Some(self.installed(row).await?)),
            None => Ok(None),
        }
    }

    pub async fn installation_of(
        &self,
        plugin: PluginId,
    ) -> Result<Option<Installation>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::PluginId.eq(plugin.0));
        match select.one(self.link()).await? {
            Some(row) => Ok(Some(self.installed(row).await?)),
            None => Ok(None),
        }
    }

    /// Held until this transaction ends: nobody else changes or removes it.
    pub async fn hold_installation(
        &self,
        id: InstallationId,
    ) -> Result<Option<Installation>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::Id.eq(id.0))
            .lock_exclusive();
        match select.one(self.link()).await? {
            Some(row) => Ok(Some(self.installed(row).await?)),
            None => Ok(None),
        }
    }

    /// All of the tenant's, in the order they are asked.
    pub async fn installations(&self) -> Result<Vec<Installation>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .order_by_asc(row::Column::Position)
            .order_by_asc(row::Column::Id);
        let mut all = Vec::new();
        // One for each plugin of a tenant, and these are few.
        for row in select.all(self.link()).await? {
            all.push(self.installed(row).await?);
        }
        Ok(all)
    }

    /// False, and nothing written: the plugin is installed already.
    pub async fn insert_installation(&self, one: &Installation) -> Result<bool, StoreError> {
        let taken = [row::Column::TenantId, row::Column::PluginId];
        insert_unless(self, self.installation_row(one)?, taken).await
    }

    pub async fn save_installation(&self, one: &Installation) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .set(all_set(self.installation_row(one)?));
        update
            .filter(row::Column::Id.eq(one.id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }

    /// With what was noted of its failures, its log, its calls and their recordings, its secrets, what it keeps, and what came in for it.
    pub async fn delete_installation(&self, id: InstallationId) -> Result<(), StoreError> {
        self.delete_plugin_failures(id).await?;
        self.delete_plugin_records(id).await?;
        self.delete_plugin_recording(id).await?;
        self.delete_plugin_secrets(id).await?;
        self.delete_plugin_keys(id).await?;
        self.delete_webhooks(id).await?;
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::Id.eq(id.0));
        delete.exec(self.link()).await?;
        Ok(())
    }
}

impl SystemTx {
    /// The tenants in which something is at work.
    pub async fn tenants_with_plugins(&self) -> Result<Vec<TenantId>, StoreError> {
        let sql = "SELECT DISTINCT tenant_id FROM installations WHERE enabled";
        let rows = self.link().rows(sql, Vec::new()).await?;
        rows.iter()
            .map(|row| Ok(TenantId(get(row, "tenant_id")?)))
            .collect()
    }
}
