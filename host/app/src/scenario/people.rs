//! What several hooks are told: the conversation, its contact.

use deskbell_domain::conversation::Status;
use deskbell_domain::{
    AgentId, AgentRef, Contact, ContactId, Conversation, ConversationId, InboxId, Priority, TeamId,
    Timestamp, VisitorId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Ids;

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConversationForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inbox_id: Option<String>,
    /// Written even where it is none: left out, it is one by default.
    team_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "is_usual")]
    priority: Priority,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
    /// What only some hooks are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<AssigneeForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssigneeForm {
    id: String,
    name: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ContactForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    verified: bool,
    #[serde(skip_serializing_if = "is_false")]
    vip: bool,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
}

impl Default for ConversationForm {
    fn default() -> Self {
        Self {
            id: None,
            inbox_id: None,
            team_id: Some("team".to_owned()),
            subject: None,
            category: None,
            priority: Priority::default(),
            attributes: Map::new(),
            status: None,
            assignee: None,
            created_at: None,
        }
    }
}

fn is_usual(priority: &Priority) -> bool {
    *priority == Priority::default()
}

pub(super) fn is_false(it: &bool) -> bool {
    !it
}

impl From<&Contact> for ContactForm {
    fn from(contact: &Contact) -> Self {
        Self {
            id: Some(contact.id.to_string()),
            name: contact.name.clone(),
            email: contact.email.clone(),
            verified: contact.verified,
            vip: contact.vip,
            attributes: contact.attributes.clone(),
        }
    }
}

impl From<&Conversation> for ConversationForm {
    fn from(conversation: &Conversation) -> Self {
        Self {
            id: Some(conversation.id.to_string()),
            inbox_id: Some(conversation.inbox_id.to_string()),
            team_id: conversation.team_id.map(|id| id.to_string()),
            subject: conversation.subject.clone(),
            category: conversation.category.clone(),
            priority: conversation.priority,
            attributes: conversation.attributes.clone(),
            status: None,
            assignee: None,
            created_at: None,
        }
    }
}

impl ContactForm {
    pub(super) fn contact(self, ids: &mut Ids, now: Timestamp) -> Contact {
        Contact {
            id: ids.read(self.id.as_deref().unwrap_or("contact"), ContactId),
            name: self.name,
            email: self.email,
            verified: self.verified,
            vip: self.vip,
            attributes: self.attributes,
            created_at: now,
            version: 1,
        }
    }
}

impl ConversationForm {
    /// With who has it, in which status, since when.
    pub(super) fn whole(conversation: &Conversation) -> Self {
        let assignee = conversation.assignee.as_ref();
        Self {
            status: Some(conversation.status),
            assignee: assignee.map(|agent| AssigneeForm {
                id: agent.id.to_string(),
                name: agent.name.clone(),
            }),
            created_at: Some(conversation.created_at),
            ..conversation.into()
        }
    }

    pub(super) fn conversation(
        self,
        contact: &Contact,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Conversation {
        Conversation {
            id: ids.read(self.id.as_deref().unwrap_or("conversation"), ConversationId),
            inbox_id: ids.read(self.inbox_id.as_deref().unwrap_or("inbox"), InboxId),
            contact: contact.to_ref(),
            visitor_id: VisitorId(ids.made("visitor")),
            team_id: self.team_id.map(|team| ids.read(&team, TeamId)),
            assignee: self.assignee.map(|agent| AgentRef {
                id: ids.read(&agent.id, AgentId),
                name: agent.name,
            }),
            status: self.status.unwrap_or(Status::Queued),
            priority: self.priority,
            subject: self.subject,
            category: self.category,
            attributes: self.attributes,
            last_seq: 0,
            public_seq: 0,
            visitor_delivered_seq: 0,
            visitor_read_seq: 0,
            desk_delivered_seq: 0,
            desk_read_seq: 0,
            unread_count: 0,
            visitor_unread_count: 0,
            last_message: None,
            last_message_at: None,
            previous_id: None,
            rating: None,
            reason: None,
            created_at: self.created_at.unwrap_or(now),
            queued_at: Some(now),
            started_at: None,
            first_response_at: None,
            resolved_at: None,
            closed_at: None,
            missed_at: None,
            version: 1,
        }
    }
}
