//! Routing decisions on the wire: the recorded answer to "why her?".

use deskbell_domain::routing;
use deskbell_domain::{AgentId, ConversationId, DecisionId, InstallationId, TeamId, Timestamp};

use super::id;
use super::mirror::mirror;
use super::word::{Consultation, Exclusion, Strategy};

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
        /// The plugins that were asked, in order.
        consulted: Vec<Consulted> = consulted.into_iter().map(Into::into).collect(),
    }
}

mirror! {
    /// What one routing plugin said, or why it said nothing.
    Consulted of routing::Consulted {
        #[schema(value_type = id::InstallationId)]
        installation_id: InstallationId,
        plugin_name: String,
        outcome: Consultation = outcome.into(),
        /// The plugin's own sentence.
        reason: Option<String>,
        failure: Option<ConsultationFailure> = failure.map(Into::into),
        duration_us: i64,
    }
}

mirror! {
    /// Why a plugin's answer was not followed.
    ConsultationFailure of routing::ConsultationFailure {
        /// A stable word, such as `cpu_exceeded`.
        code: String,
        detail: String,
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
