//! The shape of every conversation command: what it may see, what it leaves.
//!
//! The store loads a `Case` for one conversation (and holds its rows), a pure
//! function in `conversation/` changes it, and the store writes what came of it,
//! all of it or nothing. A refused function's case is thrown away. A function
//! changes the conversation only through `change`, so that each changed field
//! appears in exactly one event.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::actor::ActorRef;
use crate::agent::Agent;
use crate::bot::Engagement;
use crate::conversation::{Conversation, changes};
use crate::event::{Audience, Event, EventBody};
use crate::id::{AgentId, ConversationId, EventId, TenantId};
use crate::message::Message;
use crate::refusal::Refusal;
use crate::routing::RoutingDecision;
use crate::tenant::TenantSettings;
use crate::time::Timestamp;
use crate::timer::{TimerChange, TimerKey};

/// Where ids come from: UUIDv7 in production, a seeded row in tests.
pub trait IdSource: Send + Sync {
    fn uuid(&self) -> Uuid;
}

/// What a decision may know besides its case.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub now: Timestamp,
    pub ids: &'a dyn IdSource,
    pub settings: &'a TenantSettings,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub tenant: TenantId,
    pub conversation: Conversation,
    /// The agents the unit asked for, and the assignee if it asked for that.
    pub agents: BTreeMap<AgentId, Agent>,
    /// The contact's open conversation in this inbox, when this one is not it.
    pub other_open: Option<ConversationId>,
    /// The bot's row, if the unit asked for it and there is one.
    pub bot: Option<Engagement>,
    pub effects: Effects,
}

/// What a decision leaves to be written.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    pub conversation_changed: bool,
    /// The case's `bot` is to be written.
    pub bot_changed: bool,
    pub agents_changed: Vec<AgentId>,
    pub messages: Vec<Message>,
    pub events: Vec<Event>,
    pub timers: Vec<TimerChange>,
    pub decisions: Vec<RoutingDecision>,
}

impl Case {
    #[must_use]
    pub fn new(tenant: TenantId, conversation: Conversation) -> Self {
        Self {
            tenant,
            conversation,
            agents: BTreeMap::new(),
            other_open: None,
            bot: None,
            effects: Effects::default(),
        }
    }

    pub fn agent(&self, id: AgentId) -> Result<&Agent, Refusal> {
        self.agents.get(&id).ok_or(Refusal::NotFound("agent"))
    }

    /// Changes the conversation and tells of it in one event. `body` sees the
    /// conversation as it is afterwards.
    pub fn change(
        &mut self,
        cx: &Context<'_>,
        actor: &ActorRef,
        change: impl FnOnce(&mut Conversation),
        body: impl FnOnce(&Conversation) -> EventBody,
    ) {
        let before = self.conversation.clone();
        change(&mut self.conversation);
        self.conversation.version += 1;
        self.effects.conversation_changed = true;
        let after = &self.conversation;
        let body = body(after);
        let private = matches!(&body, EventBody::MessageCreated { message } if message.private);
        let mut audience = Audience::of_conversation(&before).and(Audience::of_conversation(after));
        if private || !body.is_for_visitors() {
            audience.contact = None;
        }
        let event = Event {
            id: EventId(cx.ids.uuid()),
            tenant_id: self.tenant,
            occurred_at: cx.now,
            actor: actor.clone(),
            conversation_id: Some(after.id),
            seq: body.seq(),
            changes: changes(&before, after),
            body,
            audience,
            depth: 0,
        };
        self.effects.events.push(event);
    }

    /// Takes one of the agent's seats. `insist` may go over capacity.
    pub fn seat(
        &mut self,
        cx: &Context<'_>,
        actor: &ActorRef,
        id: AgentId,
        insist: bool,
    ) -> Result<(), Refusal> {
        let agent = self.agents.get_mut(&id).ok_or(Refusal::NotFound("agent"))?;
        if agent.deactivated_at.is_some() {
            return Err(Refusal::Deactivated);
        }
        if !agent.has_room() && !insist {
            return Err(Refusal::AtCapacity);
        }
        agent.load += 1;
        agent.last_assigned_at = Some(cx.now);
        self.refresh_agent(cx, actor, id);
        Ok(())
    }

    /// Gives the seat of the assignee back, if the conversation held one.
    pub fn unseat(&mut self, cx: &Context<'_>, actor: &ActorRef) {
        if !self.conversation.holds_seat() {
            return;
        }
        let Some(id) = self.conversation.assignee.as_ref().map(|a| a.id) else {
            return;
        };
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.load = (agent.load - 1).max(0);
            self.refresh_agent(cx, actor, id);
        }
    }

    fn refresh_agent(&mut self, cx: &Context<'_>, actor: &ActorRef, id: AgentId) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        if !self.effects.agents_changed.contains(&id) {
            self.effects.agents_changed.push(id);
        }
        let before = agent.availability;
        if agent.refresh(cx.settings, cx.now) {
            let event = Event::availability_changed(cx, self.tenant, actor.clone(), agent, before);
            self.effects.events.push(event);
        }
    }

    pub fn set_timer(&mut self, key: TimerKey, due_at: Timestamp) {
        self.effects.timers.push(TimerChange::Set(key, due_at));
    }

    pub fn cancel_timer(&mut self, key: TimerKey) {
        self.effects.timers.push(TimerChange::Cancel(key));
    }
}
