//! Durable followers of the feed: a name, a scope, and `handle(batch)`.
//!
//! The loop owns the cursor, the retry with back-off and the parking of an event
//! that cannot be handled. Deliveries are at least once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deskbell_domain::Timestamp;
use deskbell_domain::time::{MINUTE, Millis, SECOND};
use deskbell_store::{Cursor, FeedRow};
use tokio::sync::Mutex;

use crate::app::{App, stored};
use crate::error::Error;
use crate::lease::{Hold, Lease};
use crate::tail::FeedEvent;

/// Rows a consumer gets at once.
const BATCH: u64 = 1_024;
/// Tries of one event before it is parked.
const TRIES: u32 = 5;
const BACK_OFF: Millis = SECOND;
const BACK_OFF_MAX: Millis = 5 * MINUTE;
const LEASE_TTL: Millis = 10 * SECOND;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each node has its own (an index on its own disk).
    PerNode,
    /// One at a time in the whole cluster.
    Cluster,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConsumerError(pub String);

#[async_trait]
pub trait Consumer: Send + Sync {
    fn name(&self) -> &'static str;
    fn scope(&self) -> Scope;

    /// Handles a batch; may see an event again after a crash.
    async fn handle(&self, batch: &[Arc<FeedEvent>]) -> Result<(), ConsumerError>;

    /// How long its loop gathers events before the next batch, once it has caught
    /// up: for a consumer to which a batch costs the same whatever is in it.
    fn rest(&self) -> Duration {
        Duration::ZERO
    }

    /// A consumer that keeps its cursor with its own data (an index) says true.
    fn keeps_cursor(&self) -> bool {
        false
    }

    /// Its own cursor; asked once, at the start.
    async fn cursor(&self) -> Result<Option<Cursor>, ConsumerError> {
        Ok(None)
    }

    /// There is no usable cursor: rebuild from state, which holds everything up
    /// to `at`. The default has nothing to rebuild.
    async fn rebuild(&self, _at: Cursor) -> Result<(), ConsumerError> {
        Ok(())
    }
}

/// One consumer and where it is.
pub(crate) struct Following {
    app: App,
    consumer: Arc<dyn Consumer>,
    place: Mutex<Place>,
    /// None for a consumer per node. Never locked but with `place` held.
    lease: Option<Mutex<Lease>>,
    /// Whether the last batch was all there was.
    caught_up: AtomicBool,
}

#[derive(Default)]
struct Place {
    position: Option<i64>,
    tries: u32,
    /// After a failure one event at a time, so that a bad one is found.
    single: bool,
    not_before: Option<Timestamp>,
}

impl Place {
    fn moved_to(&mut self, position: i64) {
        *self = Self {
            position: Some(position),
            ..Self::default()
        };
    }
}

