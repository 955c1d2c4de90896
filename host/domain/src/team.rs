//! A team: a group of agents with a queue and a way to share it out.

use serde::{Deserialize, Serialize};

use crate::id::{AgentId, TeamId};
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub strategy: Strategy,
    pub agent_ids: Vec<AgentId>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// How a team's queue is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The agent with the smallest share of its capacity in use.
    LeastLoaded,
    /// The agent whose last assignment is longest ago.
    RoundRobin,
    /// Nobody: agents pick from the queue.
    Manual,
}

impl Strategy {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeastLoaded => "least_loaded",
            Self::RoundRobin => "round_robin",
            Self::Manual => "manual",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LeastLoaded, Self::RoundRobin, Self::Manual]
            .into_iter()
            .find(|strategy| strategy.as_str() == text)
    }
}
