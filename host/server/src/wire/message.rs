//! Messages on the wire.

use deskbell_domain as domain;
use deskbell_domain::{ConversationId, MessageId, Timestamp, visitor_view};
use serde_json::{Map, Value};

use super::id;
use super::mirror::mirror;
use super::word::{ActorKind, MessageKind};

mirror! {
    /// Who did or said something.
    ActorRef of domain::ActorRef {
        #[serde(rename = "type")]
        kind: ActorKind = kind.into(),
        id: Option<String>,
        name: Option<String>,
    }
}

mirror! {
    /// One utterance, numbered densely within its conversation.
    Message of domain::Message {
        #[schema(value_type = id::MessageId)]
        id: MessageId,
        #[schema(value_type = id::ConversationId)]
        conversation_id: ConversationId,
        seq: i64,
        kind: MessageKind = kind.into(),
        sender: ActorRef = sender.into(),
        /// The sender's own key for the message.
        client_msg_id: Option<String>,
        text: String,
        /// A note: for the desk only.
        private: bool,
        #[schema(value_type = id::Attributes)]
        attributes: Map<String, Value>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
    }
}

mirror! {
    /// A message as the visitor sees it; never a note.
    VisitorMessage of visitor_view::VisitorMessage {
        #[schema(value_type = id::MessageId)]
        id: MessageId,
        #[schema(value_type = id::ConversationId)]
        conversation_id: ConversationId,
        /// Grows, with holes where notes are.
        seq: i64,
        kind: MessageKind = kind.into(),
        sender: ActorRef = sender.into(),
        /// Of the visitor's own messages only.
        client_msg_id: Option<String>,
        text: String,
        #[schema(value_type = id::Attributes)]
        attributes: Map<String, Value>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
    }
}

mirror! {
    /// The message is durable. A repeat with the same `client_msg_id` gets the
    /// same answer.
    MessageAck of domain::MessageAck {
        #[schema(value_type = id::MessageId)]
        message_id: MessageId,
        #[schema(value_type = id::ConversationId)]
        conversation_id: ConversationId,
        seq: i64,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
    }
}
