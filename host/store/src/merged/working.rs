//! A batch in memory: what was loaded, and what the decisions make of it.
//!
//! Units are decided in the order they came. Each gets a case made from the state
//! as the ones before it left it; a refused one leaves no trace.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskbell_domain::actor::ActorKind;
use deskbell_domain::bot::Engagement;
use deskbell_domain::routing::RoutingDecision;
use deskbell_domain::timer::{TimerChange, TimerKey};
use deskbell_domain::{
    Agent, AgentId, Case, ContactId, Conversation, ConversationId, Event, InboxId, Message,
    MessageAck, TenantId,
};

use crate::lease::Lease;
use crate::merged::load::{Conversations, Loaded};
use crate::merged::{Dedupe, Pending, Undecided, Wants};
use crate::message::sender_key;

/// The one open slot of a contact in an inbox.
type Slot = (TenantId, InboxId, ContactId);

#[derive(Default)]
pub(super) struct Working {
    pub(super) conversations: Conversations,
    pub(super) agents: HashMap<(TenantId, AgentId), Agent>,
    pub(super) agents_changed: BTreeSet<(TenantId, AgentId)>,
    pub(super) bots: HashMap<(TenantId, ConversationId), Engagement>,
    pub(super) bots_changed: BTreeSet<(TenantId, ConversationId)>,
    pub(super) messages: Vec<(TenantId, Message)>,
    pub(super) decisions: Vec<(TenantId, RoutingDecision)>,
    pub(super) timers: Vec<(TenantId, TimerChange)>,
    pub(super) events: Vec<Event>,
    pub(super) taken: HashSet<(TenantId, TimerKey)>,
    pub(super) lost: HashSet<Lease>,
    open: HashMap<Slot, ConversationId>,
    acks: HashMap<(TenantId, Dedupe), MessageAck>,
}

fn slot(tenant: TenantId, conversation: &Conversation) -> Slot {
    (tenant, conversation.inbox_id, conversation.contact.id)
}

impl Working {
    pub(super) fn add_conversation(
        &mut self,
        tenant: TenantId,
        conversation: Conversation,
        other_open: Option<ConversationId>,
    ) {
        let slot = slot(tenant, &conversation);
        if conversation.status.is_open() {
            self.open.insert(slot, conversation.id);
        } else if let Some(other) = other_open {
            self.open.insert(slot, other);
        }
        let loaded = Loaded {
            before: conversation.clone(),
            now: conversation,
            changed: false,
        };
        self.conversations.insert((tenant, loaded.now.id), loaded);
    }

    pub(super) fn add_agent(&mut self, tenant: TenantId, agent: Agent) {
        self.agents.insert((tenant, agent.id), agent);
    }

    pub(super) fn add_ack(&mut self, tenant: TenantId, dedupe: Dedupe, ack: MessageAck) {
        self.acks.insert((tenant, dedupe), ack);
    }

    pub(super) fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Option<&Conversation> {
        self.conversations
            .get(&(tenant, id))
            .map(|loaded| &loaded.now)
    }

    pub(super) fn nameless_assignees(&self) -> BTreeSet<(TenantId, AgentId)> {
        let nameless = |((tenant, _), loaded): (&(TenantId, ConversationId), &Loaded)| {
            let assignee = loaded.now.assignee.as_ref()?;
            assignee.name.is_empty().then_some((*tenant, assignee.id))
        };
        self.conversations.iter().filter_map(nameless).collect()
    }

    pub(super) fn name_assignees(&mut self, names: &BTreeMap<(TenantId, AgentId), String>) {
        for ((tenant, _), loaded) in &mut self.conversations {
            for conversation in [&mut loaded.before, &mut loaded.now] {
                if let Some(assignee) = &mut conversation.assignee
                    && let Some(name) = names.get(&(*tenant, assignee.id))
                {
                    assignee.name.clone_from(name);
                }
            }
        }
    }