impl Following {
    pub(crate) fn new(app: App, consumer: Arc<dyn Consumer>) -> Self {
        let lease = (consumer.scope() == Scope::Cluster)
            .then(|| Lease::new(format!("consumer/{}", consumer.name()), LEASE_TTL));
        Self {
            app,
            consumer,
            lease: lease.map(Mutex::new),
            place: Mutex::new(Place::default()),
            caught_up: AtomicBool::new(false),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.consumer.name()
    }

    /// What its loop waits between two batches.
    pub(crate) fn rest(&self) -> Duration {
        if self.caught_up.load(Ordering::Relaxed) {
            self.consumer.rest()
        } else {
            Duration::ZERO
        }
    }

    /// Handles one batch of what lies before `up_to`; true if there was any.
    pub(crate) async fn step(&self, up_to: i64) -> Result<bool, Error> {
        let mut place = self.place.lock().await;
        if place.not_before.is_some_and(|at| self.app.now() < at) {
            return Ok(false);
        }
        if !self.holds_lease(&mut place).await? {
            return Ok(false);
        }
        let Some(position) = place.position else {
            place.position = Some(self.begin(up_to).await?);
            return Ok(true);
        };
        let limit = if place.single { 1 } else { BATCH };
        let rows = stored(self.app.store.feed_news(position, up_to, limit).await)?;
        let caught_up = (rows.len() as u64) < limit;
        self.caught_up.store(caught_up, Ordering::Relaxed);
        let Some(last) = rows.last().map(|row| row.position) else {
            return Ok(false);
        };
        let batch: Vec<_> = rows.into_iter().map(|row| self.event(row)).collect();
        match self.consumer.handle(&batch).await {
            Ok(()) => {
                place.moved_to(last);
                self.remember(last).await?;
            }
            Err(error) => self.failed(&mut place, &batch, &error).await?,
        }
        Ok(true)
    }

    fn event(&self, row: FeedRow) -> Arc<FeedEvent> {
        let cursor = self.app.store.cursor_at(row.position);
        FeedEvent::of(row, cursor)
    }

    async fn failed(
        &self,
        place: &mut Place,
        batch: &[Arc<FeedEvent>],
        error: &ConsumerError,
    ) -> Result<(), Error> {
        let name = self.consumer.name();
        if !place.single {
            tracing::warn!(consumer = name, %error, "a batch failed; going one by one");
            place.single = true;
            return Ok(());
        }
        place.tries += 1;
        if place.tries < TRIES {
            let wait = (BACK_OFF << place.tries).min(BACK_OFF_MAX);
            tracing::warn!(consumer = name, %error, tries = place.tries, "an event failed");
            place.not_before = Some(self.app.now().plus(wait));
            return Ok(());
        }
        let Some(event) = batch.first() else {
            return Ok(());
        };
        tracing::error!(consumer = name, %error, position = event.position, "an event is parked");
        let (position, tenant) = (event.position, event.event.tenant_id);
        let (text, tries, now) = (error.to_string(), i64::from(place.tries), self.app.now());
        let parked = self.app.store.system(move |sys| {
            let text = text.clone();
            Box::pin(async move {
                sys.park_event(name, position, tenant, &text, tries, now)
                    .await
            })
        });
        stored(parked.await)?;
        place.moved_to(position);
        self.remember(position).await
    }

    /// Who comes to it begins where the cursor is.
    async fn holds_lease(&self, place: &mut Place) -> Result<bool, Error> {
        let Some(lease) = &self.lease else {
            return Ok(true);
        };
        let mut lease = lease.lock().await;
        if lease.hold(&self.app).await? == Hold::Changed {
            *place = Place::default();
        }
        Ok(lease.epoch().is_some())
    }

    /// The stored cursor if it can still be followed, else a rebuild.
    async fn begin(&self, up_to: i64) -> Result<i64, Error> {
        let failed = |error: ConsumerError| Error::Internal(format!("consumer: {error}"));
        let cursor = if self.consumer.keeps_cursor() {
            self.consumer.cursor().await.map_err(failed)?
        } else {
            let sys = self.app.store.system_snapshot().await?;
            sys.consumer_cursor(self.consumer.name(), self.cursor_node())
                .await?
        };
        let floor = stored(self.app.store.feed_floor().await)?;
        let epoch = self.app.store.feed_epoch();
        let usable = cursor
            .filter(|c| c.epoch == epoch && c.position >= floor - 1)
            .map(|c| c.position);
        match usable {
            Some(position) => Ok(position),
            None => {
                self.consumer
                    .rebuild(self.app.store.cursor_at(up_to))
                    .await
                    .map_err(failed)?;
                self.remember(up_to).await?;
                Ok(up_to)
            }
        }
    }

    async fn remember(&self, position: i64) -> Result<(), Error> {
        if self.consumer.keeps_cursor() {
            return Ok(());
        }
        let (name, node) = (self.consumer.name(), self.cursor_node());
        let cursor = self.app.store.cursor_at(position);
        let saved = self.app.store.system(move |sys| {
            let cursor = cursor;
            Box::pin(async move { sys.save_consumer_cursor(name, node, &cursor).await })
        });
        stored(saved.await)
    }

    fn cursor_node(&self) -> Option<deskbell_domain::NodeId> {
        (self.consumer.scope() == Scope::PerNode).then_some(self.app.node)
    }
}
