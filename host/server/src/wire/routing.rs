//! Routing decisions on the wire: the recorded answer to "why her?".

use deskbell_domain::routing;
use deskbell_domain::{AgentId, ConversationId, DecisionId, TeamId, Timestamp};

use super::id;
use super::mirror::mirror;
use super::word::{Exclusion, Strategy};

mirror! {
    /// Why a conversation went to the agent it went to.
    RoutingDecision of routing::RoutingDecision {
        #[schema(value_type = id::DecisionId)]
        id: DecisionId,
        #[schema(value_type = id::ConversationId)]
        conversation_id: ConversationId,
        #[schema(value_type = id::TeamId)]
        team_id: TeamId,
        strategy: Strategy = strategy.into(),
        candidates: Vec<Considered> = candidates.into_iter().map(Into::into).collect(),
        #[schema(value_type = Option<id::AgentId>)]
        winner_id: Option<AgentId>,
        #[schema(value_type = id::Timestamp)]
        decided_at: Timestamp,
        duration_us: i64,
    }
}

mirror! {
    /// One agent of the team, as the router saw them.
    Considered of routing::Considered {
        #[schema(value_type = id::AgentId)]
        agent_id: AgentId,
        name: String,
        load: i64,
        capacity: i64,
        /// Why not; null means eligible.
        excluded: Option<Exclusion> = excluded.map(Into::into),
        /// The place among the eligible; 1 is the winner.
        rank: Option<i64>,
    }
}
