//! One tenant's desk in memory: agents, their seats, and the queues.
//!
//! Built from the database, kept by events. It may be a moment behind; nothing
//! here is truth, so every choice is checked again when it is committed. Seats
//! are sets of conversations, not counts, so hearing an event twice is harmless.
//! While a choice is being committed, the desk goes on as if it were: what the
//! feed says of that conversation meanwhile waits until the commit is through.
//! `choose.rs` picks agents, `consult.rs` keeps what plugins are asked and said.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use std::sync::Arc;

use deskbell_domain::agent::AgentView;
use deskbell_domain::routing::Candidate;
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::time::Millis;
use deskbell_domain::{
    Agent, AgentId, ContactId, Conversation, ConversationId, EventBody, Priority, Status, TeamId,
    Timestamp,
};

use crate::router::RouterFigures;
use crate::router::consult::Consulting;
use crate::router::pace::Pace;
use crate::tail::FeedEvent;

/// The places told to visitors; further back they hear less often.
const TOLD_PLACES: usize = 200;
/// Reloads in a row without any news; then the next news is waited for.
const RELOADS: u32 = 3;

/// The order in which a queue is answered: urgent first, then who waits longest.
pub(super) type Place = (Reverse<Priority>, Timestamp, ConversationId);

#[derive(Default)]
pub(super) struct Desk {
    pub(super) agents: BTreeMap<AgentId, Seated>,
    pub(super) teams: HashMap<TeamId, TeamDesk>,
    pub(super) conversations: HashMap<ConversationId, Known>,
    /// Something changed that may let somebody be served.
    pub dirty: bool,
    /// The database refused a choice: nothing more is chosen until it was read
    /// again, and that waits until no commit is under way.
    pub stale: bool,
    reloads: u32,
    /// What is being committed, with the latest the feed said of it meanwhile.
    pub(super) flights: HashMap<ConversationId, Option<Box<Conversation>>>,
    pub(super) consulting: Consulting,
}

pub(super) struct Seated {
    pub(super) view: AgentView,
    pub(super) seats: HashSet<ConversationId>,
    pub(super) last_assigned_at: Option<Timestamp>,
}

pub(super) struct TeamDesk {
    pub(super) name: String,
    pub(super) strategy: Strategy,
    pub(super) queue: BTreeSet<Place>,
    pub(super) told: HashMap<ConversationId, i64>,
    pub(super) pace: Pace,
    /// Those in the queue about whom the plugins were asked at least once.
    pub(super) asked: HashSet<ConversationId>,
    /// About whom they are being asked: one at a time.
    pub(super) asking: Option<ConversationId>,
}

pub(super) struct Known {
    pub(super) version: i64,
    pub(super) contact: ContactId,
    pub(super) queued_in: Option<(TeamId, Place)>,
    pub(super) seat_of: Option<AgentId>,
    /// All of it while it waits, where plugins want to see it.
    pub(super) whole: Option<Arc<Conversation>>,
}

pub(super) struct Told {
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub place: i64,
    pub expected_wait_ms: Option<Millis>,
}

impl TeamDesk {
    fn new(name: &str, strategy: Strategy) -> Self {
        Self {
            name: name.to_owned(),
            strategy,
            queue: BTreeSet::new(),
            told: HashMap::new(),
            pace: Pace::default(),
            asked: HashSet::new(),
            asking: None,
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
            let empty = TeamDesk::new(&team.name, team.strategy);
            desk.teams.insert(team.id, empty);
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
                let desk = self.team(team.id);
                desk.strategy = team.strategy;
                desk.name.clone_from(&team.name);
                self.dirty = true;
            }
            EventBody::TeamDeleted { team_id } => {
                self.teams.remove(team_id);
            }
            EventBody::ContactUpdated { contact } => self.see_contact(contact),
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
            .or_insert_with(|| TeamDesk::new("", Strategy::LeastLoaded))
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

    pub(super) fn see(&mut self, c: &Conversation) {
        if self
            .conversations
            .get(&c.id)
            .is_some_and(|known| known.version >= c.version)
        {
            return;
        }
        if let Some(latest) = self.flights.get_mut(&c.id) {
            *latest = Some(Box::new(c.clone()));
            // It may be from before the commit: then it does not wait any more.
            if c.status == Status::Queued {
                return;
            }
        }
        self.dirty = true;
        let waits_in = c.team_id.filter(|_| c.status == Status::Queued);
        self.forget(c.id, waits_in);
        let mut known = Known {
            version: c.version,
            contact: c.contact.id,
            queued_in: None,
            seat_of: None,
            whole: None,
        };
        if let Some(team) = waits_in {
            let place = (
                Reverse(c.priority),
                c.queued_at.unwrap_or(c.created_at),
                c.id,
            );
            self.team(team).queue.insert(place);
            known.queued_in = Some((team, place));
            known.whole = self.consulting.wanted.then(|| Arc::new(c.clone()));
        } else {
            self.consulting.forget(c.id, c.contact.id);
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

    /// Out of its queue and its seat. In the queue it stays in, if it does, it has
    /// been asked about.
    fn forget(&mut self, id: ConversationId, stays_in: Option<TeamId>) {
        if let Some(known) = self.conversations.remove(&id)
            && let Some((team, place)) = known.queued_in
            && let Some(desk) = self.teams.get_mut(&team)
        {
            desk.queue.remove(&place);
            desk.told.remove(&id);
            if stays_in != Some(team) {
                desk.asked.remove(&id);
            }
        }
        for seated in self.agents.values_mut() {
            seated.seats.remove(&id);
        }
    }

    /// Whether there may be something to do: a stale desk waits for its commits.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        if self.stale {
            return self.flights.is_empty();
        }
        self.dirty || self.consulting.is_due(now)
    }

    /// A commit is through: the conversation as it left it, or as the feed has it
    /// since. Of a refused one nothing is known but that the desk was wrong.
    pub(super) fn landed(&mut self, id: ConversationId, left: Option<&Conversation>) {
        let latest = self.flights.remove(&id).flatten();
        match left {
            Some(left) => {
                let newer = latest.as_deref().filter(|c| c.version > left.version);
                self.see(newer.unwrap_or(left));
                self.dirty = true;
            }
            None => self.stale = true,
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
    pub(super) fn replace(&mut self, old: &mut Self) {
        self.reloads = old.reloads + 1;
        self.dirty = self.reloads <= RELOADS;
        for (id, desk) in &mut self.teams {
            if let Some(before) = old.teams.get_mut(id) {
                desk.told = std::mem::take(&mut before.told);
                desk.pace = before.pace.clone();
                desk.asking = before.asking;
                desk.asked = std::mem::take(&mut before.asked);
                let conversations = &self.conversations;
                desk.asked.retain(|waiting| {
                    let known = conversations.get(waiting);
                    let queue = known.and_then(|known| known.queued_in);
                    queue.is_some_and(|(team, _)| team == *id)
                });
            }
        }
        self.consulting = std::mem::take(&mut old.consulting);
        let conversations = &self.conversations;
        self.consulting.keep_only(|id| {
            let known = conversations.get(&id);
            known.is_some_and(|known| known.queued_in.is_some())
        });
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
    pub(super) fn candidate(&self) -> Candidate {
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
