//! What a desk asks its routing plugins, and what it does with their answers.
//!
//! Plugins are asked about a conversation once when it comes into a queue, and
//! when it is the first in line and somebody has room; one at a time in each
//! team. Here is the desk's side of it: who is to be asked about next, and what
//! becomes of an answer, judged against the desk as it is by then. The asking
//! itself is in `ask.rs`. A team whose strategy is `manual` asks nobody.
//!
//! All of this is memory. After a restart, or on another node, plugins are asked
//! again; what they moved stays moved, what they held is held anew if they say so.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use deskbell_domain::routing::{Consultation, ConsultationFailure, Consulted};
use deskbell_domain::{
    AgentId, Contact, ContactId, Conversation, ConversationId, InstallationId, Refusal, TeamId,
    Timestamp,
};

use crate::hooks::{RouteCandidate, SHOWN_CANDIDATES};
use crate::router::ask::{Answer, Ask, Followed};
use crate::router::choose::{Choice, Served, What};
use crate::router::desk::{Desk, Known, Place};

/// A plugin whose agent was gone so often is not asked any more: the built-in
/// strategy decides.
const RACES: u32 = 2;
/// Plugins may move a conversation so often while it waits.
const MOVES: u32 = 3;
/// Moves and holds that the record of the final assignment tells of.
const STORY: usize = 16;

#[derive(Default)]
pub(super) struct Consulting {
    /// The tenant has a routing plugin at work.
    pub wanted: bool,
    /// Answers that came while the desk was stale.
    pub answers: Vec<Answer>,
    waits: HashMap<ConversationId, Wait>,
    /// Of those who wait and were asked about: an event has only a part of them.
    contacts: HashMap<ContactId, Arc<Contact>>,
    /// The first end of a hold.
    next_due: Option<Timestamp>,
}

/// What plugins did to one that waits.
#[derive(Default)]
struct Wait {
    held_until: Option<Timestamp>,
    moves: u32,
    races: u32,
    /// What this round's plugins said, while it goes on.
    round: Vec<Consulted>,
    round_us: i64,
    /// Moves and holds of earlier rounds.
    story: Vec<Consulted>,
    retry: Option<Retry>,
}

/// An agent lost their room while a plugin chose them: it is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retry {
    pub of: InstallationId,
    pub why: String,
}

impl Wait {
    /// The last answer is not followed after all.
    fn lost(&mut self, why: String) {
        self.races += 1;
        if let Some(last) = self.round.last_mut() {
            last.outcome = Consultation::Failed;
            last.failure = Some(ConsultationFailure {
                code: "lost_race".to_owned(),
                detail: why.clone(),
            });
            self.retry = Some(Retry {
                of: last.installation_id,
                why,
            });
        }
    }

    /// A round ends with something done to it that the last record is to tell.
    fn remember(&mut self) {
        self.story.append(&mut self.round);
        let over = self.story.len().saturating_sub(STORY);
        self.story.drain(..over);
        self.round_us = 0;
    }
}

impl Consulting {
    fn know_contact(&mut self, contact: Arc<Contact>) {
        let known = self.contacts.get(&contact.id);
        if known.is_none_or(|known| known.version < contact.version) {
            self.contacts.insert(contact.id, contact);
        }
    }

    /// It does not wait any more.
    pub(super) fn forget(&mut self, id: ConversationId, contact: ContactId) {
        self.waits.remove(&id);
        self.contacts.remove(&contact);
    }

    /// Of another reading of the database, those who still wait.
    pub(super) fn keep_only(&mut self, waits: impl Fn(ConversationId) -> bool) {
        self.waits.retain(|id, _| waits(*id));
        self.contacts.clear();
    }

    /// The database refused a plugin's move.
    pub(super) fn not_moved(&mut self, id: ConversationId, refusal: &Refusal) {
        if let Some(told) = self.wait(id).story.last_mut() {
            told.outcome = Consultation::Failed;
            told.failure = Some(ConsultationFailure {
                code: refusal.code().to_owned(),
                detail: refusal.to_string(),
            });
        }
    }

