//! The words of the API: enums that mirror the domain's, both ways.

use super::mirror::mirror_words;

mirror_words! {
    /// Where a conversation stands.
    Status of deskbell_domain::Status {
        /// A bot has it.
        Bot,
        Queued,
        Active,
        Resolved,
        Closed,
        Missed,
    }

    Priority of deskbell_domain::Priority { Low, Medium, High, Urgent }

    /// Each role has all that the one before it has.
    Role of deskbell_domain::Role { Agent, Supervisor, Admin, Owner }

    Availability of deskbell_domain::Availability { Online, Away, Busy, Offline }

    /// How a team's queue is shared out.
    Strategy of deskbell_domain::team::Strategy {
        /// The agent with the smallest share of its capacity in use.
        LeastLoaded,
        /// The agent whose last assignment is longest ago.
        RoundRobin,
        /// Nobody: agents pick from the queue.
        Manual,
    }

    MessageKind of deskbell_domain::message::MessageKind { Text, System }

    ActorKind of deskbell_domain::actor::ActorKind { Visitor, Agent, Bot, System, Plugin }

    /// Why the router did not consider an agent.
    Exclusion of deskbell_domain::routing::Exclusion { Offline, Away, Busy, AtCapacity }

    /// What came of asking a routing plugin.
    Consultation of deskbell_domain::routing::Consultation {
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
}
