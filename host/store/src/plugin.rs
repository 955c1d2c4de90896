//! Plugins and their admitted files. The bytes of a file are read only where it
//! is made callable: no list drags them along.

use deskbell_domain::plugin::{Digest, Plugin, PluginVersion, Source};
use deskbell_domain::{PluginId, Timestamp};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{json, to_json, word};
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub key: String,
        pub name: String,
        pub publisher: String,
        pub description: String,
        pub source: String,
        pub latest_version: String,
        pub created_at: i64,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod version_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub plugin_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub plugin_version: String,
        pub digest: Vec<u8>,
        pub size: i64,
        pub manifest: String,
        pub hooks: String,
        pub capabilities: String,
        pub variables: String,
        pub created_at: i64,
        pub component: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

impl TenantTable for version_row::Entity {
    const TENANT: version_row::Column = version_row::Column::TenantId;
}

/// A version without its bytes.
#[derive(FromQueryResult)]
struct Facts {
    plugin_id: Uuid,
    plugin_version: String,
    digest: Vec<u8>,
    size: i64,
    manifest: String,
    hooks: String,
    capabilities: String,
    variables: String,
    created_at: i64,
}

fn entity(row: row::Model) -> Result<Plugin, StoreError> {
    Ok(Plugin {
        id: PluginId(row.id),
        key: row.key,
        name: row.name,
        publisher: row.publisher,
        description: row.description,
        source: word(Source::parse, &row.source)?,
        latest_version: row.latest_version,
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}

fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes = bytes.try_into();
    let corrupt = |_| StoreError::Corrupt("plugin_versions.digest".to_owned());
    Ok(Digest(bytes.map_err(corrupt)?))
}

fn version_entity(row: Facts) -> Result<PluginVersion, StoreError> {
    Ok(PluginVersion {
        plugin_id: PluginId(row.plugin_id),
        plugin_version: row.plugin_version,
        digest: digest(&row.digest)?,
        size: row.size,
        manifest: json(&row.manifest)?,
        hooks: json(&row.hooks)?,
        capabilities: json(&row.capabilities)?,
        variables: json(&row.variables)?,
        created_at: Timestamp(row.created_at),
    })
}

impl Tx {
    fn plugin_row(&self, plugin: &Plugin) -> row::Model {
        row::Model {
            tenant_id: self.tenant().0,
            id: plugin.id.0,
            key: plugin.key.clone(),
            name: plugin.name.clone(),
            publisher: plugin.publisher.clone(),
            description: plugin.description.clone(),
            source: plugin.source.as_str().to_owned(),
            latest_version: plugin.latest_version.clone(),
            created_at: plugin.created_at.0,
            version: plugin.version,
        }
    }

    pub async fn plugin(&self, id: PluginId) -> Result<Option<Plugin>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        select.one(self.link()).await?.map(entity).transpose()
    }

    pub async fn plugin_by_key(&self, key: &str) -> Result<Option<Plugin>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Key.eq(key));
        select.one(self.link()).await?.map(entity).transpose()
    }

    /// All of the tenant's, by key.
    pub async fn plugins(&self) -> Result<Vec<Plugin>, StoreError> {
        let select = self.find::<row::Entity>().order_by_asc(row::Column::Key);
        let rows = select.all(self.link()).await?;
        rows.into_iter().map(entity).collect()
    }

    /// False, and nothing written: the key is taken.
    pub async fn insert_plugin(&self, plugin: &Plugin) -> Result<bool, StoreError> {
        let taken = [row::Column::TenantId, row::Column::Key];
        insert_unless(self, self.plugin_row(plugin), taken).await
    }

    pub async fn save_plugin(&self, plugin: &Plugin) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .set(all_set(self.plugin_row(plugin)));
        update
            .filter(row::Column::Id.eq(plugin.id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }

    /// With all its files. Nothing of it may be installed.
    pub async fn delete_plugin(&self, id: PluginId) -> Result<(), StoreError> {
        let files = self
            .delete::<version_row::Entity>()
            .filter(version_row::Column::PluginId.eq(id.0));
        files.exec(self.link()).await?;
        let plugin = self
            .delete::<row::Entity>()
            .filter(row::Column::Id.eq(id.0));
        plugin.exec(self.link()).await?;
        Ok(())
    }

    fn facts(&self) -> Select<version_row::Entity> {
        use version_row::Column;
        self.find::<version_row::Entity>().select_only().columns([
            Column::PluginId,
            Column::PluginVersion,
            Column::Digest,
            Column::Size,
            Column::Manifest,
            Column::Hooks,
            Column::Capabilities,
            Column::Variables,
            Column::CreatedAt,
        ])
    }

    pub async fn plugin_version(
        &self,
        id: PluginId,
        version: &str,
    ) -> Result<Option<PluginVersion>, StoreError> {
        let select = self
            .facts()
            .filter(version_row::Column::PluginId.eq(id.0))
            .filter(version_row::Column::PluginVersion.eq(version));
        let row = select.into_model::<Facts>().one(self.link()).await?;
        row.map(version_entity).transpose()
    }

    /// The version that is this very file.
    pub async fn plugin_version_with(
        &self,
        digest: Digest,
    ) -> Result<Option<PluginVersion>, StoreError> {
        let select = self
            .facts()
            .filter(version_row::Column::Digest.eq(digest.0.to_vec()))
            .limit(1);
        let row = select.into_model::<Facts>().one(self.link()).await?;
        row.map(version_entity).transpose()
    }

    /// The digests of all of the tenant's files.
    pub async fn plugin_digests(&self) -> Result<Vec<Digest>, StoreError> {
        let select = self
            .find::<version_row::Entity>()
            .select_only()
            .column(version_row::Column::Digest);
        let all: Vec<Vec<u8>> = select.into_tuple().all(self.link()).await?;
        all.iter().map(|bytes| digest(bytes)).collect()
    }

    /// The plugin, held until this transaction ends.
    pub async fn hold_plugin(&self, id: PluginId) -> Result<Option<Plugin>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::Id.eq(id.0))
            .lock_exclusive();
        select.one(self.link()).await?.map(entity).transpose()
    }

    /// A plugin's, the latest upload first.
    pub async fn plugin_versions(&self, id: PluginId) -> Result<Vec<PluginVersion>, StoreError> {
        let select = self
            .facts()
            .filter(version_row::Column::PluginId.eq(id.0))
            .order_by_desc(version_row::Column::CreatedAt)
            .order_by_desc(version_row::Column::PluginVersion);
        let rows = select.into_model::<Facts>().all(self.link()).await?;
        rows.into_iter().map(version_entity).collect()
    }

    /// The bytes of the file with this digest.
    pub async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let select = self
            .find::<version_row::Entity>()
            .select_only()
            .column(version_row::Column::Component)
            .filter(version_row::Column::Digest.eq(digest.0.to_vec()))
            .limit(1);
        Ok(select.into_tuple().one(self.link()).await?)
    }

    /// False, and nothing written: the plugin has this version already.
    pub async fn insert_plugin_version(
        &self,
        version: &PluginVersion,
        component: &[u8],
    ) -> Result<bool, StoreError> {
        use version_row::Column;
        let row = version_row::Model {
            tenant_id: self.tenant().0,
            plugin_id: version.plugin_id.0,
            plugin_version: version.plugin_version.clone(),
            digest: version.digest.0.to_vec(),
            size: version.size,
            manifest: to_json(&version.manifest)?,
            hooks: to_json(&version.hooks)?,
            capabilities: to_json(&version.capabilities)?,
            variables: to_json(&version.variables)?,
            created_at: version.created_at.0,
            component: component.to_vec(),
        };
        let taken = [Column::TenantId, Column::PluginId, Column::PluginVersion];
        insert_unless(self, row, taken).await
    }
}
