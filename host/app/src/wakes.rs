//! What has come for a step to look at, and a ring for the one that waits meanwhile.
//!
//! Given by whoever hears of something (a timer, an admin, the tail), taken by the
//! step that deals with it. In memory only: what may not be lost is in a row.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

pub(crate) struct Wakes<T> {
    come: Mutex<Vec<T>>,
    rings: Notify,
}

impl<T> Default for Wakes<T> {
    fn default() -> Self {
        Self {
            come: Mutex::default(),
            rings: Notify::new(),
        }
    }
}

impl<T> Wakes<T> {
    pub(crate) fn wake(&self, one: T) {
        self.wake_all([one]);
    }

    pub(crate) fn wake_all(&self, some: impl IntoIterator<Item = T>) {
        let mut come = self.come.lock().unwrap_or_else(PoisonError::into_inner);
        come.extend(some);
        drop(come);
        self.ring();
    }

    /// There is something to look at elsewhere.
    pub(crate) fn ring(&self) {
        self.rings.notify_one();
    }

    pub(crate) fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.come.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Until something comes, or has come since the last time somebody waited.
    pub(crate) async fn rung(&self) {
        self.rings.notified().await;
    }
}
