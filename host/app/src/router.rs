//! The router: gives waiting conversations to agents, at once and in order.
//!
//! It holds queues and loads in memory (`router/desk.rs`), fed by the feed; that
//! gives speed. Each assignment is committed by a unit that checks everything
//! again on the rows themselves (`router/commit.rs`); that gives the guarantee.
//! One node routes at a time, by a lease whose epoch each of its commits names: a
//! node that lost it without noticing is refused.
//!
//! Whatever takes its time is a future beside the desks: commits, and questions
//! to plugins (`router/ask.rs`). The router never waits for one of them while it
//! could do something else, so a tenant's slow plugin delays that tenant only.

mod ask;
mod choose;
mod commit;
mod consult;
mod desk;
mod pace;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use deskbell_domain::plugin::Hook;
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{AgentId, Refusal, TenantId};
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::Error;
use crate::lease::{Hold, Lease};
use crate::presence::place_signal;
use crate::router::ask::Answer;
use crate::router::choose::What;
use crate::router::commit::Landed;
use crate::router::desk::Desk;
use crate::tail::{FeedEvent, Listener};
use crate::under_way::UnderWay;
use crate::wakes::Wakes;

const LEASE: &str = "router";
const LEASE_TTL: Millis = 6 * SECOND;

pub struct Router {
    app: App,
    /// What the tail brought since the last step.
    news: Wakes<Arc<FeedEvent>>,
    state: Mutex<State>,
}

struct State {
    lease: Lease,
    desks: HashMap<TenantId, Desk>,
    /// Commits and questions to plugins. Dropping a commit does not undo it, and
    /// a desk that is read again knows its outcome or refuses what it refused.
    under_way: UnderWay<(TenantId, Finished)>,
}

enum Finished {
    Answered(Answer),
    Landed(Landed),
}

/// Somebody else routes.
struct LeaseLost;

impl Listener for Router {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        self.news.wake_all(batch.iter().cloned());
    }
}

