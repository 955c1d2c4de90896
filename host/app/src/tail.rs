//! The tail of the feed: read once per node, given to everybody who follows.
//!
//! Listeners (the socket hub, the router) get whole batches, in order, on the
//! reader's own step. `missed` answers a client that comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deskbell_domain::visitor_view;
use deskbell_domain::{Actor, Event, EventBody, Who};
use deskbell_store::{Cursor, FeedReader, FeedRow};
use tokio::sync::Mutex;

use crate::app::{App, stored};
use crate::error::Error;

/// Rows a step reads at most.
const BATCH: u64 = 512;
/// A client further behind than this takes a snapshot instead.
const MISSED_MAX: u64 = 5_000;

/// An event with its place in the feed.
#[derive(Debug, Clone)]
pub struct FeedEvent {
    pub position: i64,
    pub cursor: Cursor,
    pub event: Arc<Event>,
}

impl FeedEvent {
    pub(crate) fn of(row: FeedRow, cursor: Cursor) -> Arc<Self> {
        Arc::new(Self {
            position: row.position,
            cursor,
            event: row.event,
        })
    }

    /// Whether this actor's sockets get it.
    #[must_use]
    pub fn is_for(&self, actor: &Actor) -> bool {
        if self.event.tenant_id != actor.tenant {
            return false;
        }
        let audience = &self.event.audience;
        match &actor.who {
            Who::Agent {
                id, role, teams, ..
            } => audience.reaches_agent(*id, teams, role.sees_all()),
            Who::Visitor { contact, .. } => {
                audience.contact == Some(*contact) && visitor_view::event(&self.event).is_some()
            }
            // Neither has a socket.
            Who::Plugin { .. } | Who::System => true,
        }
    }

    /// Whether this event changes what the actor may see, so that going on from a
    /// cursor before it would be wrong.
    #[must_use]
    pub fn changes_sight_of(&self, actor: &Actor) -> bool {
        let EventBody::AgentUpdated { agent } = &self.event.body else {
            return false;
        };
        let changed = |field| self.event.changes.0.contains_key(field);
        actor.agent_id() == Some(agent.id)
            && (changed("team_ids") || changed("role") || changed("deactivated_at"))
    }
}

/// Follows the feed. Quick and never waiting: the whole node's events pass here.
pub trait Listener: Send + Sync {
    fn deliver(&self, batch: &[Arc<FeedEvent>]);
}

pub struct Tail {
    app: App,
    reader: Mutex<FeedReader>,
    waiting: AtomicBool,
    listeners: Vec<Arc<dyn Listener>>,
}

impl Tail {
    pub async fn new(app: App, listeners: Vec<Arc<dyn Listener>>) -> Result<Self, Error> {
        let reader = stored(app.store.feed_reader().await)?;
        app.known.set_tail(reader.position());
        Ok(Self {
            app,
            reader: Mutex::new(reader),
            waiting: AtomicBool::new(false),
            listeners,
        })
    }

    /// Whether rows are held back until an earlier writer is through.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    pub async fn step(&self) -> Result<bool, Error> {
        let mut reader = self.reader.lock().await;
        let rows = stored(reader.poll(BATCH).await)?;
        self.waiting.store(reader.is_waiting(), Ordering::Relaxed);
        if rows.is_empty() {
            return Ok(false);
        }
        let batch: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let cursor = self.app.store.cursor_at(row.position);
                FeedEvent::of(row, cursor)
            })
            .collect();
        for listener in &self.listeners {
            listener.deliver(&batch);
        }
        if let Some(last) = batch.last() {
            self.app.known.set_tail(last.position);
        }
        Ok(true)
    }
}

/// What a client that comes back gets.
#[derive(Debug, Clone)]
pub enum Missed {
    /// Exactly these, then live.
    Events(Vec<Arc<FeedEvent>>),
    /// Too old, of another epoch, too many, or its sight changed: take a snapshot.
    Resync,
}

impl App {
    /// Everything up to here was delivered to this node's listeners.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.known.tail()
    }

    /// Where a snapshot that is read from now on is true at.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.store.cursor_at(self.position())
    }

    /// The events after `cursor` up to and including `up_to` that this actor's
    /// socket would have got.
    pub async fn missed(
        &self,
        actor: &Actor,
        cursor: &Cursor,
        up_to: i64,
    ) -> Result<Missed, Error> {
        let after = cursor.position;
        let floor = stored(self.store.feed_floor().await)?;
        let usable =
            cursor.epoch == self.store.feed_epoch() && after <= up_to && after >= floor - 1;
        if !usable {
            return Ok(Missed::Resync);
        }
        let rows = self
            .store
            .feed_range(actor.tenant, after, up_to, MISSED_MAX + 1)
            .await;
        let rows = stored(rows)?;
        if rows.len() as u64 > MISSED_MAX {
            return Ok(Missed::Resync);
        }
        let events: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let cursor = self.store.cursor_at(row.position);
                FeedEvent::of(row, cursor)
            })
            .collect();
        if events.iter().any(|event| event.changes_sight_of(actor)) {
            return Ok(Missed::Resync);
        }
        Ok(Missed::Events(
            events
                .into_iter()
                .filter(|event| event.is_for(actor))
                .collect(),
        ))
    }
}
