//! One tenant's desk in memory: agents, their seats, and the queues.
//!
//! Built from the database, kept by events. It may be a moment behind; nothing
//! here is truth, so every choice is checked again when it is committed. Seats
//! are sets of conversations, not counts, so hearing an event twice is harmless.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskbell_domain::agent::AgentView;
use deskbell_domain::routing::{Candidate, Considered, rank};
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::time::Millis;
use deskbell_domain::{
    Agent, AgentId, ContactId, Conversation, ConversationId, EventBody, Priority, Status, TeamId,
    Timestamp,
};
use tokio::time::Instant;

use crate::router::RouterFigures;
use crate::router::pace::Pace;
use crate::tail::FeedEvent;

/// The places told to visitors; further back they hear less often.
const TOLD_PLACES: usize = 200;
/// Candidates a decision's record keeps.
const RECORDED: usize = 64;
/// Reloads in a row without any news; then the next news is waited for.
const RELOADS: u32 = 3;

/// The order in which a queue is answered: urgent first, then who waits longest.
type Place = (Reverse<Priority>, Timestamp, ConversationId);

#[derive(Default)]
pub(super) struct Desk {
    agents: BTreeMap<AgentId, Seated>,
    teams: HashMap<TeamId, TeamDesk>,
    conversations: HashMap<ConversationId, Known>,
    /// Something changed that may let somebody be served.
    pub dirty: bool,
    reloads: u32,
}

struct Seated {
    view: AgentView,
    seats: HashSet<ConversationId>,
    last_assigned_at: Option<Timestamp>,
}

struct TeamDesk {
    strategy: Strategy,
    queue: BTreeSet<Place>,
    told: HashMap<ConversationId, i64>,
    pace: Pace,
}

struct Known {
    version: i64,
    contact: ContactId,
    queued_in: Option<(TeamId, Place)>,
    seat_of: Option<AgentId>,
}

pub(super) struct Choice {
    pub conversation: ConversationId,
    pub team: TeamId,
    pub agent: AgentId,
    pub strategy: Strategy,
    pub considered: Vec<Considered>,
    pub duration_us: i64,
}

pub(super) struct Told {
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub place: i64,
    pub expected_wait_ms: Option<Millis>,
}

impl TeamDesk {
    fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            queue: BTreeSet::new(),
            told: HashMap::new(),
            pace: Pace::default(),
        }
    }
}

impl Desk {
    pub(super) fn new(
        agents: &[Agent],
        teams: &[Team],
        seats: &[(AgentId, ConversationId)],
        queued: &[Conversation],
    ) -> Self {
        let mut desk = Self {
            dirty: true,
            ..Self::default()
        };
        for team in teams {
            desk.teams.insert(team.id, TeamDesk::new(team.strategy));
        }
        for agent in agents {
            let seated = Seated {
                view: agent.view(),
                seats: HashSet::new(),
                last_assigned_at: agent.last_assigned_at,
            };
            desk.agents.insert(agent.id, seated);
        }
        for (agent, conversation) in seats {
            if let Some(seated) = desk.agents.get_mut(agent) {
                seated.seats.insert(*conversation);
            }
        }
        for conversation in queued {
            desk.see(conversation);
        }
        desk
    }

    /// Whether an event concerns routing at all.
    pub(super) fn matters(event: &FeedEvent) -> bool {
        let body = &event.event.body;
        body.conversation().is_some()
            || matches!(
                body,
                EventBody::AgentCreated { .. }
                    | EventBody::AgentUpdated { .. }
                    | EventBody::AgentAvailabilityChanged { .. }
                    | EventBody::TeamCreated { .. }
                    | EventBody::TeamUpdated { .. }
                    | EventBody::TeamDeleted { .. }
            )
    }

    pub(super) fn hear(&mut self, event: &FeedEvent) {
        self.reloads = 0;
        match &event.event.body {
            EventBody::AgentCreated { agent }
            | EventBody::AgentUpdated { agent }
            | EventBody::AgentAvailabilityChanged { agent } => self.see_agent(agent),
            EventBody::TeamCreated { team } | EventBody::TeamUpdated { team } => {
                self.team(team.id).strategy = team.strategy;
                self.dirty = true;
            }
            EventBody::TeamDeleted { team_id } => {
                self.teams.remove(team_id);
            }
            body => {
                if let Some(conversation) = body.conversation() {
                    self.see(conversation);
                }
            }
        }
    }

    fn team(&mut self, id: TeamId) -> &mut TeamDesk {
        self.teams
            .entry(id)
            .or_insert_with(|| TeamDesk::new(Strategy::LeastLoaded))
    }

    fn see_agent(&mut self, view: &AgentView) {
        self.dirty = true;
        match self.agents.get_mut(&view.id) {
            Some(seated) if seated.view.version >= view.version => {}
            Some(seated) => seated.view = view.clone(),
            None => {
                let seated = Seated {
                    view: view.clone(),
                    seats: HashSet::new(),
                    last_assigned_at: None,
                };
                self.agents.insert(view.id, seated);
            }
        }
    }

