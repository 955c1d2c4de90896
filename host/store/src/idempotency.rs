//! Answers kept for a day, so that a repeated request gets the first one's.
//!
//! A key is taken before its request is executed and gets the answer after it. A
//! process that dies in between leaves a key without an answer: whether the
//! request was executed is then unknown, and it is never executed again.

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
    /// None while it is executed, or for ever if that was interrupted.
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: i16,
    pub body: String,
}

/// The status of a key without an answer.
const UNANSWERED: i16 = 0;

impl Tx {
    pub async fn remembered(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError> {
        let sql = "SELECT body_hash, status, response FROM idempotency_keys \
                   WHERE tenant_id = $1 AND actor_id = $2 AND route = $3 AND key = $4";
        let Some(row) = self.link().row(sql, self.key_values(key)).await? else {
            return Ok(None);
        };
        let status: i16 = get(&row, "status")?;
        let body = get(&row, "response")?;
        Ok(Some(Remembered {
            body_hash: get(&row, "body_hash")?,
            answer: (status != UNANSWERED).then_some(Answer { status, body }),
        }))
    }

    /// Takes a key for a request about to be executed. False: it is taken.
    pub async fn take_key(
        &self,
        key: &IdempotencyKey,
        body_hash: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO idempotency_keys (tenant_id, actor_id, route, key, body_hash, \
                   status, response, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                   ON CONFLICT (tenant_id, actor_id, route, key) DO NOTHING";
        let mut values = self.key_values(key);
        values.extend([
            body_hash.to_vec().into(),
            UNANSWERED.into(),
            String::new().into(),
            now.0.into(),
        ]);
        Ok(self.link().run(sql, values).await? == 1)
    }

    /// The request was executed: repeats get this.
    pub async fn answer_key(
        &self,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE idempotency_keys SET status = $5, response = $6 \
                   WHERE tenant_id = $1 AND actor_id = $2 AND route = $3 AND key = $4";
        let mut values = self.key_values(key);
        values.extend([answer.status.into(), answer.body.clone().into()]);
        self.link().run(sql, values).await?;
        Ok(())
    }

    /// The request was refused and changed nothing: the key is free again.
    pub async fn free_key(&self, key: &IdempotencyKey) -> Result<(), StoreError> {
        let sql = "DELETE FROM idempotency_keys \
                   WHERE tenant_id = $1 AND actor_id = $2 AND route = $3 AND key = $4";
        self.link().run(sql, self.key_values(key)).await?;
        Ok(())
    }

    fn key_values(&self, key: &IdempotencyKey) -> Vec<sea_orm::Value> {
        vec![
            self.tenant().0.into(),
            key.actor.into(),
            key.route.clone().into(),
            key.key.clone().into(),
        ]
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
