//! Group commit on SQLite: one task, one connection, one sync for all that wait.
//!
//! While a commit syncs, the next writes gather; then they share one. A unit that
//! its own logic refuses touches no neighbour. An error of the engine (full disk,
//! I/O, a failing begin, commit, rollback or savepoint) ends the whole batch:
//! after one, SQLite may have rolled back more than the savepoint, so nobody's
//! part can be trusted. Everybody then hears "unavailable", and the connection is
//! thrown away.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::mpsc;

use crate::error::StoreError;
use crate::feed::{self, NewEvent, Recent};
use crate::link::{Link, LinkKind};
use crate::merged::{self, Pending, Told};
use crate::open::sqlite;
use crate::writer::{Job, Work};

pub(super) struct GroupCommit {
    kind: LinkKind,
    file: sqlite::File,
    recent: Arc<Recent>,
    /// None after an engine error, until the next batch needs one.
    connection: Option<DatabaseConnection>,
}

#[derive(Default)]
struct Batch {
    units: Vec<Box<dyn Pending>>,
    closures: Vec<Box<dyn Work>>,
}

impl Batch {
    fn answer(&mut self, verdict: &Result<(), StoreError>) {
        for mut unit in self.units.drain(..) {
            unit.answer(verdict.clone());
        }
        for mut work in self.closures.drain(..) {
            work.answer(verdict.clone());
        }
    }
}

impl GroupCommit {
    pub(super) fn new(kind: LinkKind, file: sqlite::File, recent: Arc<Recent>) -> Self {
        Self {
            kind,
            file,
            recent,
            connection: None,
        }
    }

    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>, most: usize) {
        let mut gathered = Vec::new();
        let mut open = true;
        while open && jobs.recv_many(&mut gathered, most).await > 0 {
            let mut batch = Batch::default();
            for job in gathered.drain(..) {
                match job {
                    Job::Merged(unit) => batch.units.push(unit),
                    Job::Alone(work) => batch.closures.push(work),
                    Job::Close => open = false,
                }
            }
            let verdict = self.commit(&mut batch).await;
            if let Err(error) = &verdict {
                tracing::error!(%error, "a batch of writes failed");
                self.throw_away().await;
            }
            batch.answer(&verdict);
            // Those just answered get to hand in their next write first, so that
            // it shares the next commit.
            tokio::task::yield_now().await;
        }
        self.throw_away().await;
    }

    async fn throw_away(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the writing connection");
        }
    }

    async fn begin(&mut self) -> Result<Link, StoreError> {
        let file = &self.file;
        let connection = self.connection.get_or_insert_with(|| file.one_connection());
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions {
            sqlite_transaction_mode: mode,
            ..Default::default()
        };
        Ok(self
            .kind
            .link(connection.begin_with_options(options).await?, None))
    }

    async fn commit(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        if batch.units.is_empty() && batch.closures.is_empty() {
            return Ok(());
        }
        let mut link = Arc::new(self.begin().await?);
        let whole = batch.closures.is_empty();
        let mut told = match merged::run(&link, &mut batch.units, whole).await {
            Ok(told) => told,
            Err(error) if error.is_engine() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "merged units are run one by one");
                sole(link)?.rollback().await?;
                link = Arc::new(self.begin().await?);
                Told {
                    events: one_by_one(&link, &mut batch.units).await?,
                    written: None,
                }
            }
        };
        for work in &mut batch.closures {
            told.events.extend(in_savepoint(&link, work).await?);
        }
        let end = match told.written {
            Some(end) => end,
            None => feed::append(&link, &told.events).await?,
        };
        if self.kind.faults.ack_before_commit {
            batch.answer(&Ok(()));
            self.kind.faults.slow_disk().await;
        }
        self.kind.faults.slow_sync().await;
        sole(link)?.commit().await?;
        self.kind.counters.commit();
        if let Some(end) = end {
            self.recent.add(end, told.events);
        }
        Ok(())
    }
}

/// The transaction itself, once every unit has let go of it.
fn sole(link: Arc<Link>) -> Result<Link, StoreError> {
    Arc::into_inner(link).ok_or_else(|| StoreError::Unavailable("a unit kept its link".to_owned()))
}

/// One closure in a savepoint. `Err` only for what concerns the whole batch.
async fn in_savepoint(link: &Link, work: &mut Box<dyn Work>) -> Result<Vec<NewEvent>, StoreError> {
    let savepoint = Arc::new(link.savepoint().await?);
    let kept = work.run(Arc::clone(&savepoint)).await;
    let savepoint = sole(savepoint)?;
    match (savepoint.broken(), kept) {
        (Some(error), _) if error.is_engine() => Err(error),
        (None, Some(events)) => {
            savepoint.commit().await?;
            Ok(events)
        }
        (broken, kept) => {
            savepoint.rollback().await?;
            // It went on after a statement failed, and called that a success.
            if let (Some(error), Some(_)) = (broken, kept) {
                work.answer(Err(error));
            }
            Ok(Vec::new())
        }
    }
}

/// After a statement over all units was refused: each in a savepoint, so that
/// only the one at fault hears of it.
async fn one_by_one(
    link: &Link,
    units: &mut Vec<Box<dyn Pending>>,
) -> Result<Vec<NewEvent>, StoreError> {
    let mut all = Vec::new();
    for unit in units.iter_mut() {
        let savepoint = link.savepoint().await?;
        match merged::run(&savepoint, std::slice::from_mut(unit), false).await {
            Ok(told) => {
                savepoint.commit().await?;
                all.extend(told.events);
            }
            Err(error) if error.is_engine() => return Err(error),
            Err(error) => {
                savepoint.rollback().await?;
                unit.answer(Err(error));
            }
        }
    }
    Ok(all)
}
