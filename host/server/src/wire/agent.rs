//! Agents on the wire: as colleagues see them, and how admins make and change them.

use deskbell_domain as domain;
use deskbell_domain::{AgentId, TeamId, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::id;
use super::mirror::mirror;
use super::word::{Availability, Role};

mirror! {
    /// An agent as a conversation names them.
    AgentRef of domain::AgentRef {
        #[schema(value_type = id::AgentId)]
        id: AgentId,
        name: String,
    }
}

mirror! {
    /// An agent as colleagues see them.
    Agent of domain::agent::AgentView {
        #[schema(value_type = id::AgentId)]
        id: AgentId,
        email: String,
        name: String,
        role: Role = role.into(),
        #[schema(value_type = Vec<id::TeamId>)]
        team_ids: Vec<TeamId>,
        /// How many active chats at most.
        capacity: i64,
        /// What it comes to: the choice, lowered by presence, load and idleness.
        availability: Availability = availability.into(),
        /// What the agent, or a supervisor for them, chose.
        choice: Availability = choice.into(),
        #[schema(value_type = Option<id::Timestamp>)]
        deactivated_at: Option<Timestamp>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        /// For `If-Match`.
        version: i64,
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub role: Role,
    #[schema(format = "password", min_length = 10, max_length = 256)]
    pub password: String,
    /// Left out: 5.
    #[schema(minimum = 0, maximum = 100)]
    pub capacity: Option<i64>,
    #[serde(default)]
    #[schema(value_type = Vec<id::TeamId>)]
    pub team_ids: Vec<TeamId>,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentPatch {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    pub role: Option<Role>,
    #[schema(minimum = 0, maximum = 100)]
    pub capacity: Option<i64>,
    #[schema(value_type = Option<Vec<id::TeamId>>)]
    pub team_ids: Option<Vec<TeamId>>,
    /// True ends the agent's sessions and queues their chats again.
    pub deactivated: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAvailability {
    pub availability: Availability,
}
