//! A message: one utterance, numbered densely within its conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::actor::{ActorKind, ActorRef};
use crate::id::{ConversationId, MessageId};
use crate::time::Timestamp;

/// Who said it. Same shape as an event's actor.
pub type Sender = ActorRef;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Text,
    System,
}

impl MessageKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::System => "system",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Text, Self::System]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub kind: MessageKind,
    pub sender: Sender,
    /// The sender's own key for the message; lets a client match its echo.
    pub client_msg_id: Option<String>,
    pub text: String,
    /// A note: for the desk only.
    pub private: bool,
    pub attributes: Map<String, Value>,
    pub created_at: Timestamp,
}

impl Message {
    #[must_use]
    pub fn ack(&self) -> MessageAck {
        MessageAck {
            message_id: self.id,
            conversation_id: self.conversation_id,
            seq: self.seq,
            created_at: self.created_at,
        }
    }

    #[must_use]
    pub fn from_visitor(&self) -> bool {
        self.sender.kind == ActorKind::Visitor
    }
}

/// The immutable answer to a send; a repeat gets the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAck {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub created_at: Timestamp,
}

/// The parts of a message that its sender chooses. Already checked (`text.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub client_msg_id: String,
    pub text: String,
    pub private: bool,
    pub attributes: Map<String, Value>,
}
