//! Writing on PostgreSQL: closures on a pool, hot units through a few lanes.
//!
//! Read committed, and repeated when the server says that two transactions were
//! in each other's way. A lane merges the units that gathered while its last
//! transaction committed; a conversation's units always meet in the same lane, so
//! lanes seldom wait for each other's rows. Locks are taken conversations first,
//! then agents, each in the order of their ids.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::ConversationId;
use sea_orm::{DatabaseConnection, TransactionTrait};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::error::StoreError;
use crate::feed;
use crate::link::{Link, LinkKind};
use crate::merged::{self, Pending};
use crate::task;
use crate::writer::{Job, QUEUE, Work};

/// How often a transaction that lost a race is tried in all.
const TRIES: u32 = 8;

/// How many connections there are, and how many lanes use them.
#[derive(Clone, Copy)]
pub(crate) struct PoolSize {
    pub(crate) connections: usize,
    pub(crate) lanes: usize,
}

pub(super) struct Roads {
    server: Server,
    lanes: Vec<mpsc::Sender<Job>>,
}

#[derive(Clone)]
struct Server {
    kind: LinkKind,
    pool: DatabaseConnection,
    /// As many as there are connections. Who waits here waits for its turn, not
    /// for a server that may be gone: that is told by the pool's own time-out.
    places: Arc<Semaphore>,
}

impl Roads {
    pub(super) fn new(
        kind: LinkKind,
        pool: DatabaseConnection,
        size: PoolSize,
        batch: usize,
    ) -> (Self, Vec<JoinHandle<()>>) {
        let places = Arc::new(Semaphore::new(size.connections));
        let server = Server { kind, pool, places };
        let (lanes, tasks) = (0..size.lanes.max(1))
            .map(|_| {
                let (sender, receiver) = mpsc::channel(QUEUE);
                (sender, task::spawn(server.clone().lane(receiver, batch)))
            })
            .unzip();
        (Self { server, lanes }, tasks)
    }

    /// The lane of a conversation. The low bits of an id are random.
    pub(super) fn lane(&self, conversation: ConversationId) -> &mpsc::Sender<Job> {
        let n = conversation.0.as_u128() % self.lanes.len() as u128;
        &self.lanes[n as usize]
    }

    /// Runs a closure in a task of its own, so that it ends even when its caller
    /// is gone.
    pub(super) fn alone(&self, work: Box<dyn Work>) {
        let server = self.server.clone();
        drop(task::spawn(async move { server.alone(work).await }));
    }

    pub(super) async fn close(&self) {
        for lane in &self.lanes {
            let _ = lane.send(Job::Close).await;
        }
        if let Err(error) = self.server.pool.close_by_ref().await {
            tracing::warn!(%error, "closing the writing connections");
        }
    }
}

impl Server {
    async fn begin(&self) -> Result<Arc<Link>, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::closed())?;
        let transaction = self.pool.begin().await?;
        Ok(Arc::new(self.kind.link(transaction, Some(place))))
    }

    async fn alone(self, mut work: Box<dyn Work>) {
        let mut tried = 0;
        let verdict = loop {
            tried += 1;
            match self.attempt_alone(&mut work).await {
                Err(StoreError::Conflict(_)) if tried < TRIES => pause(tried).await,
                Err(StoreError::Conflict(text)) => break Err(StoreError::Unavailable(text)),
                verdict => break verdict,
            }
        };
        if let Err(error) = &verdict {
            tracing::warn!(%error, "a write failed");
        }
        work.answer(verdict);
    }

    async fn attempt_alone(&self, work: &mut Box<dyn Work>) -> Result<(), StoreError> {
        let link = self.begin().await?;
        let kept = work.run(Arc::clone(&link)).await;
        match (link.broken(), kept) {
            // A race is repeated, and an engine error told, whatever the closure
            // made of it; so is any error that it went on after.
            (Some(error), kept) if kept.is_some() || !matches!(error, StoreError::Refused(_)) => {
                Err(error)
            }
            (_, None) => sole(link)?.rollback().await,
            (_, Some(events)) => {
                feed::append(&link, &events).await?;
                if self.kind.faults.ack_before_commit {
                    work.answer(Ok(()));
                    self.kind.faults.slow_disk().await;
                }
                self.commit(link).await
            }
        }
    }

    async fn commit(&self, link: Arc<Link>) -> Result<(), StoreError> {
        sole(link)?.commit().await?;
        self.kind.counters.commit();
        Ok(())
    }

    async fn lane(self, mut jobs: mpsc::Receiver<Job>, most: usize) {
        let mut gathered = Vec::new();
        let mut open = true;
        while open && jobs.recv_many(&mut gathered, most).await > 0 {
            let mut units = Vec::new();
            for job in gathered.drain(..) {
                match job {
                    Job::Merged(unit) => units.push(unit),
                    Job::Alone(work) => self.clone().alone(work).await,
                    Job::Close => open = false,
                }
            }
            match self.repeat(&mut units).await {
                Err(StoreError::Refused(error)) if units.len() > 1 => {
                    tracing::warn!(%error, "merged units are run one by one");
                    for unit in &mut units {
                        let verdict = self.repeat(std::slice::from_mut(unit)).await;
                        unit.answer(verdict);
                    }
                }
                verdict => {
                    if let Err(error) = &verdict {
                        tracing::error!(%error, "a batch of writes failed");
                    }
                    for unit in &mut units {
                        unit.answer(verdict.clone());
                    }
                }
            }
            tokio::task::yield_now().await;
        }
    }

    async fn repeat(&self, units: &mut [Box<dyn Pending>]) -> Result<(), StoreError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.attempt(units).await {
                Err(StoreError::Conflict(_)) if tried < TRIES => pause(tried).await,
                Err(StoreError::Conflict(text)) => return Err(StoreError::Unavailable(text)),
                verdict => return verdict,
            }
        }
    }

    async fn attempt(&self, units: &mut [Box<dyn Pending>]) -> Result<(), StoreError> {
        if units.is_empty() {
            return Ok(());
        }
        let link = self.begin().await?;
        merged::run(&link, units, true).await?;
        if self.kind.faults.ack_before_commit {
            for unit in units {
                unit.answer(Ok(()));
            }
            self.kind.faults.slow_disk().await;
        }
        self.commit(link).await
    }
}

fn sole(link: Arc<Link>) -> Result<Link, StoreError> {
    Arc::into_inner(link).ok_or_else(|| StoreError::Unavailable("a unit kept its link".to_owned()))
}

/// Lets the winner of a race get on, longer each time.
async fn pause(tried: u32) {
    tokio::time::sleep(Duration::from_millis(u64::from(1_u32 << tried.min(6)))).await;
}
