//! Teams on the wire. Who is in a team is said with the agent (`team_ids`).

use deskbell_domain::{AgentId, TeamId, Timestamp, team};
use serde::Deserialize;
use utoipa::ToSchema;

use super::id;
use super::mirror::mirror;
use super::word::Strategy;

mirror! {
    /// A group of agents with a queue.
    Team of team::Team {
        #[schema(value_type = id::TeamId)]
        id: TeamId,
        name: String,
        strategy: Strategy = strategy.into(),
        #[schema(value_type = Vec<id::AgentId>)]
        agent_ids: Vec<AgentId>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        /// For `If-Match`.
        version: i64,
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub strategy: Strategy,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamPatch {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    pub strategy: Option<Strategy>,
}
