//! Conversations on the wire: the desk's view and the visitor's.

use deskbell_domain as domain;
use deskbell_domain::{ConversationId, InboxId, TeamId, Timestamp, VisitorId, visitor_view};
use serde_json::{Map, Value};

use super::agent::AgentRef;
use super::contact::ContactRef;
use super::id;
use super::mirror::mirror;
use super::word::{Priority, Status};

mirror! {
    /// A visitor's verdict.
    Rating of domain::conversation::Rating {
        #[schema(minimum = 1, maximum = 5)]
        score: i64,
        comment: Option<String>,
        #[schema(value_type = id::Timestamp)]
        rated_at: Timestamp,
    }
}

mirror! {
    /// A conversation as the desk sees it.
    Conversation of domain::Conversation {
        #[schema(value_type = id::ConversationId)]
        id: ConversationId,
        #[schema(value_type = id::InboxId)]
        inbox_id: InboxId,
        contact: ContactRef = contact.into(),
        #[schema(value_type = id::VisitorId)]
        visitor_id: VisitorId,
        #[schema(value_type = Option<id::TeamId>)]
        team_id: Option<TeamId>,
        /// Who has it; kept after resolving, as who had it last.
        assignee: Option<AgentRef> = assignee.map(Into::into),
        status: Status = status.into(),
        priority: Priority = priority.into(),
        subject: Option<String>,
        category: Option<String>,
        #[schema(value_type = id::Attributes)]
        attributes: Map<String, Value>,
        /// The number of messages, notes included.
        last_seq: i64,
        /// The last number a visitor may know of.
        public_seq: i64,
        visitor_delivered_seq: i64,
        visitor_read_seq: i64,
        desk_delivered_seq: i64,
        desk_read_seq: i64,
        /// Visitor messages the desk has not read.
        unread_count: i64,
        /// Desk messages the visitor has not read.
        visitor_unread_count: i64,
        /// The beginning of the last message that is not a note.
        last_message: Option<String>,
        #[schema(value_type = Option<id::Timestamp>)]
        last_message_at: Option<Timestamp>,
        /// The closed conversation this one goes on from.
        #[schema(value_type = Option<id::ConversationId>)]
        previous_id: Option<ConversationId>,
        rating: Option<Rating> = rating.map(Into::into),
        /// Of the last resolve, close or transfer.
        reason: Option<String>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        #[schema(value_type = Option<id::Timestamp>)]
        queued_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        started_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        first_response_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        resolved_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        closed_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        missed_at: Option<Timestamp>,
        /// For `If-Match`, and for telling an older state from a newer one.
        version: i64,
    }
}

mirror! {
    /// A conversation as its visitor sees it.
    VisitorConversation of visitor_view::VisitorConversation {
        #[schema(value_type = id::ConversationId)]
        id: ConversationId,
        status: Status = status.into(),
        /// Who answers, by name.
        agent: Option<AgentRef> = agent.map(Into::into),
        subject: Option<String>,
        category: Option<String>,
        public_seq: i64,
        visitor_delivered_seq: i64,
        visitor_read_seq: i64,
        desk_delivered_seq: i64,
        desk_read_seq: i64,
        visitor_unread_count: i64,
        rating: Option<Rating> = rating.map(Into::into),
        #[schema(value_type = Option<id::ConversationId>)]
        previous_id: Option<ConversationId>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        #[schema(value_type = Option<id::Timestamp>)]
        queued_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        started_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        resolved_at: Option<Timestamp>,
        #[schema(value_type = Option<id::Timestamp>)]
        closed_at: Option<Timestamp>,
        version: i64,
    }
}