    /// Whether a hold has come to its end.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next_due.is_some_and(|due| due <= now)
    }

    /// What its record says of plugins so far, and how long this round took.
    pub(super) fn record_of(&self, id: ConversationId) -> (Vec<Consulted>, i64) {
        self.waits.get(&id).map_or_else(Default::default, |wait| {
            let all = wait.story.iter().chain(&wait.round);
            (all.cloned().collect(), wait.round_us)
        })
    }

    fn wait(&mut self, id: ConversationId) -> &mut Wait {
        self.waits.entry(id).or_default()
    }

    fn is_held(&self, id: ConversationId, now: Timestamp) -> bool {
        let held = self.waits.get(&id).and_then(|wait| wait.held_until);
        held.is_some_and(|until| until > now)
    }

    pub(super) fn look_at_holds(&mut self, now: Timestamp) {
        let holds = self.waits.values().filter_map(|wait| wait.held_until);
        self.next_due = holds.filter(|until| *until > now).min();
    }
}

impl Desk {
    /// What is to be asked now, one question for each team; and the choices that
    /// need no more asking.
    pub(super) fn questions(&mut self, now: Timestamp, served: &mut Served) {
        for team in self.served_teams() {
            while let Some((place, position, candidates)) = self.next(team, now) {
                let id = place.2;
                let lost = self.consulting.waits.get(&id).map_or(0, |wait| wait.races);
                if lost < RACES {
                    served
                        .asks
                        .extend(self.ask(team, place, position, candidates));
                    break;
                }
                let Some(choice) = self.built_in(team, id) else {
                    break;
                };
                self.seat(&choice, now);
                served.choices.push(choice);
            }
        }
    }

    /// Whom to ask about, with their place, and who could have them: the first in
    /// line if anybody has room, else the first who was never asked about.
    fn next(&self, team: TeamId, now: Timestamp) -> Option<(Place, usize, Vec<RouteCandidate>)> {
        let desk = self.teams.get(&team)?;
        let candidates = self.eligible(team);
        if candidates.is_empty() && desk.asked.len() >= desk.queue.len() {
            return None;
        }
        let (index, place) = desk.queue.iter().enumerate().find(|(_, (_, _, id))| {
            let open = !self.flights.contains_key(id) && !self.consulting.is_held(*id, now);
            open && (!candidates.is_empty() || !desk.asked.contains(id))
        })?;
        Some((*place, index + 1, candidates))
    }

    /// All who have room, best first.
    fn eligible(&self, team: TeamId) -> Vec<RouteCandidate> {
        let ranked = self.ranked(team).into_iter();
        ranked
            .filter(|considered| considered.excluded.is_none())
            .filter_map(|considered| self.agents.get(&considered.agent_id))
            .map(|seated| RouteCandidate {
                candidate: seated.candidate(),
                email: seated.view.email.clone(),
            })
            .collect()
    }

    fn ask(
        &mut self,
        team: TeamId,
        (_, since, id): Place,
        position: usize,
        mut candidates: Vec<RouteCandidate>,
    ) -> Option<Ask> {
        let known = self.conversations.get(&id)?;
        let contact = self.consulting.contacts.get(&known.contact).cloned();
        let teams: HashSet<TeamId> = self.teams.keys().copied().collect();
        let desk = self.teams.get_mut(&team)?;
        desk.asking = Some(id);
        desk.asked.insert(id);
        let wait = self.consulting.wait(id);
        wait.held_until = None;
        let retry = wait.retry.take();
        if retry.is_none() {
            wait.round.clear();
            wait.round_us = 0;
        }
        let candidates_total = candidates.len();
        candidates.truncate(SHOWN_CANDIDATES);
        Some(Ask {
            conversation: id,
            whole: known.whole.clone(),
            contact,
            team,
            team_name: desk.name.clone(),
            since,
            waiting: desk.queue.len(),
            position,
            candidates,
            candidates_total,
            teams,
            may_move: wait.moves < MOVES,
            retry,
        })
    }

    pub(super) fn see_contact(&mut self, contact: &Contact) {
        let waits = |known: &Known| known.contact == contact.id && known.queued_in.is_some();
        if self.consulting.wanted && self.conversations.values().any(waits) {
            self.consulting.know_contact(Arc::new(contact.clone()));
        }
    }

