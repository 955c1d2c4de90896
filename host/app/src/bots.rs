//! Bots at work: who is told of what, one event at a time in a conversation.
//!
//! Driven from the feed and never in a message's path. What a bot was told of is in
//! its row (`handled_seq`), so this holds nothing that a restart would lose: every
//! conversation with a bot is looked at again then. One node does it at a time, by
//! a lease, so that nobody is asked twice; should two ask, the second answer is of
//! a turn that is over, and refused.
//!
//! `bots/look.rs` reads what a bot has not been told yet, `bots/ask.rs` asks it and
//! applies what it says.

mod ask;
mod look;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{ConversationId, EventBody, Status, TenantId};
use deskbell_store::Engine as StoreEngine;
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::Error;
use crate::lease::{Hold, Lease};
use crate::tail::{FeedEvent, Listener};
use crate::under_way::UnderWay;

const LEASE: &str = "bots";
const LEASE_TTL: Millis = 6 * SECOND;
/// Questions of one tenant that are out at a time; the sandbox has lanes of its own.
const OUT_OF_ONE_TENANT: usize = 16;

type Key = (TenantId, ConversationId);

pub(crate) struct Bots {
    app: App,
    /// What the tail brought since the last step.
    news: SyncMutex<Vec<Arc<FeedEvent>>>,
    state: Mutex<State>,
}

struct State {
    lease: Lease,
    /// The conversations that bots have.
    with_bots: HashSet<Key>,
    /// Something may have happened there.
    waiting: BTreeSet<Key>,
    /// The database failed; once more at the next renewal.
    again: Vec<Key>,
    /// One at a time; true: something happened meanwhile.
    asking: HashMap<Key, bool>,
    under_way: UnderWay<(Key, Result<Next, Error>)>,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Something was done: there may be more.
    More,
    /// It knows everything.
    Nothing,
    /// No bot has it any more.
    Over,
}

impl Listener for Bots {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        self.news
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(batch);
        self.app.calls.ring();
    }
}

impl Bots {
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            news: SyncMutex::default(),
            state: Mutex::new(State::new()),
        }
    }

    /// Takes in the news and what has finished, and asks whom there is something to
    /// tell; true if it did anything. With nothing else to do, it waits for what is
    /// under way.
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
        let called = self.app.calls.take();
        if state.lease.epoch().is_none() {
            // Somebody else does it; they read the same feed.
            return Ok(!news.is_empty());
        }
        for event in &news {
            state.hear(event);
        }
        for key in called {
            state.look_at(key);
        }
        let mut busy = !news.is_empty();
        for key in state.next() {
            busy = true;
            let look = look::serve(self.app.clone(), key.0, key.1);
            state.under_way.begin(async move { (key, look.await) });
        }
        let mut finished = state.under_way.finished()?;
        if !busy && finished.is_empty() && !state.under_way.is_empty() {
            tokio::select! {
                first = state.under_way.next() => finished.push(first?),
                () = self.app.calls.rung() => {}
                () = tokio::time::sleep(state.lease.every()) => {}
            }
            busy = true;
        }
        busy |= !finished.is_empty();
        for (key, next) in finished {
            state.take_in(key, next);
        }
        Ok(busy)
    }

    /// Gives the lease back, so that another node need not wait for its end.
    pub(crate) async fn retire(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        state.under_way.end().await;
        state.begin_anew();
        state.lease.give_back(&self.app).await
    }

    /// Everybody is looked at when the lease comes here; what failed, and what other
    /// nodes' timers woke, whenever it is renewed.
    async fn hold_lease(&self, state: &mut State) -> Result<(), Error> {
        let hold = state.lease.hold(&self.app).await?;
        if hold == Hold::Changed {
            state.begin_anew();
        }
        if hold == Hold::Lately || state.lease.epoch().is_none() {
            return Ok(());
        }
        let shared = self.app.store.engine() == StoreEngine::Postgres;
        if hold == Hold::Changed {
            for key in self.app.store.system_snapshot().await?.with_bots().await? {
                state.with_bots.insert(key);
                state.look_at(key);
            }
        } else if shared {
            for key in self.app.store.system_snapshot().await?.woken_bots().await? {
                state.look_at(key);
            }
        }
        for key in std::mem::take(&mut state.again) {
            state.look_at(key);
        }
        Ok(())
    }
}

impl State {
    fn new() -> Self {
        Self {
            lease: Lease::new(LEASE, LEASE_TTL),
            with_bots: HashSet::new(),
            waiting: BTreeSet::new(),
            again: Vec::new(),
            asking: HashMap::new(),
            under_way: UnderWay::default(),
        }
    }

    /// Whatever was half done in memory is read again from the database.
    fn begin_anew(&mut self) {
        self.with_bots.clear();
        self.waiting.clear();
        self.again.clear();
        self.asking.clear();
        self.under_way.drop_all();
    }

    fn hear(&mut self, event: &FeedEvent) {
        let tenant = event.event.tenant_id;
        // A bot may be gone, and those who talk with it are to hear of people.
        if let EventBody::PluginDisabled { .. }
        | EventBody::InstallationUpdated { .. }
        | EventBody::InstallationDeleted { .. } = &event.event.body
        {
            let theirs = self.with_bots.iter().filter(|key| key.0 == tenant);
            for key in theirs.copied().collect::<Vec<_>>() {
                self.look_at(key);
            }
        }
        if let EventBody::MessageCreated { message } = &event.event.body {
            let key = (tenant, message.conversation_id);
            if message.from_visitor() && self.with_bots.contains(&key) {
                self.look_at(key);
            }
        } else if let Some(conversation) = event.event.body.conversation() {
            let key = (tenant, conversation.id);
            if conversation.status != Status::Bot {
                self.with_bots.remove(&key);
            } else if self.with_bots.insert(key) {
                self.look_at(key);
            }
        }
    }

    fn look_at(&mut self, key: Key) {
        match self.asking.get_mut(&key) {
            Some(meanwhile) => *meanwhile = true,
            None => {
                self.waiting.insert(key);
            }
        }
    }

    /// Whom to look at now.
    fn next(&mut self) -> Vec<Key> {
        let mut out: HashMap<TenantId, usize> = HashMap::new();
        for (tenant, _) in self.asking.keys() {
            *out.entry(*tenant).or_default() += 1;
        }
        let mut next = Vec::new();
        for key in &self.waiting {
            let out = out.entry(key.0).or_default();
            if *out < OUT_OF_ONE_TENANT {
                *out += 1;
                next.push(*key);
            }
        }
        for key in &next {
            self.waiting.remove(key);
            self.asking.insert(*key, false);
        }
        next
    }

    fn take_in(&mut self, key: Key, next: Result<Next, Error>) {
        let meanwhile = self.asking.remove(&key).unwrap_or_default();
        match next {
            Ok(Next::More) => self.look_at(key),
            Ok(Next::Nothing) if meanwhile => self.look_at(key),
            Ok(Next::Nothing) => {}
            Ok(Next::Over) => {
                self.with_bots.remove(&key);
                if meanwhile {
                    self.look_at(key);
                }
            }
            Err(error) => {
                tracing::warn!(%error, conversation = %key.1, "a bot was not served; it will be");
                self.again.push(key);
            }
        }
    }
}
