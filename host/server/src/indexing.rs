//! The search index on the feed: a consumer of each node, and the state it reads.
//!
//! The index keeps its place in the feed in its own commits, so the consumer loop
//! keeps none for it. What the index needs of the state is read here, through the
//! store, one tenant at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskbell_app::{App, Consumer, ConsumerError, FeedEvent, Scope};
use deskbell_domain::{ContactId, Conversation, ConversationId, Event, Message, TenantId};
use deskbell_search::{Batch, Indexer, Place, SearchError, SearchIndex, Source, SourceError};
use deskbell_store::message::MessageRange;
use deskbell_store::{Cursor, Store, StoreError};

/// Conversations, and messages, read at a time.
const PAGE: u64 = 200;
/// A commit of the index costs the same for one message as for hundreds: several
/// syncs, a segment, in time a merge. Without a rest a lively chat would spend
/// more on being found than on being had. What is said meanwhile is found that
/// much later.
const REST: Duration = Duration::from_millis(250);

pub struct Indexing {
    indexer: Indexer,
    store: Store,
}

impl Indexing {
    #[must_use]
    pub fn new(index: SearchIndex, app: App) -> Self {
        let store = app.store.clone();
        let indexer = Indexer::new(index, Arc::new(State { app }));
        Self { indexer, store }
    }

    /// Makes the index anew from the state.
    pub async fn reindex(&self) -> Result<(), SearchError> {
        self.indexer.reindex().await
    }

    fn place(&self, position: i64) -> Place {
        Place {
            epoch: self.store.feed_epoch().to_string(),
            position,
        }
    }
}

#[async_trait]
impl Consumer for Indexing {
    fn name(&self) -> &'static str {
        "search"
    }

    fn scope(&self) -> Scope {
        Scope::PerNode
    }

    async fn handle(&self, batch: &[Arc<FeedEvent>]) -> Result<(), ConsumerError> {
        let Some(last) = batch.last() else {
            return Ok(());
        };
        let events: Vec<&Event> = batch.iter().map(|event| &*event.event).collect();
        let place = self.place(last.position);
        self.indexer.follow(&events, place).await.map_err(failed)
    }

    fn rest(&self) -> Duration {
        REST
    }

    fn keeps_cursor(&self) -> bool {
        true
    }

    /// None also when the index belongs to another database: it is built anew.
    async fn cursor(&self) -> Result<Option<Cursor>, ConsumerError> {
        let epoch = self.store.feed_epoch().to_string();
        let place = self.indexer.place().filter(|place| place.epoch == epoch);
        Ok(place.map(|place| self.store.cursor_at(place.position)))
    }

    async fn rebuild(&self, at: Cursor) -> Result<(), ConsumerError> {
        let place = self.place(at.position);
        self.indexer.rebuild(place).await.map_err(failed)
    }
}

fn failed(error: SearchError) -> ConsumerError {
    ConsumerError(error.to_string())
}

/// The state, as the index asks for it.
struct State {
    app: App,
}

fn unread(error: StoreError) -> SourceError {
    SourceError(Box::new(error))
}

#[async_trait]
impl Source for State {
    async fn place(&self) -> Result<Place, SourceError> {
        let cursor = self.app.cursor();
        Ok(Place {
            epoch: cursor.epoch.to_string(),
            position: cursor.position,
        })
    }

    async fn conversations(&self, after: Option<String>) -> Result<Batch, SourceError> {
        let system = self.app.store.system_snapshot().await.map_err(unread)?;
        let tenants = system.tenants().await.map_err(unread)?;
        drop(system);
        let after: Option<(TenantId, ConversationId)> = after.and_then(|text| {
            let (tenant, id) = text.split_once(' ')?;
            Some((tenant.parse().ok()?, id.parse().ok()?))
        });
        for tenant in tenants {
            let after = match after {
                Some((last, _)) if tenant.id < last => continue,
                Some((last, id)) if tenant.id == last => Some(id),
                _ => None,
            };
            let tx = self.app.store.snapshot(tenant.id).await.map_err(unread)?;
            let found = tx.conversations_after(after, PAGE).await.map_err(unread)?;
            if let Some(last) = found.last() {
                let next = Some(format!("{} {}", tenant.id, last.id));
                let conversations = found.into_iter().map(|c| (tenant.id, c)).collect();
                return Ok(Batch {
                    conversations,
                    next,
                });
            }
        }
        Ok(Batch::default())
    }

    async fn contact_conversations(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, SourceError> {
        let tx = self.app.store.snapshot(tenant).await.map_err(unread)?;
        let all = tx.contact_conversations(contact, u64::from(u32::MAX)).await;
        Ok(all.map_err(unread)?.iter().map(|c| c.id).collect())
    }

    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, SourceError> {
        let tx = self.app.store.snapshot(tenant).await.map_err(unread)?;
        tx.conversation(id).await.map_err(unread)
    }

    async fn messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        after_seq: i64,
    ) -> Result<Vec<Message>, SourceError> {
        let tx = self.app.store.snapshot(tenant).await.map_err(unread)?;
        let range = MessageRange {
            after_seq: Some(after_seq),
            limit: PAGE,
            with_private: true,
            ..MessageRange::default()
        };
        tx.messages(conversation, range).await.map_err(unread)
    }
}