    pub(super) fn decide(&mut self, units: &mut [Box<dyn Pending>]) {
        for unit in units {
            if let Some(why) = self.undecided(unit.wants()) {
                unit.settle(why);
                continue;
            }
            let wants = unit.wants();
            let Some(mut case) = self.case(wants) else {
                unit.settle(Undecided::NotFound);
                continue;
            };
            if unit.decide(&mut case) {
                self.keep(case);
            }
        }
    }

    fn undecided(&mut self, wants: &Wants) -> Option<Undecided> {
        // A timer works once, also within a batch.
        if let Some(timer) = &wants.timer
            && !self.taken.remove(&(timer.tenant, timer.key))
        {
            return Some(Undecided::TimerGone);
        }
        if wants
            .lease
            .as_ref()
            .is_some_and(|lease| self.lost.contains(lease))
        {
            return Some(Undecided::LeaseLost);
        }
        if !self
            .conversations
            .contains_key(&(wants.tenant, wants.conversation))
        {
            return Some(Undecided::NotFound);
        }
        let key = (wants.tenant, wants.dedupe.clone()?);
        self.acks.get(&key).map(|ack| Undecided::Duplicate(*ack))
    }

    fn case(&self, wants: &Wants) -> Option<Case> {
        let conversation = self.conversation(wants.tenant, wants.conversation)?;
        let mut case = Case::new(wants.tenant, conversation.clone());
        let assignee = conversation
            .assignee
            .as_ref()
            .filter(|_| wants.with_assignee);
        for id in wants
            .agents
            .iter()
            .copied()
            .chain(assignee.map(|agent| agent.id))
        {
            if let Some(agent) = self.agents.get(&(wants.tenant, id)) {
                case.agents.insert(id, agent.clone());
            }
        }
        let open = self.open.get(&slot(wants.tenant, conversation)).copied();
        case.other_open = open.filter(|id| *id != conversation.id);
        let bot = self.bots.get(&(wants.tenant, wants.conversation));
        case.bot = bot.filter(|_| wants.with_bot).cloned();
        Some(case)
    }

    /// Takes over what a decision left.
    fn keep(&mut self, case: Case) {
        let Case {
            tenant,
            conversation,
            agents,
            bot,
            effects,
            ..
        } = case;
        let slot = slot(tenant, &conversation);
        if conversation.status.is_open() {
            self.open.insert(slot, conversation.id);
        } else if self.open.get(&slot) == Some(&conversation.id) {
            self.open.remove(&slot);
        }
        if let (true, Some(bot)) = (effects.bot_changed, bot) {
            self.bots_changed.insert((tenant, conversation.id));
            self.bots.insert((tenant, conversation.id), bot);
        }
        for (id, agent) in agents {
            if effects.agents_changed.contains(&id) {
                self.agents.insert((tenant, id), agent);
                self.agents_changed.insert((tenant, id));
            }
        }
        for message in effects.messages {
            if let Some(dedupe) = dedupe_of(&message) {
                self.acks.insert((tenant, dedupe), message.ack());
            }
            self.messages.push((tenant, message));
        }
        self.decisions
            .extend(effects.decisions.into_iter().map(|d| (tenant, d)));
        self.timers
            .extend(effects.timers.into_iter().map(|t| (tenant, t)));
        self.events.extend(effects.events);
        if let Some(loaded) = self.conversations.get_mut(&(tenant, conversation.id))
            && effects.conversation_changed
        {
            loaded.now = conversation;
            loaded.changed = true;
        }
    }
}

/// The key under which a message written in this batch is found again.
fn dedupe_of(message: &Message) -> Option<Dedupe> {
    let (sender_kind, sender_id): (ActorKind, _) = sender_key(&message.sender).ok()?;
    Some(Dedupe {
        sender_kind,
        sender_id: sender_id?,
        client_msg_id: message.client_msg_id.clone()?,
    })
}