impl Router {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self {
            app,
            news: Wakes::default(),
            state: Mutex::new(State {
                lease: Lease::new(LEASE, LEASE_TTL),
                desks: HashMap::new(),
                under_way: UnderWay::default(),
            }),
        }
    }

    /// Takes in the news and what has finished, and assigns what can be; true if
    /// it did anything. With nothing else to do, it waits for what is under way.
    pub async fn step(&self) -> Result<bool, Error> {
        let mut state = self.state.lock().await;
        let outcome = self.round(&mut state).await;
        if outcome.is_err() {
            state.lose();
        }
        outcome
    }

    async fn round(&self, state: &mut State) -> Result<bool, Error> {
        self.hold_lease(state).await?;
        let news = self.news.take();
        let Some(epoch) = state.lease.epoch() else {
            // Somebody else routes; they read the same feed.
            return Ok(!news.is_empty());
        };
        for event in &news {
            if let Some(desk) = state.desks.get_mut(&event.event.tenant_id) {
                desk.hear(event);
            } else if Desk::matters(event) {
                let tenant = event.event.tenant_id;
                let desk = self.load(tenant).await?;
                state.desks.insert(tenant, desk);
            }
        }
        let mut busy = !news.is_empty();
        let now = self.app.now();
        let open: Vec<_> = state
            .desks
            .iter()
            .filter(|(_, desk)| desk.is_open(now))
            .map(|(id, _)| *id)
            .collect();
        for tenant in open {
            busy |= self.serve(tenant, epoch, state).await?;
        }
        let mut finished = state.under_way.finished()?;
        if !busy && finished.is_empty() && !state.under_way.is_empty() {
            tokio::select! {
                first = state.under_way.next() => finished.push(first?),
                () = self.news.rung() => {}
                () = tokio::time::sleep(state.lease.every()) => {}
            }
            busy = true;
        }
        busy |= !finished.is_empty();
        if self.take_in(state, finished).is_err() {
            tracing::warn!(epoch, "the router's lease is lost");
            state.lose();
        }
        Ok(busy)
    }

    /// Gives the lease back, so that another node need not wait for its end.
    pub async fn retire(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        state.under_way.end().await;
        state.begin_anew();
        state.lease.give_back(&self.app).await
    }

    /// A new epoch starts from the database.
    async fn hold_lease(&self, state: &mut State) -> Result<(), Error> {
        if state.lease.hold(&self.app).await? != Hold::Changed {
            return Ok(());
        }
        state.begin_anew();
        if let Some(epoch) = state.lease.epoch() {
            tracing::info!(epoch, "this node routes");
            for tenant in self.app.store.system_snapshot().await?.tenants().await? {
                let desk = self.load(tenant.id).await?;
                state.desks.insert(tenant.id, desk);
            }
        }
        Ok(())
    }

    /// A tenant's desk as the database has it. Events the tail has not brought yet
    /// may repeat what this read saw; the desk goes by versions.
    async fn load(&self, tenant: TenantId) -> Result<Desk, Error> {
        let tx = self.app.store.snapshot(tenant).await?;
        let (agents, teams) = (tx.agents().await?, tx.teams().await?);
        let seats = tx.active_seats().await?;
        let queued = tx.queued(None, u64::from(u32::MAX)).await?;
        Ok(Desk::new(&agents, &teams, &seats, &queued))
    }

    /// Begins to assign what one tenant's agents have room for, or to ask about
    /// it, and tells the places.
    async fn serve(&self, tenant: TenantId, epoch: i64, state: &mut State) -> Result<bool, Error> {
        let Some(desk) = state.desks.get_mut(&tenant) else {
            return Ok(false);
        };
        if desk.stale {
            let mut fresh = self.load(tenant).await?;
            fresh.replace(desk);
            self.tell_places(tenant, &mut fresh);
            *desk = fresh;
            return Ok(true);
        }
        desk.dirty = false;
        // Whoever has come to wait hears of it before an agent has them, even if
        // that is at once: a client shows the queue it was told of.
        self.tell_places(tenant, desk);
        let now = self.app.now();
        // With those that are not asked for a while: the record says so.
        let chain = self.app.installed_for(tenant, Hook::Routing);
        let served = desk.serve(!chain.is_empty(), now);
        let some = !served.choices.is_empty() || !served.asks.is_empty();
        for choice in served.choices {
            let commit = commit::commit(self.app.clone(), tenant, epoch, choice);
            state
                .under_way
                .begin(async move { (tenant, Finished::Landed(commit.await)) });
        }
        for question in served.asks {
            let ask = ask::ask(self.app.clone(), tenant, chain.clone(), question);
            state
                .under_way
                .begin(async move { (tenant, Finished::Answered(ask.await)) });
        }
        Ok(some)
    }

    fn take_in(
        &self,
        state: &mut State,
        finished: Vec<(TenantId, Finished)>,
    ) -> Result<(), LeaseLost> {
        let mut landed = false;
        for (tenant, finished) in finished {
            let Some(desk) = state.desks.get_mut(&tenant) else {
                continue;
            };
            match finished {
                Finished::Answered(answer) => desk.consulting.answers.push(answer),
                Finished::Landed(commit) => {
                    landed = true;
                    land(desk, commit)?;
                }
            }
            desk.dirty = true;
        }
        if landed {
            self.app.ring();
        }
        Ok(())
    }

    fn tell_places(&self, tenant: TenantId, desk: &mut Desk) {
        let now = self.app.now();
        for told in desk.changed_places() {
            self.app.bell.signal(place_signal(
                tenant,
                told.contact,
                told.conversation,
                told.place,
                told.expected_wait_ms,
                now,
            ));
        }
    }
}

fn land(desk: &mut Desk, commit: Landed) -> Result<(), LeaseLost> {
    let id = commit.conversation;
    match commit.outcome {
        Ok(conversation) => desk.landed(id, Some(&conversation)),
        Err(Error::Refused(Refusal::LeaseLost)) => return Err(LeaseLost),
        // Somebody was faster; what they did is on its way through the feed. Only
        // an agent's row may differ from what we hold.
        Err(Error::Refused(refusal)) => {
            tracing::debug!(%refusal, "an assignment was refused");
            match commit.advised {
                Some(What::Seat(agent)) => desk.lost_seat(id, agent, &refusal),
                Some(What::Move(_) | What::Engage(_)) => desk.consulting.not_moved(id, &refusal),
                None => {}
            }
            desk.landed(id, None);
        }
        Err(error) => {
            tracing::warn!(%error, "an assignment failed");
            desk.landed(id, None);
        }
    }
    Ok(())
}

impl State {
    fn begin_anew(&mut self) {
        self.desks.clear();
        self.under_way.drop_all();
    }

    /// Whatever was half done in memory is read again from the database.
    fn lose(&mut self) {
        self.begin_anew();
        self.lease.forget();
    }
}

/// Who has how many, for a look from outside (metrics, tests).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouterFigures {
    pub queued: usize,
    pub seats: HashMap<AgentId, usize>,
}

impl Router {
    pub async fn figures(&self) -> RouterFigures {
        let state = self.state.lock().await;
        let mut figures = RouterFigures::default();
        for desk in state.desks.values() {
            desk.add_to(&mut figures);
        }
        figures
    }
}
