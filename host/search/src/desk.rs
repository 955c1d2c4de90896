//! The app as the index's source, and the index as one of the app's consumers.
//!
//! Everything is read through the app's queries, as the system: the wall stands
//! at the other end, where people ask. Start here to wire search into a server.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_app::query::{ConversationFilter, MessageRange, PAGE_MAX, Page};
use deskbell_app::{App, Consumer, ConsumerError, Error, FeedEvent, Scope};
use deskbell_domain::{Actor, ContactId, Conversation, ConversationId, Kind, Message, TenantId};
use deskbell_store::Cursor;

use crate::indexer::Indexer;
use crate::source::{Batch, Place, Source, SourceError};

impl From<&Cursor> for Place {
    fn from(cursor: &Cursor) -> Self {
        Self {
            epoch: cursor.epoch.to_string(),
            position: cursor.position,
        }
    }
}

fn read(error: Error) -> SourceError {
    SourceError(Box::new(error))
}

/// The app's state, for the index to read.
pub struct AppSource(pub App);

impl AppSource {
    /// The tenant at or after the one where the last page ended.
    async fn tenant_from(&self, from: Option<TenantId>) -> Result<[Option<TenantId>; 2], Error> {
        let tenants = self.0.store.system_snapshot().await?.tenants().await?;
        let mut ids: Vec<_> = tenants.into_iter().map(|tenant| tenant.id).collect();
        ids.sort_unstable();
        let mut left = ids.into_iter().filter(|id| Some(*id) >= from);
        Ok([left.next(), left.next()])
    }
}

#[async_trait]
impl Source for AppSource {
    async fn place(&self) -> Result<Place, SourceError> {
        Ok(Place::from(&self.0.cursor()))
    }

    async fn conversations(&self, after: Option<String>) -> Result<Batch, SourceError> {
        // "tenant" or "tenant page-cursor": only we write and read it.
        let (from, cursor) = match after.as_deref().map(|after| after.split_once(' ')) {
            None => (None, None),
            Some(None) => (after.as_deref(), None),
            Some(Some((tenant, cursor))) => (Some(tenant), Some(cursor.to_owned())),
        };
        let from = from.and_then(|from| from.parse().ok());
        let [tenant, next_tenant] = self.tenant_from(from).await.map_err(read)?;
        let Some(tenant) = tenant else {
            return Ok(Batch::default());
        };
        let page = Page {
            limit: PAGE_MAX,
            // A tenant deleted meanwhile leaves its page's cursor behind.
            cursor: cursor.filter(|_| Some(tenant) == from),
        };
        let actor = Actor::system(tenant);
        let listed = self
            .0
            .conversations(&actor, ConversationFilter::default(), page);
        let listed = listed.await.map_err(read)?;
        let next = match listed.next_cursor {
            Some(cursor) => Some(format!("{tenant} {cursor}")),
            None => next_tenant.map(|next| next.to_string()),
        };
        let conversations = listed.items.into_iter().map(|item| (tenant, item));
        Ok(Batch {
            conversations: conversations.collect(),
            next,
        })
    }

    async fn contact_conversations(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, SourceError> {
        let actor = Actor::system(tenant);
        let filter = ConversationFilter {
            contact_id: Some(contact),
            ..ConversationFilter::default()
        };
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let page = Page {
                limit: PAGE_MAX,
                cursor,
            };
            let listed = self.0.conversations(&actor, filter.clone(), page);
            let listed = listed.await.map_err(read)?;
            found.extend(listed.items.iter().map(|item| item.id));
            cursor = listed.next_cursor;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, SourceError> {
        match self.0.conversation(&Actor::system(tenant), id).await {
            Ok(conversation) => Ok(Some(conversation)),
            Err(gone) if gone.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(read(error)),
        }
    }

    async fn messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        after_seq: i64,
    ) -> Result<Vec<Message>, SourceError> {
        let range = MessageRange {
            after_seq: Some(after_seq),
            limit: PAGE_MAX,
            ..MessageRange::default()
        };
        let actor = Actor::system(tenant);
        match self.0.messages(&actor, conversation, range).await {
            Ok(messages) => Ok(messages),
            Err(gone) if gone.kind() == Kind::NotFound => Ok(Vec::new()),
            Err(error) => Err(read(error)),
        }
    }
}

/// The index as the app's consumer: one on each node, with a cursor of its own.
pub struct SearchConsumer {
    app: App,
    indexer: Arc<Indexer>,
}

impl SearchConsumer {
    #[must_use]
    pub fn new(app: App, indexer: Arc<Indexer>) -> Self {
        Self { app, indexer }
    }
}

#[async_trait]
impl Consumer for SearchConsumer {
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
        let events: Vec<_> = batch.iter().map(|event| &event.event).collect();
        let followed = self.indexer.follow(&events, Place::from(&last.cursor));
        followed
            .await
            .map_err(|error| ConsumerError(error.to_string()))
    }

    fn keeps_cursor(&self) -> bool {
        true
    }

    /// None if the index is missing or follows another epoch of the feed.
    async fn cursor(&self) -> Result<Option<Cursor>, ConsumerError> {
        let here = self.app.cursor();
        let ours = Place::from(&here);
        let place = self
            .indexer
            .place()
            .filter(|place| place.epoch == ours.epoch);
        Ok(place.map(|place| Cursor {
            epoch: here.epoch,
            position: place.position,
        }))
    }

    async fn rebuild(&self, at: Cursor) -> Result<(), ConsumerError> {
        let built = self.indexer.rebuild(Place::from(&at));
        built
            .await
            .map_err(|error| ConsumerError(error.to_string()))
    }
}
