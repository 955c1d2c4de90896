//! Deadlines: a row each, executed once in effect.

use uuid::Uuid;

use crate::id::{AgentId, ConversationId};
use crate::time::Timestamp;

/// What a deadline is about. Its text is the row's `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimerKind {
    /// An agent without a socket goes offline.
    PresenceGrace,
    /// The chats of an agent who stayed offline queue again.
    RequeueGrace,
    /// An agent without activity goes away.
    Away,
    /// A queued conversation whose visitor is gone is missed.
    VisitorGone,
    /// A resolved or missed conversation closes.
    Close,
    /// A bot asked to be called again.
    BotWake,
    /// A conversation with a bot in which nobody writes ends.
    BotIdle,
    /// A conversation's held messages are shown to filters again.
    Held,
}

impl TimerKind {
    pub const ALL: [Self; 8] = [
        Self::PresenceGrace,
        Self::RequeueGrace,
        Self::Away,
        Self::VisitorGone,
        Self::Close,
        Self::BotWake,
        Self::BotIdle,
        Self::Held,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PresenceGrace => "presence_grace",
            Self::RequeueGrace => "requeue_grace",
            Self::Away => "away",
            Self::VisitorGone => "visitor_gone",
            Self::Close => "close",
            Self::BotWake => "bot_wake",
            Self::BotIdle => "bot_idle",
            Self::Held => "held",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One timer per kind and subject: setting it again moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerKey {
    pub kind: TimerKind,
    pub subject: Uuid,
}

impl TimerKey {
    #[must_use]
    pub fn agent(kind: TimerKind, id: AgentId) -> Self {
        Self {
            kind,
            subject: id.0,
        }
    }

    #[must_use]
    pub fn conversation(kind: TimerKind, id: ConversationId) -> Self {
        Self {
            kind,
            subject: id.0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerChange {
    Set(TimerKey, Timestamp),
    Cancel(TimerKey),
}