    fn see(&mut self, c: &Conversation) {
        if self
            .conversations
            .get(&c.id)
            .is_some_and(|known| known.version >= c.version)
        {
            return;
        }
        self.dirty = true;
        self.forget(c.id);
        let mut known = Known {
            version: c.version,
            contact: c.contact.id,
            queued_in: None,
            seat_of: None,
        };
        if let (Status::Queued, Some(team)) = (c.status, c.team_id) {
            let place = (
                Reverse(c.priority),
                c.queued_at.unwrap_or(c.created_at),
                c.id,
            );
            self.team(team).queue.insert(place);
            known.queued_in = Some((team, place));
        }
        if let (true, Some(assignee)) = (c.holds_seat(), &c.assignee) {
            if let Some(seated) = self.agents.get_mut(&assignee.id) {
                seated.seats.insert(c.id);
            }
            known.seat_of = Some(assignee.id);
        }
        // What is neither waiting nor seated needs no memory: a later event about
        // it carries a later version.
        if known.queued_in.is_some() || known.seat_of.is_some() {
            self.conversations.insert(c.id, known);
        }
    }

    /// Out of its queue and its seat.
    fn forget(&mut self, id: ConversationId) {
        if let Some(known) = self.conversations.remove(&id)
            && let Some((team, place)) = known.queued_in
            && let Some(desk) = self.teams.get_mut(&team)
        {
            desk.queue.remove(&place);
            desk.told.remove(&id);
        }
        for seated in self.agents.values_mut() {
            seated.seats.remove(&id);
        }
    }

    /// Serves each queue in its order while somebody has room, as if every choice
    /// were already committed.
    pub(super) fn choose(&mut self, now: Timestamp) -> Vec<Choice> {
        let mut choices = Vec::new();
        let teams: Vec<_> = self
            .teams
            .iter()
            .filter(|(_, desk)| desk.strategy != Strategy::Manual && !desk.queue.is_empty())
            .map(|(id, desk)| (*id, desk.strategy))
            .collect();
        for (team, strategy) in teams {
            while let Some(choice) = self.next(team, strategy) {
                self.seat(&choice, now);
                choices.push(choice);
            }
        }
        choices
    }

    fn next(&self, team: TeamId, strategy: Strategy) -> Option<Choice> {
        let begun = Instant::now();
        let (_, _, conversation) = *self.teams.get(&team)?.queue.first()?;
        let candidates: Vec<_> = self
            .agents
            .values()
            .filter(|a| a.view.deactivated_at.is_none() && a.view.team_ids.contains(&team))
            .map(Seated::candidate)
            .collect();
        let mut considered = rank(strategy, &candidates);
        let agent = considered
            .first()
            .filter(|first| first.excluded.is_none())?
            .agent_id;
        considered.truncate(RECORDED);
        let duration_us = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        Some(Choice {
            conversation,
            team,
            agent,
            strategy,
            considered,
            duration_us,
        })
    }

    fn seat(&mut self, choice: &Choice, now: Timestamp) {
        if let Some(desk) = self.teams.get_mut(&choice.team) {
            desk.queue.pop_first();
            desk.told.remove(&choice.conversation);
            desk.pace.assigned(now);
        }
        if let Some(seated) = self.agents.get_mut(&choice.agent) {
            seated.seats.insert(choice.conversation);
            seated.last_assigned_at = Some(now);
        }
        if let Some(known) = self.conversations.get_mut(&choice.conversation) {
            known.queued_in = None;
            known.seat_of = Some(choice.agent);
        }
    }

    /// The places that are not what their visitors were told last.
    pub(super) fn changed_places(&mut self) -> Vec<Told> {
        let mut changed = Vec::new();
        for desk in self.teams.values_mut() {
            for ((_, _, id), place) in desk.queue.iter().take(TOLD_PLACES).zip(1_i64..) {
                if desk.told.insert(*id, place) == Some(place) {
                    continue;
                }
                let Some(known) = self.conversations.get(id) else {
                    continue;
                };
                changed.push(Told {
                    conversation: *id,
                    contact: known.contact,
                    place,
                    expected_wait_ms: desk.pace.expected_wait(place),
                });
            }
        }
        changed
    }

    /// After a reload: what was told and the pace are still so. If the database
    /// refuses the same choice again and again, trying faster will not help.
    pub(super) fn replace(&mut self, old: &Self) {
        self.reloads = old.reloads + 1;
        self.dirty = self.reloads <= RELOADS;
        for (id, desk) in &mut self.teams {
            if let Some(before) = old.teams.get(id) {
                desk.told.clone_from(&before.told);
                desk.pace = before.pace.clone();
            }
        }
    }

    pub(super) fn add_to(&self, figures: &mut RouterFigures) {
        figures.queued += self
            .teams
            .values()
            .map(|desk| desk.queue.len())
            .sum::<usize>();
        for (id, seated) in &self.agents {
            figures.seats.insert(*id, seated.seats.len());
        }
    }
}

impl Seated {
    fn candidate(&self) -> Candidate {
        Candidate {
            id: self.view.id,
            name: self.view.name.clone(),
            availability: self.view.availability,
            load: i64::try_from(self.seats.len()).unwrap_or(i64::MAX),
            capacity: self.view.capacity,
            last_assigned_at: self.last_assigned_at,
        }
    }
}
