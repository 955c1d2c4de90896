//! How writes reach the disk.
//!
//! Two kinds of work come in: closures, each in a savepoint or transaction of its
//! own, and units of the hot commands, which are merged into one statement a
//! table (`merged.rs`). On SQLite one task takes all that gathered while the last
//! commit synced and commits once for all (`writer/group.rs`); on PostgreSQL
//! closures go to a pool and units to a few lanes (`writer/postgres.rs`).
//!
//! Work answers its caller itself, after the commit, and can be run again: what
//! an earlier run left in it is overwritten by the next.

mod group;
mod postgres;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::error::StoreError;
use crate::feed::{NewEvent, Recent};
use crate::link::{Link, LinkKind};
use crate::merged::Pending;
use crate::open::sqlite;
use crate::task;

/// A closure with its caller.
pub(crate) trait Work: Send {
    /// Runs it; None means that it wants nothing kept.
    fn run(&mut self, link: Arc<Link>) -> BoxFuture<'_, Option<Vec<NewEvent>>>;
    /// Tells the caller: what the last run came to, or the store's own error.
    fn answer(&mut self, verdict: Result<(), StoreError>);
}

/// What goes down a road.
pub(crate) enum Job {
    Alone(Box<dyn Work>),
    Merged(Box<dyn Pending>),
    /// Finish what came before, then stop.
    Close,
}

pub(crate) struct ClosureWork<F, T, E> {
    run: F,
    outcome: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
}

pub(crate) type Ran<T, E> = BoxFuture<'static, (Result<T, E>, Vec<NewEvent>)>;

impl<F, T, E> ClosureWork<F, T, E>
where
    F: Fn(Arc<Link>) -> Ran<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    pub(crate) fn boxed(reply: oneshot::Sender<Result<T, E>>, run: F) -> Box<dyn Work> {
        Box::new(Self {
            run,
            outcome: None,
            reply: Some(reply),
        })
    }
}

impl<F, T, E> Work for ClosureWork<F, T, E>
where
    F: Fn(Arc<Link>) -> Ran<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, link: Arc<Link>) -> BoxFuture<'_, Option<Vec<NewEvent>>> {
        self.outcome = None;
        let running = (self.run)(link);
        Box::pin(async move {
            // A panic is a bug of one closure; its neighbours go on.
            let (outcome, events) = AssertUnwindSafe(running).catch_unwind().await.ok()?;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep.then_some(events)
        })
    }

    fn answer(&mut self, verdict: Result<(), StoreError>) {
        let Some(reply) = self.reply.take() else {
            return;
        };
        let outcome = match verdict {
            Err(error) => Err(E::from(error)),
            Ok(()) => self.outcome.take().unwrap_or_else(|| {
                Err(E::from(StoreError::Refused(
                    "the unit of work panicked".to_owned(),
                )))
            }),
        };
        // Nobody listening any more is no reason to undo it.
        let _ = reply.send(outcome);
    }
}

pub(crate) use postgres::PoolSize;

pub(crate) struct Writer {
    road: Road,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

enum Road {
    Sqlite(mpsc::Sender<Job>),
    Postgres(postgres::Roads),
}

/// How many jobs may wait before callers do.
const QUEUE: usize = 4_096;

impl Writer {
    pub(crate) fn sqlite(
        kind: LinkKind,
        file: sqlite::File,
        recent: Arc<Recent>,
        batch: usize,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = task::spawn(group::GroupCommit::new(kind, file, recent).run(receiver, batch));
        Self {
            road: Road::Sqlite(sender),
            tasks: Mutex::new(vec![task]),
        }
    }

    pub(crate) fn postgres(
        kind: LinkKind,
        pool: DatabaseConnection,
        size: PoolSize,
        batch: usize,
    ) -> Self {
        let (roads, tasks) = postgres::Roads::new(kind, pool, size, batch);
        Self {
            road: Road::Postgres(roads),
            tasks: Mutex::new(tasks),
        }
    }

    /// Runs one closure and waits for its answer.
    pub(crate) async fn alone<T, E>(
        &self,
        work: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Box<dyn Work>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let (reply, answer) = oneshot::channel();
        let work = work(reply);
        let taken = match &self.road {
            Road::Sqlite(sender) => sender.send(Job::Alone(work)).await.is_ok(),
            Road::Postgres(roads) => {
                roads.alone(work);
                true
            }
        };
        let gone = || Err(E::from(StoreError::closed()));
        if taken {
            answer.await.unwrap_or_else(|_| gone())
        } else {
            gone()
        }
    }

    /// Hands a unit to the road on which its conversation's units meet.
    pub(crate) async fn merged(&self, unit: Box<dyn Pending>) -> Result<(), StoreError> {
        let sender = match &self.road {
            Road::Sqlite(sender) => sender,
            Road::Postgres(roads) => roads.lane(unit.wants().conversation),
        };
        sender
            .send(Job::Merged(unit))
            .await
            .map_err(|_| StoreError::closed())
    }

    pub(crate) async fn close(&self) {
        match &self.road {
            Road::Sqlite(sender) => {
                let _ = sender.send(Job::Close).await;
            }
            Road::Postgres(roads) => roads.close().await,
        }
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a writer ended badly");
            }
        }
    }
}
