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
use crate::rows::{Column, Row, Shape, count, get, pack};
use crate::system::SystemTx;
use crate::tx::Tx;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Their order is the destination's order.
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

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("queue", Column::Text),
    ("destination", Column::Text),
    ("payload", Column::Text),
    ("due_at", Column::Int),
    ("attempts", Column::Int),
    ("created_at", Column::Int),
]);

impl SystemTx {
    /// Promises jobs of any tenants. One that is promised already stays as it is.
    pub async fn enqueue_jobs(&self, jobs: &[(TenantId, NewJob)]) -> Result<(), StoreError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = jobs
            .iter()
            .map(|(tenant, job)| {
                Row::new()
                    .uuid("tenant_id", tenant.0)
                    .uuid("id", job.id.0)
                    .text("queue", job.queue.as_str())
                    .text("destination", job.destination.as_str())
                    .text("payload", job.payload.as_str())
                    .time("due_at", job.due_at)
                    .int("attempts", 0)
                    .time("created_at", job.created_at)
                    .finish()
            })
            .collect();
        let (names, source) = (SHAPE.names(), SHAPE.source(self.link().engine, 1));
        let sql = format!(
            "INSERT INTO jobs ({names}) SELECT {names} FROM {source} WHERE true \
             ON CONFLICT (tenant_id, id) DO NOTHING"
        );
        self.link().run(&sql, vec![pack(&rows)]).await?;
        Ok(())
    }

    /// When the next job of a queue may be due, of those nobody works on and that
    /// are not due yet.
    pub async fn next_due(
        &self,
        queue: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(due_at) AS due_at FROM jobs WHERE queue = $1 AND due_at > $2 \
                   AND failed_at IS NULL AND locked_until IS NULL";
        let row = self
            .link()
            .row(sql, vec![queue.into(), now.0.into()])
            .await?;
        let due: Option<i64> = row.map(|row| get(&row, "due_at")).transpose()?.flatten();
        Ok(due.map(Timestamp))
    }

    /// All queues that have something due, with whose it is.
    pub async fn due_queues(&self, now: Timestamp) -> Result<Vec<(TenantId, String)>, StoreError> {
        let sql = "SELECT DISTINCT tenant_id, queue FROM jobs WHERE due_at <= $1 \
                   AND failed_at IS NULL AND locked_until IS NULL";
        let rows = self.link().rows(sql, vec![now.0.into()]).await?;
        rows.iter().map(whose).collect()
    }

    /// Queues of this beginning that have anything, with whose it is.
    pub async fn queues(&self, beginning: &str) -> Result<Vec<(TenantId, String)>, StoreError> {
        let sql = "SELECT DISTINCT tenant_id, queue FROM jobs WHERE queue >= $1 AND queue < $2";
        let end = format!("{beginning}\u{7f}");
        let values = vec![beginning.into(), end.into()];
        let rows = self.link().rows(sql, values).await?;
        rows.iter().map(whose).collect()
    }

    /// Gives up the claims on a queue's jobs: whoever had them is gone.
    pub async fn release_jobs(&self, queue: &str) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET locked_until = NULL WHERE queue = $1 \
                   AND locked_until IS NOT NULL AND failed_at IS NULL";
        self.link().run(sql, vec![queue.into()]).await?;
        Ok(())
    }

    /// Drops what nobody works on and is older than that; how many there were.
    pub async fn drop_jobs(&self, queue: &str, before: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM jobs WHERE queue = $1 AND created_at <= $2 \
                   AND failed_at IS NULL AND locked_until IS NULL";
        let values = vec![queue.into(), before.0.into()];
        self.link().run(sql, values).await
    }

    /// Drops dead letters that died before then.
    pub async fn drop_dead_jobs(&self, queue: &str, before: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM jobs WHERE queue = $1 AND failed_at <= $2";
        let values = vec![queue.into(), before.0.into()];
        self.link().run(sql, values).await
    }

    /// Nobody works this queue off any more.
    pub async fn drop_queue(&self, tenant: TenantId, queue: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM jobs WHERE tenant_id = $1 AND queue = $2";
        let values = vec![tenant.0.into(), queue.into()];
        self.link().run(sql, values).await?;
        Ok(())
    }

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
        self.put_off_job(job, now, error, backoff.after(job.attempts))
            .await
    }

    /// It did not work: again after `wait`, or never again. True if it is a dead
    /// letter now.
    pub async fn put_off_job(
        &self,
        job: &Job,
        now: Timestamp,
        error: &str,
        wait: Option<i64>,
    ) -> Result<bool, StoreError> {
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

fn whose(row: &QueryResult) -> Result<(TenantId, String), StoreError> {
    Ok((TenantId(get(row, "tenant_id")?), get(row, "queue")?))
}

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    pub job: Job,
    pub died_at: Timestamp,
}

impl Tx {
    /// The dead letters of a queue of this tenant, in its order.
    pub async fn dead_letters(&self, queue: &str, limit: u64) -> Result<Vec<DeadJob>, StoreError> {
        let sql = "SELECT * FROM jobs WHERE tenant_id = $1 AND queue = $2 \
                   AND failed_at IS NOT NULL ORDER BY id LIMIT $3";
        let values = vec![self.tenant().0.into(), queue.into(), count(limit).into()];
        let rows = self.link().rows(sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(DeadJob {
                    job: Job::of(row)?,
                    died_at: Timestamp(get(row, "failed_at")?),
                })
            })
            .collect()
    }

    /// How many of a queue are still to be done.
    pub async fn waiting_jobs(&self, queue: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM jobs WHERE tenant_id = $1 AND queue = $2 \
                   AND failed_at IS NULL";
        let values = vec![self.tenant().0.into(), queue.into()];
        let row = self.link().row(sql, values).await?;
        let n: i64 = row.as_ref().map_or(Ok(0), |row| get(row, "n"))?;
        Ok(n.unsigned_abs())
    }

    /// Gives a dead letter of this queue another life, from now on. False if it is
    /// none.
    pub async fn revive_letter(
        &self,
        queue: &str,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE jobs SET failed_at = NULL, attempts = 0, due_at = $4, created_at = $4 \
                   WHERE tenant_id = $1 AND queue = $2 AND id = $3 AND failed_at IS NOT NULL";
        let values = vec![
            self.tenant().0.into(),
            queue.into(),
            id.0.into(),
            now.0.into(),
        ];
        Ok(self.link().run(sql, values).await? == 1)
    }

    /// Throws a job of this queue away that nobody works on: a dead letter, or one
    /// that was revived. False if there is none.
    pub async fn drop_letter(&self, queue: &str, id: JobId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM jobs WHERE tenant_id = $1 AND queue = $2 AND id = $3 \
                   AND (failed_at IS NOT NULL OR locked_until IS NULL)";
        let values = vec![self.tenant().0.into(), queue.into(), id.0.into()];
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
