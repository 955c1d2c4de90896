//! Inboxes. Their keys are unique in the installation: a key says which tenant.

use deskbell_domain::inbox::Inbox;
use deskbell_domain::{InboxId, InstallationId, TeamId, TenantId, Timestamp};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::rows::{json, to_json};
use crate::system::SystemTx;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "inboxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub key: String,
        pub name: String,
        pub channel: String,
        pub default_team_id: Uuid,
        pub allowed_origins: String,
        pub look: String,
        pub bot: Option<Uuid>,
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

fn entity(row: row::Model) -> Result<Inbox, StoreError> {
    Ok(Inbox {
        id: InboxId(row.id),
        key: row.key,
        name: row.name,
        channel: row.channel,
        default_team_id: TeamId(row.default_team_id),
        allowed_origins: json(&row.allowed_origins)?,
        look: json(&row.look)?,
        bot: row.bot.map(InstallationId),
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}

impl Tx {
    fn inbox_row(&self, inbox: &Inbox) -> Result<row::Model, StoreError> {
        Ok(row::Model {
            tenant_id: self.tenant().0,
            id: inbox.id.0,
            key: inbox.key.clone(),
            name: inbox.name.clone(),
            channel: inbox.channel.clone(),
            default_team_id: inbox.default_team_id.0,
            allowed_origins: to_json(&inbox.allowed_origins)?,
            look: to_json(&inbox.look)?,
            bot: inbox.bot.map(|id| id.0),
            created_at: inbox.created_at.0,
            version: inbox.version,
        })
    }

    pub async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        select.one(self.link()).await?.map(entity).transpose()
    }

    /// All of the tenant's, in the order of their ids.
    pub async fn inboxes(&self) -> Result<Vec<Inbox>, StoreError> {
        let select = self.find::<row::Entity>().order_by_asc(row::Column::Id);
        select
            .all(self.link())
            .await?
            .into_iter()
            .map(entity)
            .collect()
    }

    /// False, and nothing written: the key is taken.
    pub async fn insert_inbox(&self, inbox: &Inbox) -> Result<bool, StoreError> {
        insert_unless(self, self.inbox_row(inbox)?, [row::Column::Key]).await
    }

    pub async fn save_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .set(all_set(self.inbox_row(inbox)?));
        update
            .filter(row::Column::Id.eq(inbox.id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}

impl SystemTx {
    pub async fn inbox_by_key(&self, key: &str) -> Result<Option<(TenantId, Inbox)>, StoreError> {
        let sql = "SELECT * FROM inboxes WHERE key = $1";
        let Some(found) = self.link().row(sql, vec![key.into()]).await? else {
            return Ok(None);
        };
        let row = row::Model::from_query_result(&found, "")?;
        Ok(Some((TenantId(row.tenant_id), entity(row)?)))
    }
}
