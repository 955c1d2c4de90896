//! How far each consumer of the feed has come, and what it could not digest.
//!
//! The loop that uses these rows is the app's. A consumer leased once per cluster
//! has one cursor, a consumer per node one for each.

use deskbell_domain::{NodeId, TenantId, Timestamp};

use uuid::Uuid;

use crate::error::StoreError;
use crate::feed::{Cursor, Epoch};
use crate::rows::{count, get};
use crate::system::SystemTx;

/// The cursor's key: a node, or the nil id for a consumer of the whole cluster.
fn key(node: Option<NodeId>) -> Uuid {
    node.map_or(Uuid::nil(), |node| node.0)
}

/// An event a consumer gave up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedEvent {
    pub consumer: String,
    pub position: i64,
    pub tenant: TenantId,
    pub error: String,
    pub attempts: i64,
    pub parked_at: Timestamp,
}

impl SystemTx {
    pub async fn consumer_cursor(
        &self,
        consumer: &str,
        node: Option<NodeId>,
    ) -> Result<Option<Cursor>, StoreError> {
        let sql = "SELECT epoch, position FROM consumer_cursors \
                   WHERE consumer = $1 AND node = $2";
        let Some(row) = self
            .link()
            .row(sql, vec![consumer.into(), key(node).into()])
            .await?
        else {
            return Ok(None);
        };
        let epoch = Epoch::parse(&get::<String>(&row, "epoch")?)
            .ok_or_else(|| StoreError::Corrupt("a cursor's epoch".to_owned()))?;
        Ok(Some(Cursor {
            epoch,
            position: get(&row, "position")?,
        }))
    }

    pub async fn save_consumer_cursor(
        &self,
        consumer: &str,
        node: Option<NodeId>,
        cursor: &Cursor,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO consumer_cursors (consumer, node, epoch, position) \
                   VALUES ($1, $2, $3, $4) ON CONFLICT (consumer, node) \
                   DO UPDATE SET epoch = excluded.epoch, position = excluded.position";
        let values = vec![
            consumer.into(),
            key(node).into(),
            cursor.epoch.to_string().into(),
            cursor.position.into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }

    /// Sets an event aside, so that the ones after it go on.
    pub async fn park_event(
        &self,
        consumer: &str,
        position: i64,
        tenant: TenantId,
        error: &str,
        attempts: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO parked_events (consumer, position, tenant_id, error, attempts, \
                   parked_at) VALUES ($1, $2, $3, $4, $5, $6) \
                   ON CONFLICT (consumer, position) DO UPDATE SET error = excluded.error, \
                   attempts = excluded.attempts, parked_at = excluded.parked_at";
        let values = vec![
            consumer.into(),
            position.into(),
            tenant.0.into(),
            error.into(),
            attempts.into(),
            now.0.into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }

    pub async fn parked_events(&self, limit: u64) -> Result<Vec<ParkedEvent>, StoreError> {
        let sql = "SELECT * FROM parked_events ORDER BY consumer, position LIMIT $1";
        let rows = self.link().rows(sql, vec![count(limit).into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedEvent {
                    consumer: get(row, "consumer")?,
                    position: get(row, "position")?,
                    tenant: TenantId(get(row, "tenant_id")?),
                    error: get(row, "error")?,
                    attempts: get(row, "attempts")?,
                    parked_at: Timestamp(get(row, "parked_at")?),
                })
            })
            .collect()
    }

    /// Lets a parked event go, once it was dealt with.
    pub async fn unpark_event(&self, consumer: &str, position: i64) -> Result<bool, StoreError> {
        let sql = "DELETE FROM parked_events WHERE consumer = $1 AND position = $2";
        Ok(self
            .link()
            .run(sql, vec![consumer.into(), position.into()])
            .await?
            == 1)
    }
}
