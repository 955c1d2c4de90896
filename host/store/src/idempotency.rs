//! Answers kept for a day, so that a repeated request gets the first one's.
//!
//! The row is written in the transaction of the request it answers: either both
//! are there or neither.

use deskbell_domain::Timestamp;
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{count, get};
use crate::system::SystemTx;
use crate::tx::Tx;

/// Whose key, on which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    pub actor: Uuid,
    pub route: String,
    pub key: String,
}

/// What the first request was, and what it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub body_hash: Vec<u8>,
    pub status: i16,
    pub response: String,
}

impl Tx {
    pub async fn remembered(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError> {
        let sql = "SELECT body_hash, status, response FROM idempotency_keys \
                   WHERE tenant_id = $1 AND actor_id = $2 AND route = $3 AND key = $4";
        let values = vec![
            self.tenant().0.into(),
            key.actor.into(),
            key.route.clone().into(),
            key.key.clone().into(),
        ];
        let Some(row) = self.link().row(sql, values).await? else {
            return Ok(None);
        };
        Ok(Some(Remembered {
            body_hash: get(&row, "body_hash")?,
            status: get(&row, "status")?,
            response: get(&row, "response")?,
        }))
    }

    /// False if somebody answered first: then undo everything, and answer what
    /// they did.
    pub async fn remember(
        &self,
        key: &IdempotencyKey,
        answer: &Remembered,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO idempotency_keys (tenant_id, actor_id, route, key, body_hash, \
                   status, response, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                   ON CONFLICT (tenant_id, actor_id, route, key) DO NOTHING";
        let values = vec![
            self.tenant().0.into(),
            key.actor.into(),
            key.route.clone().into(),
            key.key.clone().into(),
            answer.body_hash.clone().into(),
            answer.status.into(),
            answer.response.clone().into(),
            now.0.into(),
        ];
        Ok(self.link().run(sql, values).await? == 1)
    }
}

impl SystemTx {
    /// Forgets answers from before `before`, at most `limit` at once.
    pub async fn forget_answers(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM idempotency_keys WHERE (tenant_id, actor_id, route, key) IN \
                   (SELECT tenant_id, actor_id, route, key FROM idempotency_keys \
                   WHERE created_at < $1 LIMIT $2)";
        self.link()
            .run(sql, vec![before.0.into(), count(limit).into()])
            .await
    }
}
