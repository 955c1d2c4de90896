//! The router: gives waiting conversations to agents, at once and in order.
//!
//! It holds queues and loads in memory (`router/desk.rs`), fed by the feed; that
//! gives speed. Each assignment is committed by a unit that checks everything
//! again on the rows themselves; that gives the guarantee. One node routes at a
//! time, by a lease whose epoch each of its commits names: a node that lost it
//! without noticing is refused.

mod desk;
mod pace;

use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use deskbell_domain::conversation::flow;
use deskbell_domain::routing::RoutingDecision;
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{AgentId, Case, DecisionId, Refusal, TenantId};
use deskbell_store::merged::{SubmitError, Submitted, Unit};
use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::app::{App, stored};
use crate::error::Error;
use crate::execute::submit_error;
use crate::presence::place_signal;
use crate::router::desk::{Choice, Desk};
use crate::tail::{FeedEvent, Listener};

const LEASE: &str = "router";
const LEASE_TTL: Millis = 6 * SECOND;
/// Renewed this often by the machine's own clock: a lease is about processes, not
/// about domain time.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(2);

pub struct Router {
    app: App,
    /// What the tail brought since the last step.
    news: SyncMutex<Vec<Arc<FeedEvent>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The epoch of the lease while it is ours.
    epoch: Option<i64>,
    renewed: Option<Instant>,
    desks: HashMap<TenantId, Desk>,
}

impl Listener for Router {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        self.news
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(batch);
    }
}

impl Router {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self {
            app,
            news: SyncMutex::default(),
            state: Mutex::default(),
        }
    }

    /// Takes in the news and assigns what can be; true if it did anything.
    pub async fn step(&self) -> Result<bool, Error> {
        let mut state = self.state.lock().await;
        let outcome = self.round(&mut state).await;
        if outcome.is_err() {
            // Whatever was half done in memory is read again from the database.
            *state = State::default();
        }
        outcome
    }

    async fn round(&self, state: &mut State) -> Result<bool, Error> {
        self.hold_lease(state).await?;
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(epoch) = state.epoch else {
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
        let dirty: Vec<_> = state
            .desks
            .iter()
            .filter(|(_, desk)| desk.dirty)
            .map(|(id, _)| *id)
            .collect();
        for tenant in dirty {
            busy |= self.serve(tenant, epoch, state).await?;
        }
        Ok(busy)
    }

    /// Gives the lease back, so that another node need not wait for its end.
    pub async fn retire(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if state.epoch.take().is_some() {
            let holder = self.app.node.0;
            let released = self
                .app
                .store
                .system(move |sys| Box::pin(async move { sys.release_lease(LEASE, holder).await }));
            stored(released.await)?;
        }
        *state = State::default();
        Ok(())
    }

    /// Takes or renews the lease. A new epoch starts from the database.
    async fn hold_lease(&self, state: &mut State) -> Result<(), Error> {
        if state.renewed.is_some_and(|at| at.elapsed() < RENEW_EVERY) {
            return Ok(());
        }
        let holder = self.app.node.0;
        let asked = Instant::now();
        let held = self.app.store.system(move |sys| {
            Box::pin(async move { sys.acquire_lease(LEASE, holder, LEASE_TTL).await })
        });
        let epoch = stored(held.await)?;
        state.renewed = Some(asked);
        if epoch == state.epoch {
            return Ok(());
        }
        state.desks.clear();
        state.epoch = epoch;
        if let Some(epoch) = epoch {
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

    /// Assigns what one tenant's agents have room for, and tells the places.
    async fn serve(&self, tenant: TenantId, epoch: i64, state: &mut State) -> Result<bool, Error> {
        let Some(desk) = state.desks.get_mut(&tenant) else {
            return Ok(false);
        };
        desk.dirty = false;
        // Whoever has come to wait hears of it before an agent has them, even if
        // that is at once: a client shows the queue it was told of.
        self.tell_places(tenant, desk);
        let choices = desk.choose(self.app.now());
        let some = !choices.is_empty();
        let outcomes = join_all(
            choices
                .into_iter()
                .map(|choice| self.commit(tenant, epoch, choice)),
        )
        .await;
        let mut reload = false;
        for outcome in outcomes {
            match outcome {
                Ok(()) => {}
                Err(Error::Refused(Refusal::LeaseLost)) => {
                    tracing::warn!(epoch, "the router's lease is lost");
                    *state = State::default();
                    return Ok(true);
                }
                // Somebody was faster; what they did is on its way through the
                // feed. Only an agent's row may differ from what we hold.
                Err(Error::Refused(refusal)) => {
                    tracing::debug!(%refusal, "an assignment was refused");
                    reload = true;
                }
                Err(error) => {
                    tracing::warn!(%error, "an assignment failed");
                    reload = true;
                }
            }
        }
        if some {
            self.app.ring();
        }
        if reload {
            let mut desk = self.load(tenant).await?;
            if let Some(old) = state.desks.get(&tenant) {
                desk.replace(old);
            }
            state.desks.insert(tenant, desk);
        }
        if let Some(desk) = state.desks.get_mut(&tenant) {
            self.tell_places(tenant, desk);
        }
        Ok(some || reload)
    }

    async fn commit(&self, tenant: TenantId, epoch: i64, choice: Choice) -> Result<(), Error> {
        let known = self.app.tenant(tenant).await?;
        let near = self.app.surroundings(&known);
        let (conversation, agent) = (choice.conversation, choice.agent);
        let decision = RoutingDecision {
            id: DecisionId(self.app.ids.uuid()),
            conversation_id: conversation,
            team_id: choice.team,
            strategy: choice.strategy,
            candidates: choice.considered,
            winner_id: Some(agent),
            decided_at: near.now,
            duration_us: choice.duration_us,
            consulted: vec![],
        };
        let unit = Unit {
            tenant,
            conversation,
            agents: vec![agent],
            with_assignee: false,
            dedupe: None,
            timer: None,
            lease: Some((LEASE, epoch)),
            decide: Arc::new(move |case: &mut Case| {
                flow::route(case, &near.cx(), agent, decision.clone(), None)
            }),
        };
        match self.app.store.submit(unit).await {
            Ok(Submitted::Done(())) => Ok(()),
            Ok(_) => Err(Error::Internal(
                "a routing unit answered as a repeat".to_owned(),
            )),
            Err(SubmitError::NotFound) => Err(Refusal::NotFound("conversation").into()),
            Err(error) => Err(submit_error(error)),
        }
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
