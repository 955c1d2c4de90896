//! What a visitor gets to see: one exhaustive allow-list.
//!
//! Nothing reaches a visitor that is not named here: no notes, no routing, no
//! e-mail addresses, no teams, no desk-side reasons or numbers. A new event kind
//! does not compile until it is decided here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::actor::{ActorKind, ActorRef};
use crate::agent::AgentRef;
use crate::conversation::{Conversation, Rating, Status};
use crate::event::{API_VERSION, Changes, Event, EventBody};
use crate::id::{ConversationId, MessageId};
use crate::message::{Message, MessageKind};
use crate::text::FILTER_MARK;
use crate::time::Timestamp;

/// A visitor's conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorConversation {
    pub id: ConversationId,
    pub status: Status,
    /// Who answers, by name.
    pub agent: Option<AgentRef>,
    pub subject: Option<String>,
    pub category: Option<String>,
    pub public_seq: i64,
    pub visitor_delivered_seq: i64,
    pub visitor_read_seq: i64,
    pub desk_delivered_seq: i64,
    pub desk_read_seq: i64,
    pub visitor_unread_count: i64,
    pub rating: Option<Rating>,
    pub previous_id: Option<ConversationId>,
    pub created_at: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub version: i64,
}

/// A visitor's message: never a note (see `message`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitorMessage {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub kind: MessageKind,
    pub sender: ActorRef,
    pub client_msg_id: Option<String>,
    pub text: String,
    pub attributes: Map<String, Value>,
    pub created_at: Timestamp,
}

#[must_use]
pub fn conversation(c: &Conversation) -> VisitorConversation {
    VisitorConversation {
        id: c.id,
        status: c.status,
        agent: c.assignee.clone(),
        subject: c.subject.clone(),
        category: c.category.clone(),
        public_seq: c.public_seq,
        visitor_delivered_seq: c.visitor_delivered_seq,
        visitor_read_seq: c.visitor_read_seq,
        desk_delivered_seq: c.desk_delivered_seq,
        desk_read_seq: c.desk_read_seq,
        visitor_unread_count: c.visitor_unread_count,
        rating: c.rating.clone(),
        previous_id: c.previous_id,
        created_at: c.created_at,
        queued_at: c.queued_at,
        started_at: c.started_at,
        resolved_at: c.resolved_at,
        closed_at: c.closed_at,
        version: c.version,
    }
}

/// None for a note. An agent's own key for a message is nobody else's business.
#[must_use]
pub fn message(m: &Message) -> Option<VisitorMessage> {
    if m.private {
        return None;
    }
    Some(VisitorMessage {
        id: m.id,
        conversation_id: m.conversation_id,
        seq: m.seq,
        kind: m.kind,
        sender: actor(&m.sender),
        client_msg_id: m.client_msg_id.clone().filter(|_| m.from_visitor()),
        text: m.text.clone(),
        attributes: shown(m),
        created_at: m.created_at,
    })
}

/// A visitor's own, without what filters said of them; and what a bot asks.
fn shown(m: &Message) -> Map<String, Value> {
    match m.sender.kind {
        ActorKind::Visitor => {
            let mut own = m.attributes.clone();
            own.remove(FILTER_MARK);
            own
        }
        ActorKind::Bot => {
            let question = m.attributes.get("question");
            let question = question.map(|asked| ("question".to_owned(), asked.clone()));
            question.into_iter().collect()
        }
        ActorKind::Agent | ActorKind::System | ActorKind::Plugin => Map::new(),
    }
}

fn actor(a: &ActorRef) -> ActorRef {
    match a.kind {
        ActorKind::Visitor | ActorKind::Agent | ActorKind::Bot => a.clone(),
        ActorKind::System | ActorKind::Plugin => ActorRef {
            id: None,
            name: None,
            ..a.clone()
        },
    }
}

