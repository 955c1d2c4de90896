//! Snapshots on the wire: a state, and the cursor at which it is true.

use deskbell_app::query as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::agent::Agent;
use super::canned::CannedResponse;
use super::conversation::{Conversation, VisitorConversation};
use super::inbox::{Inbox, PublicInbox};
use super::message::VisitorMessage;
use super::team::Team;

/// What an agent's page starts from. Events after `cursor` bring it up to date;
/// some of them it may have already, which their `version` tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentSnapshot {
    pub cursor: String,
    #[serde(rename = "self")]
    pub me: Agent,
    pub agents: Vec<Agent>,
    pub teams: Vec<Team>,
    pub inboxes: Vec<Inbox>,
    pub canned_responses: Vec<CannedResponse>,
    /// My active ones and the queues I see.
    pub conversations: Vec<Conversation>,
}

/// What a visitor's page starts from.
#[derive(Debug, Serialize, ToSchema)]
pub struct WidgetSnapshot {
    pub cursor: String,
    pub inbox: PublicInbox,
    pub conversations: Vec<ConversationWithMessages>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationWithMessages {
    #[serde(flatten)]
    pub conversation: VisitorConversation,
    /// The last 50, ascending.
    pub messages: Vec<VisitorMessage>,
}

fn all<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(B::from).collect()
}

impl From<app::AgentSnapshot> for AgentSnapshot {
    fn from(value: app::AgentSnapshot) -> Self {
        let app::AgentSnapshot {
            cursor,
            me,
            agents,
            teams,
            inboxes,
            canned_responses,
            conversations,
        } = value;
        Self {
            cursor: cursor.to_string(),
            me: me.into(),
            agents: all(agents),
            teams: all(teams),
            inboxes: all(inboxes),
            canned_responses: all(canned_responses),
            conversations: all(conversations),
        }
    }
}

impl From<app::WidgetSnapshot> for WidgetSnapshot {
    fn from(value: app::WidgetSnapshot) -> Self {
        let app::WidgetSnapshot {
            cursor,
            inbox,
            conversations,
        } = value;
        Self {
            cursor: cursor.to_string(),
            inbox: inbox.into(),
            conversations: all(conversations),
        }
    }
}

impl From<app::VisitorThread> for ConversationWithMessages {
    fn from(value: app::VisitorThread) -> Self {
        let app::VisitorThread {
            conversation,
            messages,
        } = value;
        Self {
            conversation: conversation.into(),
            messages: all(messages),
        }
    }
}