    /// Takes an answer in; what is to be committed for it, if anything. If it
    /// meanwhile waits elsewhere, or not at all, the answer is for nothing.
    pub(super) fn follow(&mut self, answer: Answer, now: Timestamp) -> Option<Choice> {
        let (team, id) = (answer.team, answer.conversation);
        self.dirty = true;
        let desk = self.teams.get_mut(&team)?;
        desk.asking.take_if(|asking| *asking == id);
        let known = self.conversations.get_mut(&id)?;
        let here = known.queued_in.is_some_and(|(queue, _)| queue == team);
        if !here || self.flights.contains_key(&id) {
            return None;
        }
        if let Some(read) = answer.read {
            known.whole.get_or_insert(read.conversation);
            self.consulting.know_contact(read.contact);
        }
        let wait = self.consulting.wait(id);
        wait.round.extend(answer.consulted);
        wait.round_us += answer.duration_us;
        let choice = match answer.followed {
            None => self.decide_alone(team, id),
            Some((advice, Followed::Assign(agent))) => {
                if self.is_eligible(agent, team) {
                    let considered = self.ranked(team);
                    let what = What::Seat(agent);
                    let choice = self.choice(team, id, what, considered);
                    choice.map(|choice| Choice {
                        advice: Some(advice),
                        ..choice
                    })
                } else {
                    let why = format!("{} has no room any more", self.name_of(agent));
                    self.lose(team, id, why)
                }
            }
            Some((advice, Followed::Move(to))) => {
                if to.team.is_some_and(|to| !self.teams.contains_key(&to)) {
                    self.lose(team, id, "the team is gone".to_owned())
                } else {
                    let considered = self.ranked(team);
                    let choice = self.choice(team, id, What::Move(to), considered);
                    let wait = self.consulting.wait(id);
                    wait.moves += 1;
                    wait.remember();
                    choice.map(|choice| Choice {
                        advice: Some(advice),
                        ..choice
                    })
                }
            }
            Some((advice, Followed::Engage(bot))) => {
                let considered = self.ranked(team);
                let choice = self.choice(team, id, What::Engage(bot), considered);
                let wait = self.consulting.wait(id);
                wait.moves += 1;
                wait.remember();
                choice.map(|choice| Choice {
                    advice: Some(advice),
                    ..choice
                })
            }
            Some((_, Followed::Hold(until))) => {
                let wait = self.consulting.wait(id);
                wait.held_until = Some(until);
                wait.remember();
                None
            }
        }?;
        self.seat(&choice, now);
        Some(choice)
    }

    /// The built-in strategy decides. If it cannot, as nobody has room, the next
    /// room is another round.
    fn decide_alone(&mut self, team: TeamId, id: ConversationId) -> Option<Choice> {
        let choice = self.built_in(team, id);
        if choice.is_none() {
            let wait = self.consulting.wait(id);
            wait.races = 0;
            wait.retry = None;
        }
        choice
    }

    fn lose(&mut self, team: TeamId, id: ConversationId, why: String) -> Option<Choice> {
        let wait = self.consulting.wait(id);
        wait.lost(why);
        if wait.races < RACES {
            return None;
        }
        self.decide_alone(team, id)
    }

    /// The database had no seat for a plugin's choice.
    pub(super) fn lost_seat(&mut self, id: ConversationId, agent: AgentId, refusal: &Refusal) {
        let lost = matches!(
            refusal,
            Refusal::AtCapacity | Refusal::NotOnline | Refusal::NotFound("agent")
        );
        if lost {
            let why = format!("{} has no room any more", self.name_of(agent));
            self.consulting.wait(id).lost(why);
        }
    }

    fn name_of(&self, agent: AgentId) -> String {
        let known = self.agents.get(&agent);
        known.map_or_else(|| agent.to_string(), |seated| seated.view.name.clone())
    }
}

/// What an ask had to read, so that the next one need not.
pub(super) struct Read {
    pub conversation: Arc<Conversation>,
    pub contact: Arc<Contact>,
}
