//! Who gets the next one: the built-in choice, and taking a choice into account
//! before it is committed.

use deskbell_domain::conversation::redirect::Redirect;
use deskbell_domain::routing::{Advice, Considered, Consulted, rank};
use deskbell_domain::team::Strategy;
use deskbell_domain::{AgentId, ConversationId, InstallationId, TeamId, Timestamp};
use tokio::time::Instant;

use crate::router::ask::Ask;
use crate::router::desk::{Desk, Seated, TeamDesk};

/// Candidates a decision's record keeps.
const RECORDED: usize = 64;

/// Something to be committed, with what its record says.
pub(super) struct Choice {
    pub conversation: ConversationId,
    pub team: TeamId,
    pub what: What,
    pub strategy: Strategy,
    pub considered: Vec<Considered>,
    pub consulted: Vec<Consulted>,
    /// Whose word it is; none is the team's strategy.
    pub advice: Option<Advice>,
    pub duration_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Seat(AgentId),
    Move(Redirect),
    /// To this bot.
    Engage(InstallationId),
}

#[derive(Default)]
pub(super) struct Served {
    pub choices: Vec<Choice>,
    pub asks: Vec<Ask>,
}

impl Desk {
    /// Takes in the answers, then serves every queue as far as it goes now.
    pub(super) fn serve(&mut self, has_plugins: bool, now: Timestamp) -> Served {
        let mut served = Served::default();
        for answer in std::mem::take(&mut self.consulting.answers) {
            served.choices.extend(self.follow(answer, now));
        }
        self.consulting.wanted = has_plugins;
        if has_plugins {
            self.questions(now, &mut served);
        } else {
            served.choices.append(&mut self.choose(now));
        }
        self.consulting.look_at_holds(now);
        served
    }

    /// Serves each queue in its order while somebody has room, as if every choice
    /// were already committed. For a desk without plugins to ask.
    fn choose(&mut self, now: Timestamp) -> Vec<Choice> {
        let mut choices = Vec::new();
        for team in self.served_teams() {
            while let Some(id) = self.first(team)
                && let Some(choice) = self.built_in(team, id)
            {
                self.seat(&choice, now);
                choices.push(choice);
            }
        }
        choices
    }

    /// The teams with a queue that the router serves. One whose plugins are being
    /// asked waits for the answer.
    pub(super) fn served_teams(&self) -> Vec<TeamId> {
        let served = |desk: &TeamDesk| {
            desk.strategy != Strategy::Manual && !desk.queue.is_empty() && desk.asking.is_none()
        };
        self.teams
            .iter()
            .filter(|(_, desk)| served(desk))
            .map(|(id, _)| *id)
            .collect()
    }

    fn first(&self, team: TeamId) -> Option<ConversationId> {
        let mut queue = self.teams.get(&team)?.queue.iter();
        queue
            .find(|(_, _, id)| !self.flights.contains_key(id))
            .map(|(_, _, id)| *id)
    }

    /// The team's agents, ranked by its strategy.
    pub(super) fn ranked(&self, team: TeamId) -> Vec<Considered> {
        let Some(desk) = self.teams.get(&team) else {
            return vec![];
        };
        let candidates: Vec<_> = self
            .agents
            .values()
            .filter(|agent| agent.belongs_to(team))
            .map(Seated::candidate)
            .collect();
        rank(desk.strategy, &candidates)
    }

    /// The first choice of the team's own strategy, if anybody has room.
    pub(super) fn built_in(&self, team: TeamId, conversation: ConversationId) -> Option<Choice> {
        let begun = Instant::now();
        let considered = self.ranked(team);
        let agent = considered
            .first()
            .filter(|first| first.excluded.is_none())?
            .agent_id;
        let mut choice = self.choice(team, conversation, What::Seat(agent), considered)?;
        choice.duration_us += micros(begun);
        Some(choice)
    }

    /// A choice with its record so far. The winner is on it, however far down.
    pub(super) fn choice(
        &self,
        team: TeamId,
        conversation: ConversationId,
        what: What,
        mut considered: Vec<Considered>,
    ) -> Option<Choice> {
        let winner = considered
            .iter()
            .position(|c| what == What::Seat(c.agent_id));
        if let Some(place) = winner
            && place >= RECORDED
        {
            considered.swap(RECORDED - 1, place);
        }
        considered.truncate(RECORDED);
        let (consulted, duration_us) = self.consulting.record_of(conversation);
        Some(Choice {
            conversation,
            team,
            what,
            strategy: self.teams.get(&team)?.strategy,
            considered,
            consulted,
            advice: None,
            duration_us,
        })
    }

    /// From now on it is so, unless the commit is refused. What is only moved
    /// keeps its place until then.
    pub(super) fn seat(&mut self, choice: &Choice, now: Timestamp) {
        self.flights.insert(choice.conversation, None);
        let What::Seat(agent) = choice.what else {
            return;
        };
        if let Some(known) = self.conversations.get_mut(&choice.conversation) {
            if let Some((team, place)) = known.queued_in.take()
                && let Some(desk) = self.teams.get_mut(&team)
            {
                desk.queue.remove(&place);
                desk.told.remove(&choice.conversation);
                desk.asked.remove(&choice.conversation);
                desk.pace.assigned(now);
            }
            known.seat_of = Some(agent);
        }
        if let Some(seated) = self.agents.get_mut(&agent) {
            seated.seats.insert(choice.conversation);
            seated.last_assigned_at = Some(now);
        }
    }

    pub(super) fn is_eligible(&self, agent: AgentId, team: TeamId) -> bool {
        self.agents.get(&agent).is_some_and(|seated| {
            seated.belongs_to(team)
                && deskbell_domain::routing::exclusion(&seated.candidate()).is_none()
        })
    }
}

impl Seated {
    fn belongs_to(&self, team: TeamId) -> bool {
        self.view.deactivated_at.is_none() && self.view.team_ids.contains(&team)
    }
}

pub(super) fn micros(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX)
}
