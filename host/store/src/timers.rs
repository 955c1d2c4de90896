//! Deadlines: set and cancelled with the change that makes them, taken with the
//! effect they have.
//!
//! Taking is a delete in the effect's own transaction, so a deadline works once,
//! whoever else saw it due. Who executes what is the app's business.

use deskbell_domain::timer::{TimerChange, TimerKey, TimerKind};
use deskbell_domain::{TenantId, Timestamp};

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, count, get, pack, word};
use crate::system::SystemTx;
use crate::together::{self, Piece};
use crate::tx::Tx;

/// A timer as it was seen due. Set to a later time since, it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DueTimer {
    pub tenant: TenantId,
    pub key: TimerKey,
    pub due_at: Timestamp,
}

impl SystemTx {
    /// What is due, the longest overdue first.
    pub async fn due_timers(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<DueTimer>, StoreError> {
        self.due("<>", now, limit).await
    }

    /// The same for held messages, which `due_timers` leaves out: plugins are asked
    /// about them, and nobody else's deadline waits for a plugin.
    pub async fn due_held(&self, now: Timestamp, limit: u64) -> Result<Vec<DueTimer>, StoreError> {
        self.due("=", now, limit).await
    }

    async fn due(
        &self,
        held: &str,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<DueTimer>, StoreError> {
        let sql = format!(
            "SELECT tenant_id, kind, subject, due_at FROM timers WHERE due_at <= $1 \
             AND kind {held} $2 ORDER BY due_at LIMIT $3"
        );
        let kind = TimerKind::Held.as_str();
        let values = vec![now.0.into(), kind.into(), count(limit).into()];
        let rows = self.link().rows(&sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(DueTimer {
                    tenant: TenantId(get(row, "tenant_id")?),
                    key: TimerKey {
                        kind: word(TimerKind::parse, &get::<String>(row, "kind")?)?,
                        subject: get(row, "subject")?,
                    },
                    due_at: Timestamp(get(row, "due_at")?),
                })
            })
            .collect()
    }

    /// When the next one is due, if any is set.
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due_at) AS due_at FROM timers";
        let row = self.link().row(sql, Vec::new()).await?;
        match row {
            Some(row) => Ok(get::<Option<i64>>(&row, "due_at")?.map(Timestamp)),
            None => Ok(None),
        }
    }
}

impl Tx {
    /// Sets a timer, or moves it.
    pub async fn set_timer(&self, key: TimerKey, due_at: Timestamp) -> Result<(), StoreError> {
        self.change_timer(TimerChange::Set(key, due_at)).await
    }

    pub async fn cancel_timer(&self, key: TimerKey) -> Result<(), StoreError> {
        self.change_timer(TimerChange::Cancel(key)).await
    }

    async fn change_timer(&self, change: TimerChange) -> Result<(), StoreError> {
        let link = self.link();
        let pieces = writing(link.engine, &[(self.tenant(), change)]);
        together::run(link, pieces).await.map(drop)
    }

    /// True if it was still there and is now taken; its effect belongs into this
    /// transaction.
    /// Not taken if it was moved past the time it was seen due at.
    pub async fn take_timer(&self, key: TimerKey, due_at: Timestamp) -> Result<bool, StoreError> {
        let due = DueTimer {
            tenant: self.tenant(),
            key,
            due_at,
        };
        Ok(!take(self.link(), &[due]).await?.is_empty())
    }
}

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("kind", Column::Text),
    ("subject", Column::Uuid),
    ("due_at", Column::Int),
]);

fn packed(tenant: TenantId, key: TimerKey, due_at: Option<Timestamp>) -> String {
    Row::new()
        .uuid("tenant_id", tenant.0)
        .text("kind", key.kind.as_str())
        .uuid("subject", key.subject)
        .time("due_at", due_at)
        .finish()
}

/// Sets and cancels, a statement each at most. The last change of a key wins, so
/// the two touch different timers.
pub(crate) fn writing(engine: Engine, changes: &[(TenantId, TimerChange)]) -> Vec<Piece> {
    let mut last = std::collections::BTreeMap::new();
    for (tenant, change) in changes {
        match change {
            TimerChange::Set(key, due_at) => last.insert((*tenant, *key), Some(*due_at)),
            TimerChange::Cancel(key) => last.insert((*tenant, *key), None),
        };
    }
    let rows = |set: bool| -> Vec<String> {
        last.iter()
            .filter(|(_, due_at)| due_at.is_some() == set)
            .map(|((tenant, key), due_at)| packed(*tenant, *key, *due_at))
            .collect()
    };
    let (set, cancelled) = (rows(true), rows(false));
    let mut pieces = Vec::new();
    if !set.is_empty() {
        let (names, source) = (SHAPE.names(), SHAPE.source(engine, 1));
        let sql = format!(
            "INSERT INTO timers ({names}) SELECT {names} FROM {source} WHERE true \
             ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET due_at = excluded.due_at"
        );
        pieces.push(Piece::new(sql, &set));
    }
    if !cancelled.is_empty() {
        let source = SHAPE.source(engine, 1);
        let sql = format!(
            "DELETE FROM timers WHERE (tenant_id, kind, subject) IN \
             (SELECT tenant_id, kind, subject FROM {source})"
        );
        pieces.push(Piece::new(sql, &cancelled));
    }
    pieces
}

/// Deletes those that are still there, and no later than they were seen.
pub(crate) async fn take(
    link: &Link,
    due: &[DueTimer],
) -> Result<Vec<(TenantId, TimerKey)>, StoreError> {
    let source = SHAPE.source(link.engine, 1);
    let sql = format!(
        "DELETE FROM timers WHERE EXISTS (SELECT 1 FROM {source} \
         WHERE r.tenant_id = timers.tenant_id AND r.kind = timers.kind \
         AND r.subject = timers.subject AND timers.due_at <= r.due_at) \
         AND (tenant_id, kind, subject) IN (SELECT tenant_id, kind, subject FROM {source}) \
         RETURNING tenant_id, kind, subject"
    );
    let rows: Vec<String> = due
        .iter()
        .map(|due| packed(due.tenant, due.key, Some(due.due_at)))
        .collect();
    let taken = link.rows(&sql, vec![pack(&rows)]).await?;
    taken
        .iter()
        .map(|row| {
            let kind = word(TimerKind::parse, &get::<String>(row, "kind")?)?;
            let key = TimerKey {
                kind,
                subject: get(row, "subject")?,
            };
            Ok((TenantId(get(row, "tenant_id")?), key))
        })
        .collect()
}