/// The event as a visitor's socket gets it, or none.
#[must_use]
pub fn event(e: &Event) -> Option<Value> {
    let data = match &e.body {
        EventBody::ConversationCreated { conversation: c }
        | EventBody::ConversationUpdated { conversation: c }
        | EventBody::ConversationQueued {
            conversation: c, ..
        }
        | EventBody::ConversationAssigned {
            conversation: c, ..
        }
        | EventBody::ConversationUnassigned {
            conversation: c, ..
        }
        | EventBody::ConversationTransferred {
            conversation: c, ..
        }
        | EventBody::ConversationReopened {
            conversation: c, ..
        }
        | EventBody::ConversationResolved {
            conversation: c, ..
        }
        | EventBody::ConversationClosed {
            conversation: c, ..
        }
        | EventBody::ConversationMissed {
            conversation: c, ..
        }
        | EventBody::ConversationRated { conversation: c } => {
            serde_json::json!({ "conversation": conversation(c) })
        }
        EventBody::MessageCreated { message: m } => serde_json::json!({ "message": message(m)? }),
        EventBody::MessageDelivered { up_to_seq } | EventBody::MessageRead { up_to_seq } => {
            serde_json::json!({ "up_to_seq": up_to_seq })
        }
        // An agent's is the desk's own business.
        EventBody::MessageFailed { .. } if e.actor.kind != ActorKind::Visitor => return None,
        EventBody::MessageFailed {
            client_msg_id,
            code,
        } => serde_json::json!({ "client_msg_id": client_msg_id, "code": code }),
        EventBody::RoutingDecided { .. }
        | EventBody::ContactCreated { .. }
        | EventBody::ContactUpdated { .. }
        | EventBody::AgentCreated { .. }
        | EventBody::AgentUpdated { .. }
        | EventBody::AgentAvailabilityChanged { .. }
        | EventBody::TeamCreated { .. }
        | EventBody::TeamUpdated { .. }
        | EventBody::TeamDeleted { .. }
        | EventBody::InboxCreated { .. }
        | EventBody::InboxUpdated { .. }
        | EventBody::CannedResponseCreated { .. }
        | EventBody::CannedResponseUpdated { .. }
        | EventBody::CannedResponseDeleted { .. }
        | EventBody::PluginCreated { .. }
        | EventBody::PluginUpdated { .. }
        | EventBody::PluginDeleted { .. }
        | EventBody::PluginInstalled { .. }
        | EventBody::PluginEnabled { .. }
        | EventBody::PluginDisabled { .. }
        | EventBody::PluginUpgraded { .. }
        | EventBody::PluginRolledBack { .. }
        | EventBody::PluginBreakerOpened { .. }
        | EventBody::PluginBreakerClosed { .. }
        | EventBody::PluginTrapped { .. }
        | EventBody::InstallationUpdated { .. }
        | EventBody::InstallationDeleted { .. }
        | EventBody::InstallationSecretChanged { .. }
        | EventBody::SessionRevoked { .. } => return None,
    };
    Some(serde_json::json!({
        "id": e.id,
        "type": e.body.name(),
        "tenant_id": e.tenant_id,
        "occurred_at": e.occurred_at,
        "actor": actor(&e.actor),
        "conversation_id": e.conversation_id,
        "seq": e.seq,
        "data": data,
        "changes": changes(&e.changes),
        "api_version": API_VERSION,
    }))
}

/// The event as the desk gets it.
#[must_use]
pub fn desk_event(e: &Event) -> Value {
    let mut value = serde_json::to_value(e).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("api_version".to_owned(), API_VERSION.into());
    }
    value
}

fn changes(all: &Changes) -> Map<String, Value> {
    const SHOWN: [&str; 16] = [
        "status",
        "subject",
        "category",
        "public_seq",
        "visitor_delivered_seq",
        "visitor_read_seq",
        "desk_delivered_seq",
        "desk_read_seq",
        "visitor_unread_count",
        "rating",
        "queued_at",
        "started_at",
        "resolved_at",
        "closed_at",
        "version",
        "assignee",
    ];
    let shown = all
        .0
        .iter()
        .filter(|(name, _)| SHOWN.contains(&name.as_str()));
    shown
        .map(|(name, pair)| {
            let name = if name == "assignee" { "agent" } else { name };
            (name.to_owned(), pair.clone())
        })
        .collect()
}
