//! What the index holds of a message: the message and the head of its conversation.
//!
//! The head is what visibility, filters and names need. It is repeated in every
//! document, which is why a change of it replaces a conversation's documents.

use std::sync::Arc;

use deskbell_domain::message::Message;
use deskbell_domain::{AgentId, Conversation, ConversationId, Status, TeamId, TenantId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub team: Option<TeamId>,
    pub assignee: Option<AgentId>,
    pub status: Status,
    pub contact_name: Option<String>,
    pub subject: Option<String>,
    pub version: i64,
}

impl Head {
    /// The fields of a conversation whose change is a change of its documents.
    pub(crate) const FIELDS: [&'static str; 5] =
        ["team_id", "assignee", "status", "contact", "subject"];

    pub(crate) fn of(tenant: TenantId, conversation: &Conversation) -> Self {
        Self {
            tenant,
            conversation: conversation.id,
            team: conversation.team_id,
            assignee: conversation.assignee.as_ref().map(|agent| agent.id),
            status: conversation.status,
            contact_name: conversation.contact.name.clone(),
            subject: conversation.subject.clone(),
            version: conversation.version,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub head: Arc<Head>,
    pub message: Message,
}
