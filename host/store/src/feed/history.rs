//! What the reader has delivered, read again: for resuming clients, for consumers
//! that are behind, and the end that is cut off when it is too old.

use deskbell_domain::{TenantId, Timestamp};

use crate::error::StoreError;
use crate::feed::{COLUMNS, Cursor, Epoch, FeedRow};
use crate::open::Store;
use crate::rows::{count, get};
use crate::system::SystemTx;

impl Store {
    /// The name of this database's positions; known once it is migrated.
    #[must_use]
    pub fn feed_epoch(&self) -> Epoch {
        self.inner.epoch.get().copied().unwrap_or_default()
    }

    #[must_use]
    pub fn cursor_at(&self, position: i64) -> Cursor {
        Cursor {
            epoch: self.feed_epoch(),
            position,
        }
    }

    /// Reads the epoch, if the tables are there.
    pub(crate) async fn learn_epoch(&self) -> Result<(), StoreError> {
        let text = self
            .system_snapshot()
            .await?
            .installation("feed_epoch")
            .await?;
        if let Some(epoch) = text.as_deref().and_then(Epoch::parse) {
            let _ = self.inner.epoch.set(epoch);
        }
        Ok(())
    }

    /// Events of one tenant with `after < position <= up_to`, in order. `up_to`
    /// is the feed reader's position: beyond it, rows may still be missing.
    pub async fn feed_range(
        &self,
        tenant: TenantId,
        after: i64,
        up_to: i64,
        limit: u64,
    ) -> Result<Vec<FeedRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM feed WHERE tenant_id = $1 AND position > $2 \
             AND position <= $3 ORDER BY position LIMIT $4"
        );
        let values = vec![
            tenant.0.into(),
            after.into(),
            up_to.into(),
            count(limit).into(),
        ];
        self.read_rows(&sql, values)
            .await?
            .iter()
            .map(FeedRow::of)
            .collect()
    }

    /// As `feed_rows`, but what this process just wrote comes from memory.
    pub async fn feed_news(
        &self,
        after: i64,
        up_to: i64,
        limit: u64,
    ) -> Result<Vec<FeedRow>, StoreError> {
        match self.inner.recent.after(after, up_to, limit) {
            Some(rows) => Ok(rows),
            None => self.feed_rows(after, up_to, limit).await,
        }
    }

    /// Events of all tenants with `after < position <= up_to`, in order.
    pub async fn feed_rows(
        &self,
        after: i64,
        up_to: i64,
        limit: u64,
    ) -> Result<Vec<FeedRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM feed WHERE position > $1 AND position <= $2 \
             ORDER BY position LIMIT $3"
        );
        let values = vec![after.into(), up_to.into(), count(limit).into()];
        self.read_rows(&sql, values)
            .await?
            .iter()
            .map(FeedRow::of)
            .collect()
    }

    /// The oldest position that is kept. What was before it is gone, so a cursor
    /// below the one before it is too old.
    pub async fn feed_floor(&self) -> Result<i64, StoreError> {
        Ok(self.trimmed().await? + 1)
    }

    /// The highest position that shows.
    pub(crate) async fn feed_end(&self) -> Result<i64, StoreError> {
        let sql = "SELECT max(position) AS high FROM feed";
        let rows = self.read_rows(sql, Vec::new()).await?;
        let high = rows.first().map(|row| get::<Option<i64>>(row, "high"));
        match high.transpose()?.flatten() {
            Some(high) => Ok(high),
            None => self.trimmed().await,
        }
    }

    /// The last position that was dropped.
    async fn trimmed(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM installation WHERE key = 'feed_trimmed'";
        match self.read_rows(sql, Vec::new()).await?.first() {
            None => Ok(0),
            Some(row) => get::<String>(row, "value")?
                .parse()
                .map_err(|_| StoreError::Corrupt("feed_trimmed is not a number".to_owned())),
        }
    }
}

impl SystemTx {
    /// A line of the installation's name tag.
    pub async fn installation(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM installation WHERE key = $1";
        let row = self.link().row(sql, vec![key.into()]).await?;
        row.map(|row| get(&row, "value")).transpose()
    }

    pub async fn set_installation(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO installation (key, value) VALUES ($1, $2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.link().run(sql, vec![key.into(), value.into()]).await?;
        Ok(())
    }

    /// Drops the oldest events that happened before `before`, at most `limit` of
    /// them, and raises the floor. Returns how many went.
    pub async fn trim_feed(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let link = self.link();
        let sql = "SELECT position, occurred_at FROM feed ORDER BY position LIMIT $1";
        let mut last = None;
        for row in link.rows(sql, vec![count(limit).into()]).await? {
            if get::<i64>(&row, "occurred_at")? >= before.0 {
                break;
            }
            last = Some(get::<i64>(&row, "position")?);
        }
        let Some(last) = last else { return Ok(0) };
        self.set_installation("feed_trimmed", &last.to_string())
            .await?;
        link.run("DELETE FROM feed WHERE position <= $1", vec![last.into()])
            .await
    }
}
