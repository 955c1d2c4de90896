//! The tenants themselves. They are looked up before there is a tenant to act
//! in, so these are methods of the system's transaction.

use deskbell_domain::tenant::{Tenant, TenantState};
use deskbell_domain::{TenantId, Timestamp};
use sea_orm::QueryResult;

use crate::error::StoreError;
use crate::rows::{get, json, to_json, word};
use crate::system::SystemTx;

fn entity(row: &QueryResult) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: TenantId(get(row, "id")?),
        slug: get(row, "slug")?,
        name: get(row, "name")?,
        state: word(TenantState::parse, &get::<String>(row, "state")?)?,
        settings: json(&get::<String>(row, "settings")?)?,
        created_at: Timestamp(get(row, "created_at")?),
    })
}

impl SystemTx {
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let sql = "SELECT * FROM tenants WHERE id = $1";
        self.link()
            .row(sql, vec![id.0.into()])
            .await?
            .as_ref()
            .map(entity)
            .transpose()
    }

    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        let sql = "SELECT * FROM tenants WHERE slug = $1";
        self.link()
            .row(sql, vec![slug.into()])
            .await?
            .as_ref()
            .map(entity)
            .transpose()
    }

    /// In the order of their ids.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows = self
            .link()
            .rows("SELECT * FROM tenants ORDER BY id", Vec::new())
            .await?;
        rows.iter().map(entity).collect()
    }

    /// False, and nothing written: the slug is taken.
    pub async fn insert_tenant(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tenants (id, slug, name, state, settings, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (slug) DO NOTHING";
        let values = vec![
            tenant.id.0.into(),
            tenant.slug.clone().into(),
            tenant.name.clone().into(),
            tenant.state.as_str().into(),
            to_json(&tenant.settings)?.into(),
            tenant.created_at.0.into(),
        ];
        Ok(self.link().run(sql, values).await? == 1)
    }
}
