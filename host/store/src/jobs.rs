//! Work for the outside world, promised by a row and done later.
//!
//! A job is written by the transaction that wants it. Workers claim the oldest
//! job of each destination, so one slow receiver holds up nobody else and a
//! destination gets its jobs in order: while its oldest one runs or waits for its
//! next try, the ones behind it wait too. A job that failed for good is a dead
//! letter: it stays visible, and the ones behind it go on.

use deskbell_domain::{JobId, TenantId, Timestamp};
use sea_orm::QueryResult;

use crate::error::StoreError;
use crate::rows::{count, get};
use crate::system::SystemTx;
use crate::tx::Tx;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// UUIDv7: their order is the destination's order.
    pub id: JobId,
    /// Which workers do it.
    pub queue: String,
    /// Whom it is for: what is kept in order.
    pub destination: String,
    pub payload: String,
    pub due_at: Timestamp,
    pub created_at: Timestamp,
}

/// A job somebody has claimed. `attempts` counts this try, and proves the claim:
/// a worker that was too slow finishes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub tenant: TenantId,
    pub id: JobId,
    pub queue: String,
    pub destination: String,
    pub payload: String,
    pub attempts: i64,
    pub created_at: Timestamp,
    pub error: Option<String>,
}

impl Job {
    fn of(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: TenantId(get(row, "tenant_id")?),
            id: JobId(get(row, "id")?),
            queue: get(row, "queue")?,
            destination: get(row, "destination")?,
            payload: get(row, "payload")?,
            attempts: get(row, "attempts")?,
            created_at: Timestamp(get(row, "created_at")?),
            error: get(row, "error")?,
        })
    }
}

/// When to try again, and when to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub first_ms: i64,
    pub most_ms: i64,
    pub tries: i64,
}

impl Backoff {
    /// The wait after the nth try; None means that it was the last.
    #[must_use]
    pub fn after(&self, attempts: i64) -> Option<i64> {
        if attempts >= self.tries {
            return None;
        }
        let doublings = u32::try_from((attempts - 1).clamp(0, 30)).unwrap_or(30);
        Some(
            self.first_ms
                .saturating_mul(1 << doublings)
                .min(self.most_ms),
        )
    }
}

impl Tx {
    /// Promises a job with this transaction.
    pub async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError> {
        let sql = "INSERT INTO jobs (tenant_id, id, queue, destination, payload, due_at, \
                   attempts, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
        let values = vec![
            self.tenant().0.into(),
            job.id.0.into(),
            job.queue.clone().into(),
            job.destination.clone().into(),
            job.payload.clone().into(),
            job.due_at.0.into(),
            job.created_at.0.into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }
}

impl SystemTx {
    /// Takes the oldest job of up to `limit` destinations, if it is due and
    /// nobody works on it. The claim lapses after `hold_ms`.
    pub async fn claim_jobs(
        &self,
        queue: &str,
        now: Timestamp,
        hold_ms: i64,
        limit: u64,
    ) -> Result<Vec<Job>, StoreError> {
        let sql = "UPDATE jobs SET attempts = attempts + 1, locked_until = $3 \
            WHERE failed_at IS NULL AND (locked_until IS NULL OR locked_until <= $2) \
            AND (tenant_id, id) IN ( \
                SELECT j.tenant_id, j.id FROM jobs j \
                WHERE j.queue = $1 AND j.due_at <= $2 AND j.failed_at IS NULL \
                AND (j.locked_until IS NULL OR j.locked_until <= $2) \
                AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.tenant_id = j.tenant_id \
                    AND o.queue = j.queue AND o.destination = j.destination \
                    AND o.id < j.id AND o.failed_at IS NULL) \
                ORDER BY j.due_at, j.id LIMIT $4) \
            RETURNING *";
        let values = vec![
            queue.into(),
            now.0.into(),
            now.plus(hold_ms).0.into(),
            count(limit).into(),
        ];
        let mut jobs: Vec<Job> = self
            .link()
            .rows(sql, values)
            .await?
            .iter()
            .map(Job::of)
            .collect::<Result<_, _>>()?;
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    /// Done. False if the claim had lapsed and somebody else has it.
    pub async fn finish_job(&self, job: &Job) -> Result<bool, StoreError> {
        let sql = "DELETE FROM jobs WHERE tenant_id = $1 AND id = $2 AND attempts = $3 \
                   AND failed_at IS NULL";
        let values = vec![job.tenant.0.into(), job.id.0.into(), job.attempts.into()];
        Ok(self.link().run(sql, values).await? == 1)
    }

    /// It did not work: again later, or never again. True if it is a dead letter
    /// now.
    pub async fn fail_job(
        &self,
        job: &Job,
        now: Timestamp,
        error: &str,
        backoff: &Backoff,
    ) -> Result<bool, StoreError> {
        let wait = backoff.after(job.attempts);
        let sql = "UPDATE jobs SET locked_until = NULL, error = $4, due_at = $5, failed_at = $6 \
                   WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND failed_at IS NULL";
        let values = vec![
            job.tenant.0.into(),
            job.id.0.into(),
            job.attempts.into(),
            error.into(),
            now.plus(wait.unwrap_or(0)).0.into(),
            wait.is_none().then_some(now.0).into(),
        ];
        let changed = self.link().run(sql, values).await? == 1;
        Ok(changed && wait.is_none())
    }

    /// The dead letters of a queue, oldest first.
    pub async fn dead_jobs(&self, queue: &str, limit: u64) -> Result<Vec<Job>, StoreError> {
        let sql = "SELECT * FROM jobs WHERE queue = $1 AND failed_at IS NOT NULL \
                   ORDER BY failed_at, id LIMIT $2";
        let rows = self
            .link()
            .rows(sql, vec![queue.into(), count(limit).into()])
            .await?;
        rows.iter().map(Job::of).collect()
    }

    /// Gives a dead letter another life. False if it is none.
    pub async fn revive_job(
        &self,
        tenant: TenantId,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE jobs SET failed_at = NULL, attempts = 0, due_at = $3 \
                   WHERE tenant_id = $1 AND id = $2 AND failed_at IS NOT NULL";
        let values = vec![tenant.0.into(), id.0.into(), now.0.into()];
        Ok(self.link().run(sql, values).await? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;

    #[test]
    fn waits_double_up_to_a_limit_and_end() {
        let backoff = Backoff {
            first_ms: 100,
            most_ms: 350,
            tries: 4,
        };
        let waits: Vec<_> = (1..=4).map(|n| backoff.after(n)).collect();
        assert_eq!(waits, [Some(100), Some(200), Some(350), None]);
        let huge = Backoff {
            first_ms: i64::MAX,
            most_ms: i64::MAX,
            tries: 99,
        };
        assert_eq!(huge.after(98), Some(i64::MAX));
    }
}
