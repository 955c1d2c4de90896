//! The hub: what the feed's tail and the bell bring is given to sockets here.
//!
//! Joining and delivering take the same lock, so a socket that joins at position
//! h gets exactly what comes after h. Nothing in here waits or touches the
//! database: the whole node's events pass through.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_app::{Clock, FeedEvent, Listener, Signal};
use deskbell_domain::{Actor, ConnectionId, EventBody, Who};

use super::closing::Closing;
use super::outbox::Outbox;
use super::rooms::Rooms;
use crate::config::Limits;

/// A socket that is logged in.
pub struct Seat {
    pub connection: ConnectionId,
    pub(super) outbox: Outbox,
    actor: Mutex<Arc<Actor>>,
}

impl Seat {
    #[must_use]
    pub fn actor(&self) -> Arc<Actor> {
        self.actor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn rename(&self, to: Option<&str>) {
        let mut actor = self.actor.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut Arc::make_mut(&mut actor).who, to) {
            (Who::Agent { name, .. }, Some(to)) => to.clone_into(name),
            (Who::Visitor { name, .. }, to) => *name = to.map(str::to_owned),
            _ => {}
        }
    }
}

/// A seat that is given up when this is dropped, whatever ended the socket.
pub struct Joined {
    hub: Hub,
    pub seat: Arc<Seat>,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.seat);
    }
}

#[derive(Clone)]
pub struct Hub {
    rooms: Arc<Mutex<Rooms>>,
    depth: Arc<AtomicI64>,
    clock: Arc<dyn Clock>,
    frames_max: usize,
    bytes_max: usize,
}

impl Hub {
    #[must_use]
    pub fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            rooms: Arc::default(),
            depth: Arc::default(),
            clock,
            frames_max: limits.socket_queue_frames,
            bytes_max: limits.socket_queue_bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the tail begins; to be told before it is followed.
    pub fn start_at(&self, position: i64) {
        let mut rooms = self.lock();
        rooms.position = rooms.position.max(position);
    }

    /// Takes a seat. It gets every event after the answered position.
    #[must_use]
    pub fn join(&self, actor: Actor, connection: ConnectionId) -> (Joined, i64) {
        let seat = Arc::new(Seat {
            connection,
            outbox: Outbox::new(self.frames_max, self.bytes_max, self.depth.clone()),
            actor: Mutex::new(Arc::new(actor)),
        });
        let mut rooms = self.lock();
        rooms.add(&seat);
        if rooms.leaving {
            seat.outbox.close(Closing::going_away(Duration::ZERO));
        }
        let position = rooms.position;
        drop(rooms);
        let hub = self.clone();
        (Joined { hub, seat }, position)
    }

    pub fn signal(&self, signal: &Signal) {
        self.lock().signal(signal);
    }

    /// Sends everybody away, each to come back at a moment of its own, so that
    /// they do not all come at once.
    pub fn send_away(&self, within: Duration) {
        let mut rooms = self.lock();
        rooms.leaving = true;
        let count = u32::try_from(rooms.all().count().max(1)).unwrap_or(u32::MAX);
        for (place, seat) in (0..count).zip(rooms.all()) {
            seat.outbox
                .close(Closing::going_away(within * place / count));
        }
    }

    /// Sockets of agents and of visitors.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        self.lock().count()
    }

    fn measure(&self, batch: &[Arc<FeedEvent>], deliveries: u64) {
        let is_message =
            |event: &&Arc<FeedEvent>| matches!(event.event.body, EventBody::MessageCreated { .. });
        let messages = batch.iter().filter(is_message).count() as u64;
        metrics::counter!("deskbell_messages_total").increment(messages);
        metrics::counter!("deskbell_feed_events_total").increment(batch.len() as u64);
        metrics::counter!("deskbell_socket_deliveries_total").increment(deliveries);
        metrics::histogram!("deskbell_feed_batch_events").record(batch.len() as f64);
        if let Some(oldest) = batch.first() {
            let lag = self.clock.now().since(oldest.event.occurred_at);
            metrics::histogram!("deskbell_feed_lag_seconds").record(lag as f64 / 1_000.0);
        }
    }

    /// Frames waiting to be written, in all sockets together.
    #[must_use]
    pub fn depth(&self) -> i64 {
        self.depth.load(Ordering::Relaxed)
    }
}

impl Listener for Hub {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        let mut rooms = self.lock();
        let mut deliveries = 0;
        for event in batch.iter().filter(|event| event.position > rooms.position) {
            deliveries += rooms.deliver(event);
        }
        if let Some(last) = batch.last() {
            rooms.position = rooms.position.max(last.position);
        }
        drop(rooms);
        self.measure(batch, deliveries);
    }
}
