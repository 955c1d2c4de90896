//! Deadlines come due here, each executed once in effect.
//!
//! A timer's row is deleted in the transaction that does what it was for, so two
//! nodes (or a crash between) cannot do it twice. An effect whose reason has gone
//! meanwhile does nothing but delete the row.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::availability::Availability;
use deskbell_domain::conversation::{Status, bot, flow};
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::timer::{TimerKey, TimerKind};
use deskbell_domain::{
    Actor, ActorRef, AgentId, Case, ConversationId, Refusal, TenantId, Timestamp,
};
use deskbell_store::merged::{SubmitError, Unit};
use deskbell_store::timers::DueTimer;
use futures_util::future::join_all;

use crate::app::{App, stored};
use crate::error::Error;
use crate::execute::{Needs, submit_error};
use crate::presence::settle_agent;

const BATCH: u64 = 128;
/// What could not be executed comes again after this, behind what else is due.
const PUT_OFF: Millis = 30 * SECOND;

impl App {
    /// Executes what is due; true if anything was.
    pub(crate) async fn run_timers(&self) -> Result<bool, Error> {
        let now = self.now();
        let due = self
            .store
            .system_snapshot()
            .await?
            .due_timers(now, BATCH)
            .await?;
        for timer in &due {
            // One that cannot be done now must not hold up the others. A store that
            // cannot write this either ends the round.
            if let Err(error) = self.fire(timer).await {
                tracing::warn!(?timer, %error, "a timer could not be executed; it is put off");
                self.put_off(timer, now.plus(PUT_OFF)).await?;
            }
        }
        if !due.is_empty() {
            self.ring();
        }
        Ok(!due.is_empty())
    }

    /// Shows held messages to the filters again; true if any were. Beside the other
    /// deadlines, and each tenant beside the others, as filters take their time.
    pub(crate) async fn run_held(&self) -> Result<bool, Error> {
        let now = self.now();
        let snapshot = self.store.system_snapshot().await?;
        let due = snapshot.due_held(now, BATCH).await?;
        drop(snapshot);
        let mut tenants: BTreeMap<TenantId, Vec<&DueTimer>> = BTreeMap::new();
        for timer in &due {
            tenants.entry(timer.tenant).or_default().push(timer);
        }
        let each = tenants.into_values().map(async |timers| {
            let mut done = false;
            for timer in timers {
                match self.fire(timer).await {
                    Ok(()) => done = true,
                    Err(error) => {
                        tracing::warn!(?timer, %error, "held messages are not looked at");
                    }
                }
            }
            done
        });
        Ok(join_all(each).await.contains(&true))
    }

    async fn fire(&self, timer: &DueTimer) -> Result<(), Error> {
        let subject = timer.key.subject;
        match timer.key.kind {
            TimerKind::PresenceGrace | TimerKind::Away => {
                self.look_again(timer, AgentId(subject)).await
            }
            TimerKind::RequeueGrace => self.requeue_chats(timer, AgentId(subject)).await,
            TimerKind::Held => self.release_held(timer).await,
            TimerKind::VisitorGone => self.miss_if_gone(timer, ConversationId(subject)).await,
            TimerKind::BotWake => self.call_bot(timer, ConversationId(subject)).await,
            TimerKind::BotIdle => {
                self.timed_unit(timer, ConversationId(subject), |case, cx| {
                    bot::idle(case, cx);
                    Ok(())
                })
                .await
            }
            TimerKind::Close => {
                self.timed_unit(timer, ConversationId(subject), |case, cx| {
                    match case.conversation.status {
                        Status::Resolved | Status::Missed => {
                            let reason = Some("time_passed".to_owned());
                            flow::close(case, cx, &ActorRef::system(), reason)
                        }
                        _ => Ok(()),
                    }
                })
                .await
            }
        }
    }

