//! Which installations are told of events, and from where on.
//!
//! A row stands as long as the installation has the hook, enabled or not. It has no
//! foreign key: the installation may be gone before whoever follows the feed hears
//! of it.

use deskbell_domain::{InstallationId, TenantId};

use crate::error::StoreError;
use crate::rows::{get, json, to_json};
use crate::system::SystemTx;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    pub tenant: TenantId,
    pub installation: InstallationId,
    /// Events up to this position are not for it.
    pub after: i64,
    /// None is all types.
    pub types: Option<Vec<String>>,
}

impl SystemTx {
    pub async fn followers(&self) -> Result<Vec<Follower>, StoreError> {
        let sql = "SELECT * FROM event_followers ORDER BY tenant_id, installation_id";
        let rows = self.link().rows(sql, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                let types: Option<String> = get(row, "types")?;
                Ok(Follower {
                    tenant: TenantId(get(row, "tenant_id")?),
                    installation: InstallationId(get(row, "installation_id")?),
                    after: get(row, "after_position")?,
                    types: types.as_deref().map(json).transpose()?,
                })
            })
            .collect()
    }

    /// One that is there keeps its place.
    pub async fn save_follower(&self, follower: &Follower) -> Result<(), StoreError> {
        let sql = "INSERT INTO event_followers (tenant_id, installation_id, after_position, types) \
                   VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, installation_id) \
                   DO UPDATE SET types = excluded.types";
        let types = follower.types.as_ref().map(to_json).transpose()?;
        let values = vec![
            follower.tenant.0.into(),
            follower.installation.0.into(),
            follower.after.into(),
            types.into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }

    pub async fn remove_follower(
        &self,
        tenant: TenantId,
        installation: InstallationId,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM event_followers WHERE tenant_id = $1 AND installation_id = $2";
        let values = vec![tenant.0.into(), installation.0.into()];
        self.link().run(sql, values).await?;
        Ok(())
    }
}
