//! The feed's one reader per node: what was committed since last time, in order.
//!
//! Everything that follows the feed (sockets, the router, durable consumers)
//! goes no further than this reader's position, so the waiting for holes happens
//! once. It must read from the primary, in autocommit.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgPool, PgRow};

use deskbell_domain::TenantId;

use crate::error::StoreError;
use crate::feed::holes::Holes;
use crate::feed::{COLUMNS, Cursor, Epoch, FeedRow};
use crate::open::{Engine, Store};
use crate::rows::count;

pub struct FeedReader {
    store: Store,
    epoch: Epoch,
    position: i64,
    /// None on SQLite.
    careful: Option<Careful>,
    /// SQLite: the last rows came from memory, all there were.
    was_told: bool,
}

/// What waiting for holes needs.
struct Careful {
    pool: PgPool,
    generation: Arc<AtomicU64>,
    /// The generation in which the notes were taken.
    noted_in: u64,
    holes: Holes,
}

impl std::fmt::Debug for FeedReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FeedReader")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// Who is still writing to the feed: they hold this lock from before they take a
/// position until after their commit shows.
const WRITERS: &str = "SELECT DISTINCT virtualtransaction FROM pg_locks \
    WHERE locktype = 'relation' AND relation = 'feed'::regclass AND granted \
    AND mode = 'RowExclusiveLock' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

impl Store {
    /// A reader that starts at the feed's end: it delivers what is committed from
    /// now on, and everything before is there to be read as history.
    pub async fn feed_reader(&self) -> Result<FeedReader, StoreError> {
        let end = self.feed_end().await?;
        let mut reader = self.feed_reader_after(end).await?;
        reader.settle_start().await?;
        Ok(reader)
    }

    /// A reader that goes on after a position whose predecessors were all
    /// delivered, or from the beginning (0).
    pub async fn feed_reader_after(&self, position: i64) -> Result<FeedReader, StoreError> {
        let epoch = self.feed_epoch();
        let careful = match self.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let generation = Arc::new(AtomicU64::new(0));
                let pool = self.feed_pool(Arc::clone(&generation))?;
                Some(Careful {
                    pool,
                    generation,
                    noted_in: 0,
                    holes: Holes::default(),
                })
            }
        };
        Ok(FeedReader {
            store: self.clone(),
            epoch,
            position,
            careful,
            was_told: false,
        })
    }
}

impl FeedReader {
    /// Everything up to here was delivered.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor {
            epoch: self.epoch,
            position: self.position,
        }
    }

    /// Whether rows are held back for somebody's commit: poll again soon, as no
    /// bell rings for a transaction that rolls back.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.careful
            .as_ref()
            .is_some_and(|careful| careful.holes.pending())
    }

    /// The next rows, in order, at most `limit`. After an error nothing is lost:
    /// the next poll reads on from the same position.
    pub async fn poll(&mut self, limit: u64) -> Result<Vec<FeedRow>, StoreError> {
        let rows = match &mut self.careful {
            Some(careful) => {
                let ignore = self.store.inner.options.faults.ignore_holes;
                careful.poll(self.position, count(limit), ignore).await?
            }
            None => self.next(limit).await?,
        };
        if let Some(last) = rows.last() {
            self.position = last.position;
        }
        Ok(rows)
    }

    /// On SQLite. Whoever polls until there is nothing would ask the database once
    /// after every commit; a row of another process is found by the next poll.
    async fn next(&mut self, limit: u64) -> Result<Vec<FeedRow>, StoreError> {
        let recent = &self.store.inner.recent;
        if let Some(rows) = recent.after(self.position, i64::MAX, limit) {
            self.was_told = true;
            return Ok(rows);
        }
        if std::mem::take(&mut self.was_told) {
            return Ok(Vec::new());
        }
        self.store.feed_rows(self.position, i64::MAX, limit).await
    }

    /// Waits until nobody can still commit at or before the start.
    async fn settle_start(&mut self) -> Result<(), StoreError> {
        let Some(careful) = &mut self.careful else {
            return Ok(());
        };
        careful.holes.note(self.position);
        loop {
            careful.start(self.position).await?;
            if !careful.holes.pending() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Careful {
    async fn connection(
        &mut self,
    ) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, StoreError> {
        let connection = self.pool.acquire().await;
        let now = self.generation.load(Ordering::SeqCst);
        if connection.is_err() || now != self.noted_in {
            self.holes.forget();
            self.noted_in = now;
        }
        Ok(connection?)
    }

    async fn start(&mut self, position: i64) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        if !self.holes.pending() {
            self.holes.note(position);
        }
        let holders = holders(&mut connection).await?;
        self.holes.look(&holders);
        Ok(())
    }

    async fn poll(
        &mut self,
        after: i64,
        limit: i64,
        ignore_holes: bool,
    ) -> Result<Vec<FeedRow>, StoreError> {
        let mut connection = self.connection().await?;
        // A hole that nobody owns any more settles in the second round.
        for round in 0..2 {
            if self.holes.pending() {
                let holders = holders(&mut connection).await?;
                self.holes.look(&holders);
            }
            let mut rows = page(&mut connection, after, limit).await?;
            let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
            let count = if ignore_holes {
                rows.len()
            } else {
                self.holes.deliverable(after, &positions)
            };
            if count > 0 || round == 1 || !self.holes.pending() {
                rows.truncate(count);
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }
}

async fn holders(connection: &mut PgConnection) -> Result<HashSet<String>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(WRITERS).fetch_all(connection).await?;
    Ok(names.into_iter().collect())
}

async fn page(
    connection: &mut PgConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<FeedRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM feed WHERE position > $1 ORDER BY position LIMIT $2");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(after)
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(row)
        .collect()
}

fn row(row: &PgRow) -> Result<FeedRow, StoreError> {
    let tenant = TenantId(row.try_get("tenant_id")?);
    let (audience, payload) = (row.try_get("audience")?, row.try_get("payload")?);
    FeedRow::parse(row.try_get("position")?, tenant, audience, payload)
}
