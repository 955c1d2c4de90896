//! Reading: what an actor may see, each answer from one instant.
//!
//! `query/snapshot.rs` has the two snapshots a client starts from. Everything is
//! narrowed by the actor here, not by the caller.

mod snapshot;

pub use snapshot::{AgentSnapshot, VisitorThread, WidgetSnapshot};

use deskbell_domain::contact::Contact;
use deskbell_domain::routing::RoutingDecision;
use deskbell_domain::visitor_view::{self, VisitorConversation};
use deskbell_domain::{
    Actor, AgentId, ContactId, Conversation, ConversationId, InboxId, Message, Refusal, Status,
    TeamId, Timestamp, Visitor, Who,
};
use deskbell_store::conversation::ConversationFilter as StoredFilter;
use deskbell_store::message::MessageRange as StoredRange;

use crate::app::{App, found};
use crate::error::Error;
use crate::execute::{check_visible, sees};

/// The most a page holds.
pub const PAGE_MAX: u64 = 200;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    pub status: Option<Status>,
    pub team_id: Option<TeamId>,
    pub assignee_id: Option<AgentId>,
    pub contact_id: Option<ContactId>,
    pub inbox_id: Option<InboxId>,
}

/// A page of a list, newest first; the cursor is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub limit: u64,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// Which messages: at most one of the three, none means the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageRange {
    pub before_seq: Option<i64>,
    pub after_seq: Option<i64>,
    pub around_seq: Option<i64>,
    pub limit: u64,
}

/// None sees everything of the tenant.
pub(crate) fn viewer(actor: &Actor) -> Option<(AgentId, Vec<TeamId>)> {
    match &actor.who {
        Who::Agent {
            id, role, teams, ..
        } if !role.sees_all() => Some((*id, teams.clone())),
        _ => None,
    }
}

impl App {
    /// The conversation, or as good as none.
    pub(crate) async fn visible_conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        let conversation = found(tx.conversation(id).await?, "conversation")?;
        check_visible(actor, &conversation)?;
        Ok(conversation)
    }

    pub async fn conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        self.visible_conversation(actor, id).await
    }

    pub async fn visitor_conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<VisitorConversation, Error> {
        let conversation = self.visible_conversation(actor, id).await?;
        Ok(visitor_view::conversation(&conversation))
    }

    pub async fn conversations(
        &self,
        actor: &Actor,
        filter: ConversationFilter,
        page: Page,
    ) -> Result<Listed<Conversation>, Error> {
        let before = page.cursor.as_deref().map(parse_page_cursor).transpose()?;
        let limit = page.limit.clamp(1, PAGE_MAX);
        let filter = StoredFilter {
            viewer: viewer(actor),
            status: filter.status,
            team_id: filter.team_id,
            assignee_id: filter.assignee_id,
            contact_id: filter.contact_id,
            inbox_id: filter.inbox_id,
        };
        let tx = self.store.snapshot(actor.tenant).await?;
        let mut items = tx.conversations(&filter, before, limit + 1).await?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|c| format!("{}.{}", c.created_at.0, c.id));
        Ok(Listed { items, next_cursor })
    }

    /// The visitor's own, newest first.
    pub async fn visitor_conversations(
        &self,
        actor: &Actor,
    ) -> Result<Vec<VisitorConversation>, Error> {
        let contact = visitor_contact(actor)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let theirs = tx.contact_conversations(contact, PAGE_MAX).await?;
        Ok(theirs.iter().map(visitor_view::conversation).collect())
    }

    /// Ascending by number; a visitor gets no notes.
    pub async fn messages(
        &self,
        actor: &Actor,
        id: ConversationId,
        range: MessageRange,
    ) -> Result<Vec<Message>, Error> {
        let by_desk = !matches!(actor.who, Who::Visitor { .. });
        let range = StoredRange {
            before_seq: range.before_seq,
            after_seq: range.after_seq,
            around_seq: range.around_seq,
            limit: range.limit.clamp(1, PAGE_MAX),
            with_private: by_desk,
        };
        let tx = self.store.snapshot(actor.tenant).await?;
        check_visible(actor, &found(tx.conversation(id).await?, "conversation")?)?;
        Ok(tx.messages(id, range).await?)
    }

    /// The queues this actor sees, in the order they will be answered.
    pub async fn queue(&self, actor: &Actor) -> Result<Vec<Conversation>, Error> {
        let teams = viewer(actor).map(|(_, teams)| teams);
        Ok(self
            .store
            .snapshot(actor.tenant)
            .await?
            .queued(teams, PAGE_MAX)
            .await?)
    }

    /// Why it went where it went, newest first.
    pub async fn decisions(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<Vec<RoutingDecision>, Error> {
        self.visible_conversation(actor, id).await?;
        Ok(self
            .store
            .snapshot(actor.tenant)
            .await?
            .decisions(id)
            .await?)
    }

    /// The browser a conversation was started from.
    pub async fn conversation_visitor(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<Visitor, Error> {
        let conversation = self.visible_conversation(actor, id).await?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.visitor(conversation.visitor_id).await?, "visitor")
    }

    /// A contact with a conversation this actor sees.
    pub async fn contact(&self, actor: &Actor, id: ContactId) -> Result<Contact, Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        let contact = found(tx.contact(id).await?, "contact")?;
        let theirs = tx.contact_conversations(id, PAGE_MAX).await?;
        let seen = viewer(actor).is_none() || theirs.iter().any(|c| sees(actor, c));
        found(seen.then_some(contact), "contact")
    }
}

pub(crate) fn visitor_contact(actor: &Actor) -> Result<ContactId, Error> {
    match actor.who {
        Who::Visitor { contact, .. } => Ok(contact),
        _ => Err(Refusal::Forbidden.into()),
    }
}

fn parse_page_cursor(text: &str) -> Result<(Timestamp, ConversationId), Error> {
    text.split_once('.')
        .and_then(|(at, id)| Some((Timestamp(at.parse().ok()?), id.parse().ok()?)))
        .ok_or_else(|| {
            Refusal::field(
                "/cursor",
                "bad_cursor",
                "This is not a cursor of this list.",
            )
            .into()
        })
}
