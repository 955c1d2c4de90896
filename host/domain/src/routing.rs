//! Who gets the chat: the built-in strategies, and the record of the choice.

use serde::{Deserialize, Serialize};

use crate::actor::ActorRef;
use crate::availability::Availability;
use crate::id::{AgentId, ConversationId, DecisionId, InstallationId, TeamId};
use crate::team::Strategy;
use crate::time::Timestamp;

/// An agent as the router knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: AgentId,
    pub name: String,
    pub availability: Availability,
    pub load: i64,
    pub capacity: i64,
    pub last_assigned_at: Option<Timestamp>,
}

/// Why this agent and not that one: kept for "why did I get this?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingDecision {
    pub id: DecisionId,
    pub conversation_id: ConversationId,
    pub team_id: TeamId,
    pub strategy: Strategy,
    pub candidates: Vec<Considered>,
    /// None: a plugin moved it to where it waits now, or to a bot.
    pub winner_id: Option<AgentId>,
    pub decided_at: Timestamp,
    pub duration_us: i64,
    /// The plugins that were asked, in order, with what they did to it while it
    /// waited; empty where none is installed.
    #[serde(default)]
    pub consulted: Vec<Consulted>,
}

/// What one routing plugin said, or why it said nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consulted {
    pub installation_id: InstallationId,
    pub plugin_name: String,
    pub outcome: Consultation,
    /// The plugin's own sentence.
    pub reason: Option<String>,
    /// Why its answer was not followed: a stable word, and a sentence.
    pub failure: Option<ConsultationFailure>,
    pub duration_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consultation {
    NoOpinion,
    Assigned,
    /// Moved to another queue, or up in its own.
    Queued,
    Held,
    /// To the inbox's bot.
    ToBot,
    /// No usable answer: the next one decided.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationFailure {
    pub code: String,
    pub detail: String,
}

/// The plugin whose opinion the router follows, and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    pub installation_id: InstallationId,
    pub plugin_name: String,
    pub reason: Option<String>,
}

impl Advice {
    #[must_use]
    pub fn actor(&self) -> ActorRef {
        ActorRef::plugin(self.installation_id, &self.plugin_name)
    }

    /// A plugin that gives no reason is the reason.
    #[must_use]
    pub fn reason(&self) -> String {
        self.reason
            .clone()
            .unwrap_or_else(|| self.plugin_name.clone())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    pub agent_id: AgentId,
    pub name: String,
    pub load: i64,
    pub capacity: i64,
    /// Why this agent was not eligible; none means eligible.
    pub excluded: Option<Exclusion>,
    /// The place among the eligible, 1 is the winner.
    pub rank: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    Offline,
    Away,
    Busy,
    AtCapacity,
}

#[must_use]
pub fn exclusion(candidate: &Candidate) -> Option<Exclusion> {
    match candidate.availability {
        Availability::Offline => Some(Exclusion::Offline),
        Availability::Away => Some(Exclusion::Away),
        _ if candidate.load >= candidate.capacity => Some(Exclusion::AtCapacity),
        Availability::Busy => Some(Exclusion::Busy),
        Availability::Online => None,
    }
}

/// Ranks a team's agents: the eligible first, best first, then the others with
/// the reason why not. The first is the winner if it is not excluded. Ties fall
/// to whoever waited longest for a chat, then to the older id, so that the same
/// state always gives the same answer.
#[must_use]
pub fn rank(strategy: Strategy, candidates: &[Candidate]) -> Vec<Considered> {
    let mut order: Vec<(Option<Exclusion>, &Candidate)> =
        candidates.iter().map(|c| (exclusion(c), c)).collect();
    order.sort_by(|(out_a, a), (out_b, b)| {
        let share = match strategy {
            // load/capacity compared without division.
            Strategy::LeastLoaded => {
                (a.load * b.capacity.max(1)).cmp(&(b.load * a.capacity.max(1)))
            }
            Strategy::RoundRobin | Strategy::Manual => std::cmp::Ordering::Equal,
        };
        out_a
            .is_some()
            .cmp(&out_b.is_some())
            .then(share)
            .then(a.last_assigned_at.cmp(&b.last_assigned_at))
            .then(a.id.cmp(&b.id))
    });
    let mut place = 0;
    order
        .into_iter()
        .map(|(excluded, c)| Considered {
            agent_id: c.id,
            name: c.name.clone(),
            load: c.load,
            capacity: c.capacity,
            excluded,
            rank: excluded.is_none().then(|| {
                place += 1;
                place
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn candidate(n: u128, availability: Availability, load: i64, last: Option<i64>) -> Candidate {
        Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: format!("a{n}"),
            availability,
            load,
            capacity: 5,
            last_assigned_at: last.map(Timestamp),
        }
    }

    fn names(strategy: Strategy, all: &[Candidate]) -> Vec<String> {
        rank(strategy, all)
            .into_iter()
            .filter(|c| c.excluded.is_none())
            .map(|c| c.name)
            .collect()
    }

    #[test]
    fn strategies_and_exclusions() {
        use Availability::*;
        let all = [
            candidate(1, Online, 3, Some(10)),
            candidate(2, Online, 1, Some(30)),
            candidate(3, Online, 1, Some(20)),
            candidate(4, Offline, 0, None),
            candidate(5, Busy, 5, None),
            candidate(6, Away, 0, None),
            candidate(7, Online, 4, None),
        ];
        assert_eq!(names(Strategy::LeastLoaded, &all), ["a3", "a2", "a1", "a7"]);
        assert_eq!(names(Strategy::RoundRobin, &all), ["a7", "a1", "a3", "a2"]);
        let ranked = rank(Strategy::LeastLoaded, &all);
        assert_eq!(ranked[0].rank, Some(1));
        let out: Vec<_> = ranked.iter().filter_map(|c| c.excluded).collect();
        assert_eq!(out.len(), 3);
        assert!(out.contains(&Exclusion::AtCapacity));
    }
}
