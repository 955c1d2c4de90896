//! Tells plugins what happened (hook `events`), and what other systems sent them (hook
//! `webhook`), after it was stored and beside it.
//!
//! What an installation is to be told is written down from the feed as jobs
//! (`relay/feeding.rs`), in one transaction with how far the feed was read. They are
//! worked off from there (`relay/tell.rs`): one at a time for each conversation, in
//! the feed's order, at least once, again after a failure, and set aside after a
//! day. One node does it at a time, by a lease. A tenant has a few calls out at a
//! time, so a slow plugin delays its own tenant, and neither lock nor transaction is
//! held while one thinks.

mod feeding;
mod handle;
mod tell;

pub(crate) use feeding::Told;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use deskbell_domain::plugin::Hook;
use deskbell_domain::time::{DAY, MINUTE, Millis, SECOND};
use deskbell_domain::{InstallationId, TenantId, Timestamp};
use deskbell_store::Engine as StoreEngine;
use deskbell_store::jobs::Job;
use tokio::sync::Mutex;

use crate::app::{App, stored};
use crate::error::Error;
use crate::lease::{Hold, Lease};
use crate::plugins::BreakerState;
use crate::relay::feeding::Fed;
use crate::tail::{FeedEvent, Listener};
use crate::under_way::UnderWay;

const LEASE: &str = "relay";
const LEASE_TTL: Millis = 6 * SECOND;
/// Calls of one tenant that are out at a time; the sandbox has lanes of its own.
const OUT_OF_ONE_TENANT: usize = 8;
/// A claim that nobody finished lapses; whoever takes the lease over does not wait
/// for that.
const CLAIMED_FOR: Millis = 5 * MINUTE;
/// A plugin that is switched off is looked at again so often, in memory.
const LOOK_AGAIN: Millis = 5 * SECOND;
/// Trying goes on for so long, and what a plugin missed while it was switched off is
/// kept for so long.
const KEPT_FOR: Millis = DAY;
/// What was set aside is kept for so long.
const PARKED_FOR: Millis = 7 * DAY;
/// What another system sent is its words: it is kept no longer than need be.
const SENT_PARKED_FOR: Millis = DAY;
const SWEEP_EVERY: Millis = MINUTE;

/// Whose queue it is, and of which hook.
type Key = (TenantId, InstallationId, Hook);
/// Whose call it was, and whether it was told.
type Finished = (Key, Result<(), Error>);

/// What an installation is still to be told for this hook, in the table of jobs.
pub(crate) fn queue(installation: InstallationId, hook: Hook) -> String {
    format!("{}/{installation}", hook.as_str())
}

/// Whose queue this is; none: somebody else's.
fn key_of(tenant: TenantId, queue: &str) -> Option<Key> {
    let (hook, installation) = queue.split_once('/')?;
    let hook = Hook::parse(hook).filter(|it| matches!(it, Hook::Events | Hook::Webhook))?;
    Some((tenant, installation.parse().ok()?, hook))
}

pub(crate) struct Relay {
    app: App,
    /// What the tail brought since the last step.
    news: SyncMutex<Vec<Arc<FeedEvent>>>,
    state: Mutex<State>,
}

struct State {
    lease: Lease,
    fed: Fed,
    /// When each queue is to be looked at; one that is not in here is empty.
    looks: BTreeMap<Key, Timestamp>,
    /// Calls that are out.
    out: HashMap<Key, usize>,
    swept: Option<Timestamp>,
    under_way: UnderWay<Finished>,
}

impl Listener for Relay {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        self.news
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(batch);
        self.app.wakes.ring();
    }
}

