//! A lease this node takes, renews and gives back: for what one node does at a time.
//!
//! Renewed by the machine's own clock, well within its life: a lease is about
//! processes, not about domain time. Who writes under one names its epoch, and a
//! node that lost it without noticing is refused.

use std::time::Duration;

use deskbell_domain::time::Millis;
use tokio::time::Instant;

use crate::app::{App, stored};
use crate::error::Error;

/// A third of its life, so that one missed renewal does no harm.
const RENEWALS: u64 = 3;

#[derive(Debug)]
pub(crate) struct Lease {
    name: String,
    lasts: Millis,
    /// While it is ours.
    epoch: Option<i64>,
    asked: Option<Instant>,
}

/// What `hold` came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It was asked for lately: as before.
    Lately,
    /// Ours as before, or somebody else's as before.
    Same,
    /// Ours from now on, or no longer.
    Changed,
}

impl Lease {
    pub(crate) fn new(name: impl Into<String>, lasts: Millis) -> Self {
        Self {
            name: name.into(),
            lasts,
            epoch: None,
            asked: None,
        }
    }

    /// Its epoch, if it is ours.
    pub(crate) fn epoch(&self) -> Option<i64> {
        self.epoch
    }

    /// How often it is renewed.
    pub(crate) fn every(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.lasts).unwrap_or(0) / RENEWALS)
    }

    /// Takes it, if it is free, or holds on to it.
    pub(crate) async fn hold(&mut self, app: &App) -> Result<Hold, Error> {
        if self.asked.is_some_and(|at| at.elapsed() < self.every()) {
            return Ok(Hold::Lately);
        }
        let (holder, lasts, name) = (app.node.0, self.lasts, self.name.clone());
        let asked = Instant::now();
        let held = app.store.system(move |sys| {
            let name = name.clone();
            Box::pin(async move { sys.acquire_lease(&name, holder, lasts).await })
        });
        let epoch = stored(held.await)?;
        self.asked = Some(asked);
        if epoch == self.epoch {
            return Ok(Hold::Same);
        }
        self.epoch = epoch;
        Ok(Hold::Changed)
    }

    /// Knows nothing of it any more: the next `hold` asks, and begins anew.
    pub(crate) fn forget(&mut self) {
        self.epoch = None;
        self.asked = None;
    }

    /// Gives it back, so that another node need not wait for its end.
    pub(crate) async fn give_back(&mut self, app: &App) -> Result<(), Error> {
        self.asked = None;
        if self.epoch.take().is_none() {
            return Ok(());
        }
        let (holder, name) = (app.node.0, self.name.clone());
        let released = app.store.system(move |sys| {
            let name = name.clone();
            Box::pin(async move { sys.release_lease(&name, holder).await })
        });
        stored(released.await)
    }
}