    /// Works an agent's availability out again; offline starts the second grace.
    async fn look_again(&self, timer: &DueTimer, id: AgentId) -> Result<(), Error> {
        let tenant = self.tenant(timer.tenant).await?;
        let near = self.surroundings(&tenant);
        let (key, due_at) = (timer.key, timer.due_at);
        self.store
            .write(timer.tenant, move |tx| {
                let near = near.clone();
                Box::pin(async move {
                    if !tx.take_timer(key, due_at).await? {
                        return Ok(());
                    }
                    let Some(mut agent) = tx.hold_agent(id).await? else {
                        return Ok(());
                    };
                    let before = agent.clone();
                    let by = ActorRef::system();
                    settle_agent(tx, &near, &by, &before, &mut agent).await?;
                    if agent.availability == Availability::Offline && agent.load > 0 {
                        let due = near.now.plus(near.tenant.settings.requeue_grace_ms);
                        tx.set_timer(TimerKey::agent(TimerKind::RequeueGrace, id), due)
                            .await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await
    }

    /// The agent stayed away: each chat goes back to its queue, in its place.
    async fn requeue_chats(&self, timer: &DueTimer, id: AgentId) -> Result<(), Error> {
        let active = self
            .store
            .snapshot(timer.tenant)
            .await?
            .active_of(id)
            .await?;
        let actor = Actor::system(timer.tenant);
        for conversation in active {
            let needs = Needs {
                agents: vec![id],
                assignee: true,
            };
            let decide = move |case: &mut Case,
                               cx: &deskbell_domain::Context<'_>,
                               by: &ActorRef|
                  -> Result<(), Refusal> {
                let theirs = case
                    .conversation
                    .assignee
                    .as_ref()
                    .is_some_and(|a| a.id == id);
                let away = case.agent(id)?.availability == Availability::Offline;
                if theirs && away && case.conversation.status == Status::Active {
                    flow::unassign(case, cx, by, Some("agent_offline".to_owned()))?;
                }
                Ok(())
            };
            self.unit(&actor, conversation, needs, Box::new(decide))
                .await?;
        }
        self.drop_timer(timer).await
    }

    /// A visitor who still has a socket, or was here within the time, is not gone.
    async fn miss_if_gone(&self, timer: &DueTimer, id: ConversationId) -> Result<(), Error> {
        let tenant = self.tenant(timer.tenant).await?;
        let (now, grace) = (self.now(), tenant.settings.missed_after_ms);
        let (key, due_at) = (timer.key, timer.due_at);
        let put_off = self
            .store
            .write(timer.tenant, move |tx| {
                Box::pin(async move {
                    let Some(conversation) = tx.conversation(id).await? else {
                        return Ok(None);
                    };
                    let seen = tx
                        .visitor(conversation.visitor_id)
                        .await?
                        .map(|v| v.last_seen_at);
                    let next = if tx.contact_connected(conversation.contact.id).await? {
                        Some(now.plus(grace))
                    } else {
                        seen.map(|at| at.plus(grace)).filter(|at| *at > now)
                    };
                    if let Some(next) = next
                        && tx.take_timer(key, due_at).await?
                    {
                        tx.set_timer(key, next).await?;
                    }
                    Ok::<_, Error>(next)
                })
            })
            .await?;
        if put_off.is_some() {
            return Ok(());
        }
        self.timed_unit(timer, id, |case, cx| match case.conversation.status {
            Status::Queued => flow::miss(
                case,
                cx,
                &ActorRef::system(),
                Some("visitor_left".to_owned()),
            ),
            _ => Ok(()),
        })
        .await
    }

    /// Its row says that it is to be called; whoever serves the bots does it.
    async fn call_bot(&self, timer: &DueTimer, id: ConversationId) -> Result<(), Error> {
        self.timed_unit(timer, id, |case, _| {
            bot::wake(case);
            Ok(())
        })
        .await?;
        self.calls.wake((timer.tenant, id));
        Ok(())
    }

    /// A conversation's deadline: the unit and the timer's row in one transaction.
    async fn timed_unit(
        &self,
        timer: &DueTimer,
        conversation: ConversationId,
        decide: fn(&mut Case, &deskbell_domain::Context<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        let tenant = self.tenant(timer.tenant).await?;
        let near = self.surroundings(&tenant);
        let unit = Unit {
            tenant: timer.tenant,
            conversation,
            agents: vec![],
            with_assignee: true,
            with_bot: timer.key.kind == TimerKind::BotWake,
            dedupe: None,
            timer: Some((timer.key, timer.due_at)),
            lease: None,
            decide: Arc::new(move |case: &mut Case| decide(case, &near.cx())),
        };
        match self.store.submit(unit).await {
            Ok(_) => Ok(()),
            // The conversation is gone; so is the reason for its timer.
            Err(SubmitError::NotFound) => self.drop_timer(timer).await,
            Err(error) => Err(submit_error(error)),
        }
    }

    async fn put_off(&self, timer: &DueTimer, until: Timestamp) -> Result<(), Error> {
        let (key, due_at) = (timer.key, timer.due_at);
        let written = self.store.write(timer.tenant, move |tx| {
            Box::pin(async move {
                // Set anew meanwhile, it is due when it says.
                if tx.take_timer(key, due_at).await? {
                    tx.set_timer(key, until).await?;
                }
                Ok(())
            })
        });
        stored(written.await)
    }

    async fn drop_timer(&self, timer: &DueTimer) -> Result<(), Error> {
        let (key, due_at): (TimerKey, _) = (timer.key, timer.due_at);
        let tenant: TenantId = timer.tenant;
        let taken = self.store.write(tenant, move |tx| {
            Box::pin(async move { tx.take_timer(key, due_at).await.map(|_| ()) })
        });
        stored(taken.await)
    }
}