impl Relay {
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            news: SyncMutex::default(),
            state: Mutex::new(State {
                lease: Lease::new(LEASE, LEASE_TTL),
                fed: Fed::default(),
                looks: BTreeMap::new(),
                out: HashMap::new(),
                swept: None,
                under_way: UnderWay::default(),
            }),
        }
    }

    /// Takes in the news and what has finished, and tells what is to be told; true
    /// if it did anything. With nothing else to do, it waits for what is under way.
    pub(crate) async fn step(&self) -> Result<bool, Error> {
        let mut state = self.state.lock().await;
        let outcome = self.round(&mut state).await;
        if outcome.is_err() {
            state.begin_anew();
            state.lease.forget();
        }
        outcome
    }

    async fn round(&self, state: &mut State) -> Result<bool, Error> {
        self.hold_lease(state).await?;
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        let woken = self.app.wakes.take();
        if state.lease.epoch().is_none() {
            // Somebody else does it; they read the same feed.
            return Ok(!news.is_empty());
        }
        let mut busy = !news.is_empty();
        for (tenant, installation) in state.fed.take_in(&self.app, news).await? {
            state.look_at((tenant, installation, Hook::Events), self.app.now());
        }
        for key in woken {
            state.look_at(key, self.app.now());
        }
        self.sweep(state).await?;
        for key in state.due(self.app.now()) {
            busy |= self.serve(key, state).await?;
        }
        let mut finished = state.under_way.finished()?;
        if !busy && finished.is_empty() && !state.under_way.is_empty() {
            tokio::select! {
                first = state.under_way.next() => finished.push(first?),
                () = self.app.wakes.rung() => {}
                () = tokio::time::sleep(state.lease.every()) => {}
            }
            busy = true;
        }
        busy |= !finished.is_empty();
        for (key, told) in finished {
            state.take_in(key, told, self.app.now());
        }
        Ok(busy)
    }

    /// Gives the lease back, so that another node need not wait for its end.
    pub(crate) async fn retire(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if state.lease.epoch().is_some() {
            state.fed.remember(&self.app).await?;
        }
        state.under_way.end().await;
        state.begin_anew();
        state.lease.give_back(&self.app).await
    }

    async fn hold_lease(&self, state: &mut State) -> Result<(), Error> {
        let hold = state.lease.hold(&self.app).await?;
        if hold == Hold::Changed {
            state.begin_anew();
        }
        if hold == Hold::Lately || state.lease.epoch().is_none() {
            return Ok(());
        }
        let now = self.app.now();
        if hold == Hold::Changed {
            state.fed = Fed::begin(&self.app).await?;
            let keys = self.keys(state).await?;
            // Whoever had claimed something does not hold the lease any more.
            let claimed = keys.clone();
            let released = self.app.store.system(move |sys| {
                let claimed = claimed.clone();
                Box::pin(async move {
                    for (_, installation, hook) in claimed {
                        sys.release_jobs(&queue(installation, hook)).await?;
                    }
                    Ok(())
                })
            });
            stored(released.await)?;
            for key in keys {
                state.look_at(key, now);
            }
        } else if self.app.store.engine() == StoreEngine::Postgres {
            // What an admin revived on another node, and what came in there.
            let sys = self.app.store.system_snapshot().await?;
            let due = sys.due_queues(now).await?;
            drop(sys);
            for (tenant, queue) in due {
                if let Some(key) = key_of(tenant, &queue) {
                    state.look_at(key, now);
                }
            }
        }
        Ok(())
    }

    /// Whoever follows events, and whoever something was sent to.
    async fn keys(&self, state: &State) -> Result<Vec<Key>, Error> {
        let sys = self.app.store.system_snapshot().await?;
        let sent = sys.queues(&format!("{}/", Hook::Webhook.as_str())).await?;
        drop(sys);
        let events = state.fed.keys().into_iter();
        let events = events.map(|(tenant, installation)| (tenant, installation, Hook::Events));
        let sent = sent
            .iter()
            .filter_map(|(tenant, queue)| key_of(*tenant, queue));
        Ok(events.chain(sent).collect())
    }

    /// Claims what one installation may be told now, and begins to tell it.
    async fn serve(&self, key: Key, state: &mut State) -> Result<bool, Error> {
        let now = self.app.now();
        let (tenant, installation, hook) = key;
        let at_work = self.app.installed_for(tenant, hook);
        let Some(installed) = at_work.into_iter().find(|one| one.id == installation) else {
            // Switched off: what it misses waits.
            state.look_at(key, now.plus(LOOK_AGAIN));
            return Ok(false);
        };
        let out = state.out.get(&key).copied().unwrap_or_default();
        let free = match self.app.breaker_of(&installed, hook) {
            BreakerState::Closed => OUT_OF_ONE_TENANT.saturating_sub(state.out_of(tenant, hook)),
            BreakerState::HalfOpen => usize::from(out == 0),
            BreakerState::Open { until } => {
                state.look_at(key, until);
                return Ok(false);
            }
        };
        if free == 0 {
            // Looked at again when one of them is back.
            return Ok(false);
        }
        let (jobs, next) = self.claim(queue(installation, hook), now, free).await?;
        match next {
            Some(next) => state.look_at(key, next),
            None => state.forget(key),
        }
        let some = !jobs.is_empty();
        for job in jobs {
            *state.out.entry(key).or_default() += 1;
            let (app, installed) = (self.app.clone(), installed.clone());
            state.under_way.begin(async move {
                let told = match hook {
                    Hook::Webhook => handle::handle(app, installed, job).await,
                    _ => tell::tell(app, installed, job).await,
                };
                (key, told)
            });
        }
        Ok(some)
    }

    /// The oldest event of each conversation, and when to look again; none: when
    /// something has changed.
    async fn claim(
        &self,
        queue: String,
        now: Timestamp,
        free: usize,
    ) -> Result<(Vec<Job>, Option<Timestamp>), Error> {
        let claimed = self.app.store.system(move |sys| {
            let queue = queue.clone();
            Box::pin(async move {
                let jobs = sys
                    .claim_jobs(&queue, now, CLAIMED_FOR, free as u64)
                    .await?;
                let next = match jobs.len() < free {
                    true => sys.next_due(&queue, now).await?,
                    // There may be more, and room for it when one is back.
                    false => Some(now),
                };
                Ok((jobs, next))
            })
        });
        stored(claimed.await)
    }

    /// Lets go of what nobody is going to hear of.
    async fn sweep(&self, state: &mut State) -> Result<(), Error> {
        let now = self.app.now();
        if state.swept.is_some_and(|at| now.since(at) < SWEEP_EVERY) {
            return Ok(());
        }
        state.swept = Some(now);
        for key in self.keys(state).await? {
            let (tenant, installation, hook) = key;
            let at_work = self.app.installed_for(tenant, hook);
            let off = self.app.plugins_known() && at_work.iter().all(|it| it.id != installation);
            let parked_for = match hook {
                Hook::Webhook => SENT_PARKED_FOR,
                _ => PARKED_FOR,
            };
            let swept = self.app.store.system(move |sys| {
                Box::pin(async move {
                    let queue = queue(installation, hook);
                    sys.drop_dead_jobs(&queue, now.plus(-parked_for)).await?;
                    match off {
                        true => sys.drop_jobs(&queue, now.plus(-KEPT_FOR)).await,
                        false => Ok(0),
                    }
                })
            });
            let missed = stored(swept.await)?;
            if missed > 0 {
                let hook = hook.as_str();
                tracing::warn!(%installation, hook, missed, "switched off for too long; what it missed is dropped");
            }
        }
        let swept = self
            .app
            .store
            .system(|sys| Box::pin(async move { sys.drop_contents_without_job().await }));
        stored(swept.await).map(|_| ())
    }
}

