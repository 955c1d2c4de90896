//! What the index needs to know of the state and the feed: one small trait.
//!
//! The index holds nothing of its own, so whoever implements this can make it
//! anew. Every answer is read now: it may be newer than the event that led to
//! the question, never older.

use async_trait::async_trait;
use deskbell_domain::{ContactId, Conversation, ConversationId, Message, TenantId};
use serde::{Deserialize, Serialize};

/// A place in the feed: every event up to `position` is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub epoch: String,
    pub position: i64,
}

/// The state could not be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SourceError(pub Box<dyn std::error::Error + Send + Sync>);

/// Some conversations, and where to go on.
#[derive(Debug, Default)]
pub struct Batch {
    pub conversations: Vec<(TenantId, Conversation)>,
    /// For the next call; none at the end.
    pub next: Option<String>,
}

#[async_trait]
pub trait Source: Send + Sync {
    /// Where the feed is known to be complete up to, now.
    async fn place(&self) -> Result<Place, SourceError>;

    /// Every conversation of every tenant, page by page, in any order. One that
    /// begins meanwhile may be left out: the feed tells of it.
    async fn conversations(&self, after: Option<String>) -> Result<Batch, SourceError>;

    async fn contact_conversations(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, SourceError>;

    /// None if it is gone.
    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, SourceError>;

    /// The next ones by number, ascending, notes included; none if there are none.
    async fn messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        after_seq: i64,
    ) -> Result<Vec<Message>, SourceError>;
}
