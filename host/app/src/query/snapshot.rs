//! Where a client starts from: the state, and the cursor to go on from.
//!
//! The cursor is the feed reader's position taken *before* the read begins, so
//! everything up to it is in the snapshot. Events after it may repeat what the
//! snapshot has already; entities carry versions, which makes that harmless.

use deskbell_domain::agent::AgentView;
use deskbell_domain::canned::CannedResponse;
use deskbell_domain::inbox::Inbox;
use deskbell_domain::team::Team;
use deskbell_domain::visitor_view::{self, VisitorConversation, VisitorMessage};
use deskbell_domain::{Actor, Conversation, Status};
use deskbell_store::Cursor;
use deskbell_store::conversation::ConversationFilter as StoredFilter;
use deskbell_store::message::MessageRange as StoredRange;

use crate::app::{App, found};
use crate::error::Error;
use crate::query::{PAGE_MAX, viewer, visitor_contact};

/// The conversations a widget shows, and the messages of each it starts with.
const THREADS: u64 = 20;
const THREAD_MESSAGES: u64 = 50;

#[derive(Debug, Clone, PartialEq)]
pub struct AgentSnapshot {
    pub cursor: Cursor,
    pub me: AgentView,
    pub agents: Vec<AgentView>,
    pub teams: Vec<Team>,
    pub inboxes: Vec<Inbox>,
    pub canned_responses: Vec<CannedResponse>,
    /// The active ones one has, and the queues one sees.
    pub conversations: Vec<Conversation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WidgetSnapshot {
    pub cursor: Cursor,
    pub inbox: Inbox,
    /// Newest first.
    pub conversations: Vec<VisitorThread>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct VisitorThread {
    pub conversation: VisitorConversation,
    /// The last ones, ascending.
    pub messages: Vec<VisitorMessage>,
}

impl App {
    pub async fn agent_snapshot(&self, actor: &Actor) -> Result<AgentSnapshot, Error> {
        let cursor = self.cursor();
        let me = found(actor.agent_id(), "agent")?;
        let mine = StoredFilter {
            assignee_id: Some(me),
            status: Some(Status::Active),
            ..StoredFilter::default()
        };
        let teams_seen = viewer(actor).map(|(_, teams)| teams);
        let tx = self.store.snapshot(actor.tenant).await?;
        let agents: Vec<_> = tx
            .agents()
            .await?
            .iter()
            .map(|agent| agent.view())
            .collect();
        let own = agents.iter().find(|agent| agent.id == me).cloned();
        let mut conversations = tx.conversations(&mine, None, PAGE_MAX).await?;
        conversations.extend(tx.queued(teams_seen, PAGE_MAX).await?);
        Ok(AgentSnapshot {
            cursor,
            me: found(own, "agent")?,
            agents,
            teams: tx.teams().await?,
            inboxes: tx.inboxes().await?,
            canned_responses: tx.canned_responses().await?,
            conversations,
        })
    }

    pub async fn widget_snapshot(&self, actor: &Actor) -> Result<WidgetSnapshot, Error> {
        let cursor = self.cursor();
        let contact = visitor_contact(actor)?;
        let inbox = self.inbox_of(actor).await?;
        let last = StoredRange {
            limit: THREAD_MESSAGES,
            with_private: false,
            ..StoredRange::default()
        };
        let tx = self.store.snapshot(actor.tenant).await?;
        let mut conversations = Vec::new();
        for conversation in tx.contact_conversations(contact, THREADS).await? {
            let messages = tx.messages(conversation.id, last).await?;
            conversations.push(VisitorThread {
                conversation: visitor_view::conversation(&conversation),
                messages: messages.iter().filter_map(visitor_view::message).collect(),
            });
        }
        Ok(WidgetSnapshot {
            cursor,
            inbox,
            conversations,
        })
    }
}
