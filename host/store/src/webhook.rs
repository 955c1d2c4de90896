//! What other systems sent to webhooks, sealed before it comes here, and how often the
//! key of an address was renewed.
//!
//! A delivery's job has the delivery's id. When the job is gone, so are the contents;
//! the row stays for as long as the same delivery may come again.

use deskbell_domain::{InstallationId, JobId, TenantId, Timestamp};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{count, get};
use crate::system::SystemTx;
use crate::tx::Tx;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    pub id: Uuid,
    pub installation: InstallationId,
    pub received_at: Timestamp,
    pub sealed: Vec<u8>,
}

impl Tx {
    /// False, and nothing written: this delivery was taken before.
    pub async fn add_webhook_delivery(&self, one: &WebhookDelivery) -> Result<bool, StoreError> {
        let sql = "INSERT INTO webhook_deliveries \
                   (tenant_id, id, installation_id, received_at, sealed) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, id) DO NOTHING";
        let values = vec![
            self.tenant().0.into(),
            one.id.into(),
            one.installation.0.into(),
            one.received_at.0.into(),
            one.sealed.clone().into(),
        ];
        Ok(self.link().run(sql, values).await? == 1)
    }

    /// What was sent, sealed; none when it was dealt with.
    pub async fn webhook_contents(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM webhook_deliveries WHERE tenant_id = $1 AND id = $2";
        let values = vec![self.tenant().0.into(), id.into()];
        let row = self.link().row(sql, values).await?;
        Ok(row.map(|row| get(&row, "sealed")).transpose()?.flatten())
    }

    /// How often the key of its address was renewed.
    pub async fn webhook_generation(&self, id: InstallationId) -> Result<i64, StoreError> {
        let sql = "SELECT generation FROM webhook_keys \
                   WHERE tenant_id = $1 AND installation_id = $2";
        let row = self.link().row(sql, self.its(id)).await?;
        row.as_ref().map_or(Ok(0), |row| get(row, "generation"))
    }

    /// The installation is held.
    pub async fn renew_webhook_key(&self, id: InstallationId) -> Result<(), StoreError> {
        let sql = "INSERT INTO webhook_keys (tenant_id, installation_id, generation) \
                   VALUES ($1, $2, 1) ON CONFLICT (tenant_id, installation_id) \
                   DO UPDATE SET generation = webhook_keys.generation + 1";
        self.link().run(sql, self.its(id)).await?;
        Ok(())
    }

    /// With the jobs in this queue.
    pub(crate) async fn delete_webhooks(&self, id: InstallationId) -> Result<(), StoreError> {
        let sql = "DELETE FROM jobs WHERE tenant_id = $1 AND id IN (SELECT id FROM \
                   webhook_deliveries WHERE tenant_id = $1 AND installation_id = $2)";
        self.link().run(sql, self.its(id)).await?;
        for table in ["webhook_deliveries", "webhook_keys"] {
            let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND installation_id = $2");
            self.link().run(&sql, self.its(id)).await?;
        }
        Ok(())
    }

    fn its(&self, id: InstallationId) -> Vec<Value> {
        vec![self.tenant().0.into(), id.0.into()]
    }

    /// Nobody needs it any more; that it was there is remembered.
    pub async fn drop_webhook_contents(&self, id: JobId) -> Result<(), StoreError> {
        let sql = "UPDATE webhook_deliveries SET sealed = NULL WHERE tenant_id = $1 AND id = $2";
        let values = vec![self.tenant().0.into(), id.0.into()];
        self.link().run(sql, values).await?;
        Ok(())
    }
}

impl SystemTx {
    /// As `Tx::drop_webhook_contents`, of a tenant.
    pub async fn drop_webhook_contents(
        &self,
        tenant: TenantId,
        id: JobId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE webhook_deliveries SET sealed = NULL WHERE tenant_id = $1 AND id = $2";
        self.link()
            .run(sql, vec![tenant.0.into(), id.0.into()])
            .await?;
        Ok(())
    }

    /// The contents of those whose job is gone, in whichever way it went.
    pub async fn drop_contents_without_job(&self) -> Result<u64, StoreError> {
        let sql = "UPDATE webhook_deliveries SET sealed = NULL WHERE sealed IS NOT NULL \
                   AND NOT EXISTS (SELECT 1 FROM jobs j WHERE \
                   j.tenant_id = webhook_deliveries.tenant_id AND j.id = webhook_deliveries.id)";
        self.link().run(sql, Vec::new()).await
    }

    /// Forgets deliveries that were dealt with and came before then.
    pub async fn forget_webhook_deliveries(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN \
                   (SELECT tenant_id, id FROM webhook_deliveries \
                   WHERE received_at < $1 AND sealed IS NULL LIMIT $2)";
        let values = vec![before.0.into(), count(limit).into()];
        self.link().run(sql, values).await
    }
}
