//! What waits to be written to one socket: bounded, so that a slow reader costs
//! us this much and no more.
//!
//! Anybody may push; only the socket's own task takes. A push beyond the bounds
//! while the peer takes nothing drops what waits and closes: the client comes back
//! and resumes from its cursor. A peer that does take is only behind because a
//! whole batch of events came at once, and is given room for several.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;

use super::closing::Closing;

/// How far beyond the bounds the queue of a peer that takes frames may grow.
const BATCHES: usize = 8;
/// An emptied queue keeps room for this many.
const KEPT: usize = 8;

pub(super) struct Outbox {
    queue: Mutex<Queue>,
    reader: AtomicWaker,
    /// The peer took nothing when it was last tried.
    stalled: AtomicBool,
    frames_max: usize,
    bytes_max: usize,
    /// Frames waiting in all sockets together, for the metrics.
    depth: Arc<AtomicI64>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    closing: Option<Closing>,
}

impl Outbox {
    #[must_use]
    pub(super) fn new(frames_max: usize, bytes_max: usize, depth: Arc<AtomicI64>) -> Self {
        Self {
            queue: Mutex::default(),
            reader: AtomicWaker::new(),
            stalled: AtomicBool::new(false),
            frames_max,
            bytes_max,
            depth,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame, unless the socket is on its way out.
    pub(super) fn push(&self, frame: Utf8Bytes) {
        let mut queue = self.lock();
        if queue.closing.is_some() {
            return;
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        self.depth.fetch_add(1, Ordering::Relaxed);
        let stalled = self.stalled.load(Ordering::Relaxed);
        let times = if stalled { 1 } else { BATCHES };
        if queue.frames.len() > self.frames_max * times || queue.bytes > self.bytes_max * times {
            self.clear(&mut queue);
            queue.closing = Some(Closing::too_slow());
        }
        drop(queue);
        self.reader.wake();
    }

    /// Lets what waits be written, and then nothing more. The first reason stays,
    /// except that a revoked session goes before all others.
    pub(super) fn close(&self, closing: Closing) {
        let mut queue = self.lock();
        if closing == Closing::revoked() {
            self.clear(&mut queue);
            queue.closing = Some(closing);
        } else {
            queue.closing.get_or_insert(closing);
        }
        drop(queue);
        self.reader.wake();
    }

    #[must_use]
    pub(super) fn pop(&self) -> Option<Utf8Bytes> {
        let mut queue = self.lock();
        let frame = queue.frames.pop_front()?;
        queue.bytes -= frame.len();
        if queue.frames.is_empty() && queue.frames.capacity() > KEPT {
            queue.frames.shrink_to(KEPT);
        }
        self.depth.fetch_sub(1, Ordering::Relaxed);
        Some(frame)
    }

    /// Why the socket is to end, once nothing waits before it.
    #[must_use]
    pub(super) fn closing(&self) -> Option<Closing> {
        let queue = self.lock();
        queue.closing.clone().filter(|_| queue.frames.is_empty())
    }

    /// To be called before looking for frames, or a push in between is missed.
    pub(super) fn register(&self, waker: &Waker) {
        self.reader.register(waker);
    }

    /// Whether the peer takes what is written to it.
    pub(super) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    fn clear(&self, queue: &mut Queue) {
        let waiting = i64::try_from(queue.frames.len()).unwrap_or_default();
        self.depth.fetch_sub(waiting, Ordering::Relaxed);
        queue.frames = VecDeque::new();
        queue.bytes = 0;
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let mut queue = std::mem::take(&mut *self.lock());
        self.clear(&mut queue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(frames: usize, bytes: usize) -> (Outbox, Arc<AtomicI64>) {
        let depth = Arc::new(AtomicI64::new(0));
        (Outbox::new(frames, bytes, depth.clone()), depth)
    }

    #[test]
    fn frames_leave_in_order_and_before_the_close() {
        let (outbox, depth) = outbox(10, 100);
        outbox.push("a".into());
        outbox.push("b".into());
        outbox.close(Closing::other_sight());
        outbox.push("late".into());
        assert_eq!(depth.load(Ordering::Relaxed), 2);
        assert_eq!(outbox.closing(), None, "two frames go first");
        assert_eq!(outbox.pop().as_deref(), Some("a"));
        assert_eq!(outbox.pop().as_deref(), Some("b"));
        assert_eq!(outbox.pop(), None);
        assert_eq!(outbox.closing(), Some(Closing::other_sight()));
        assert_eq!(depth.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_slow_reader_is_closed_by_frames_or_bytes() {
        let (by_frames, depth) = outbox(2, 100);
        let (by_bytes, _) = outbox(100, 2);
        for outbox in [&by_frames, &by_bytes] {
            outbox.set_stalled(true);
            (0..3).for_each(|_| outbox.push("x".into()));
        }
        assert_eq!(by_frames.closing(), Some(Closing::too_slow()));
        assert_eq!(by_bytes.closing(), Some(Closing::too_slow()));
        assert_eq!(by_frames.pop(), None);
        assert_eq!(depth.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_batch_at_once_is_no_slow_reader_but_there_is_an_end() {
        let (outbox, _) = outbox(2, 100);
        (0..16).for_each(|_| outbox.push("x".into()));
        assert_eq!(outbox.pop().as_deref(), Some("x"));
        (0..2).for_each(|_| outbox.push("x".into()));
        assert_eq!(outbox.closing(), Some(Closing::too_slow()));
    }

    #[test]
    fn revoked_goes_before_everything() {
        let (outbox, depth) = outbox(10, 100);
        outbox.push("secret".into());
        outbox.close(Closing::other_sight());
        outbox.close(Closing::revoked());
        assert_eq!(outbox.pop(), None);
        assert_eq!(outbox.closing(), Some(Closing::revoked()));
        drop(outbox);
        assert_eq!(depth.load(Ordering::Relaxed), 0);
    }
}
