//! The conversation: its state, and where the rules about it live.
//!
//! `conversation/talk.rs` has what people say (send, receipts, rating, details),
//! `conversation/flow.rs` what moves it between statuses, `conversation/start.rs`
//! how it begins, `conversation/redirect.rs` how a plugin moves it while it waits,
//! `conversation/bot.rs` what a bot does that has it.
//! Each is a pure function over a `Case`.

pub mod bot;
mod changes;
pub mod effects;
pub mod flow;
pub mod redirect;
pub mod start;
pub mod talk;

#[cfg(test)]
mod tests;

pub(crate) use changes::changes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::AgentRef;
use crate::contact::ContactRef;
use crate::id::{ConversationId, InboxId, TeamId, VisitorId};
use crate::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A bot has it.
    Bot,
    Queued,
    Active,
    Resolved,
    Closed,
    Missed,
}

impl Status {
    pub const ALL: [Self; 6] = [
        Self::Bot,
        Self::Queued,
        Self::Active,
        Self::Resolved,
        Self::Closed,
        Self::Missed,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Queued => "queued",
            Self::Active => "active",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Missed => "missed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Open conversations hold the one slot of their contact and inbox.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Bot | Self::Queued | Self::Active)
    }
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Medium,
    High,
    Urgent,
}

impl Priority {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.as_str() == text)
    }
}

/// A visitor's verdict on the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub score: i64,
    pub comment: Option<String>,
    pub rated_at: Timestamp,
}

/// A conversation as the desk sees it; its JSON is the wire form. What visitors
/// get of it is in `visitor_view.rs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    pub inbox_id: InboxId,
    pub contact: ContactRef,
    pub visitor_id: VisitorId,
    pub team_id: Option<TeamId>,
    /// Who has it; kept after resolving, as who had it last.
    pub assignee: Option<AgentRef>,
    pub status: Status,
    pub priority: Priority,
    pub subject: Option<String>,
    pub category: Option<String>,
    pub attributes: Map<String, Value>,
    /// The number of messages, notes included.
    pub last_seq: i64,
    /// The last number a visitor may know of.
    pub public_seq: i64,
    pub visitor_delivered_seq: i64,
    pub visitor_read_seq: i64,
    pub desk_delivered_seq: i64,
    pub desk_read_seq: i64,
    /// Visitor messages the desk has not read.
    pub unread_count: i64,
    /// Desk messages the visitor has not read.
    pub visitor_unread_count: i64,
    pub last_message: Option<String>,
    pub last_message_at: Option<Timestamp>,
    pub previous_id: Option<ConversationId>,
    pub rating: Option<Rating>,
    /// Why it is where it is: of the last resolve, close, transfer.
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub first_response_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub missed_at: Option<Timestamp>,
    pub version: i64,
}

impl Conversation {
    /// Counts against its assignee's capacity.
    #[must_use]
    pub fn holds_seat(&self) -> bool {
        self.status == Status::Active && self.assignee.is_some()
    }
}