impl State {
    /// Whatever was half done in memory is read again from the database.
    fn begin_anew(&mut self) {
        self.fed = Fed::default();
        self.looks.clear();
        self.out.clear();
        self.under_way.drop_all();
    }

    fn look_at(&mut self, key: Key, at: Timestamp) {
        self.looks.insert(key, at);
    }

    fn forget(&mut self, key: Key) {
        self.looks.remove(&key);
    }

    /// Whose queues are to be looked at, and have room.
    fn due(&self, now: Timestamp) -> Vec<Key> {
        let due = self.looks.iter().filter(|(_, at)| **at <= now);
        due.map(|(key, _)| *key)
            .filter(|key| self.out_of(key.0, key.2) < OUT_OF_ONE_TENANT)
            .collect()
    }

    /// A flood of webhooks leaves the events their room.
    fn out_of(&self, tenant: TenantId, hook: Hook) -> usize {
        let of = |key: &Key| key.0 == tenant && key.2 == hook;
        let its = self.out.iter().filter(|(key, _)| of(key));
        its.map(|(_, out)| out).sum()
    }

    fn take_in(&mut self, key: Key, told: Result<(), Error>, now: Timestamp) {
        if let Some(out) = self.out.get_mut(&key) {
            *out = out.saturating_sub(1);
            if *out == 0 {
                self.out.remove(&key);
            }
        }
        match told {
            Ok(()) => self.look_at(key, now),
            // Its claim lapses, and then it is told again.
            Err(error) => {
                tracing::warn!(%error, installation = %key.1, "an event was not told; it will be");
                self.look_at(key, now.plus(CLAIMED_FOR));
            }
        }
    }
}
