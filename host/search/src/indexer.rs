//! Follows the feed: what each event means for the index.
//!
//! A new message adds a document; a change of what documents repeat of their
//! conversation replaces them from the state. Deliveries may repeat. Must not
//! write by itself: a batch becomes `Changes`, committed at once with its place.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use deskbell_domain::{ConversationId, Event, EventBody, Message, TenantId};

use crate::document::{Document, Head};
use crate::error::SearchError;
use crate::index::SearchIndex;
use crate::rebuild::documents;
use crate::source::{Place, Source};
use crate::writing::{Changes, locked};

/// Heads kept to spare a look-up for each message.
const HEADS_MAX: usize = 4_096;
/// Events that concern nobody here move the stored place only so often.
const IDLE_STRIDE: i64 = 1_000;

type Key = (TenantId, ConversationId);

pub struct Indexer {
    index: SearchIndex,
    source: Arc<dyn Source>,
    /// The newest head the feed told of. A later change comes through the feed
    /// too, so an entry is never older than the events handled.
    heads: Mutex<HashMap<Key, Arc<Head>>>,
    /// The place of the last commit.
    stored: Mutex<i64>,
}

impl Indexer {
    #[must_use]
    pub fn new(index: SearchIndex, source: Arc<dyn Source>) -> Self {
        let stored = index.place().map_or(0, |place| place.position);
        Self {
            index,
            source,
            heads: Mutex::default(),
            stored: Mutex::new(stored),
        }
    }

    /// Where to go on in the feed. If the index is missing, of another epoch, or
    /// further behind than the feed reaches back, it is first built from the state.
    pub async fn resume(&self) -> Result<Place, SearchError> {
        let bounds = self.source.bounds().await?;
        let follows = |place: &Place| {
            place.epoch == bounds.epoch && (bounds.floor..=bounds.end).contains(&place.position)
        };
        if let Some(place) = self.index.place().filter(follows) {
            return Ok(place);
        }
        tracing::info!("building the search index from the state");
        locked(&self.heads).clear();
        let place = self.index.reindex(self.source.as_ref()).await?;
        *locked(&self.stored) = place.position;
        Ok(place)
    }

    /// Takes in events up to and including `place`, in the feed's order.
    pub async fn follow(&self, events: &[&Event], place: Place) -> Result<(), SearchError> {
        let changes = self.changes(events).await?;
        let idle = changes.is_empty() && place.position - *locked(&self.stored) < IDLE_STRIDE;
        if idle {
            let live = self.index.live().ok_or(SearchError::Building)?;
            live.set_place(place);
            return Ok(());
        }
        let position = place.position;
        self.index.apply(changes, place).await?;
        *locked(&self.stored) = position;
        Ok(())
    }

    async fn changes(&self, events: &[&Event]) -> Result<Changes, SearchError> {
        let mut replaced = BTreeSet::new();
        let mut added: Vec<(TenantId, &Message)> = Vec::new();
        for event in events {
            let tenant = event.tenant_id;
            match &event.body {
                EventBody::MessageCreated { message } => added.push((tenant, message)),
                EventBody::ContactUpdated { contact } => {
                    let of = self.source.contact_conversations(tenant, contact.id);
                    replaced.extend(of.await?.into_iter().map(|id| (tenant, id)));
                }
                _ => {}
            }
            if let Some(conversation) = event.body.conversation() {
                self.learn(Head::of(tenant, conversation));
            }
            if let Some(id) = event.conversation_id.filter(|_| moves_head(event)) {
                replaced.insert((tenant, id));
            }
        }
        let mut changes = Changes::default();
        for key in &replaced {
            locked(&self.heads).remove(key);
            let documents = documents(self.source.as_ref(), key.0, key.1).await?;
            if let Some(first) = documents.first() {
                self.learn(Head::clone(&first.head));
            }
            changes.replaced.push((*key, documents));
        }
        for (tenant, message) in added {
            let key = (tenant, message.conversation_id);
            // A conversation read anew has the message already.
            if replaced.contains(&key) {
                continue;
            }
            if let Some(head) = self.head(key).await? {
                changes.added.push(Document {
                    head,
                    message: message.clone(),
                });
            }
        }
        Ok(changes)
    }

    fn learn(&self, head: Head) {
        let mut heads = locked(&self.heads);
        let key = (head.tenant, head.conversation);
        if heads
            .get(&key)
            .is_some_and(|known| known.version > head.version)
        {
            return;
        }
        // Emptied rather than aged: it fills again at one look-up each.
        if heads.len() >= HEADS_MAX {
            heads.clear();
        }
        heads.insert(key, Arc::new(head));
    }

    async fn head(&self, key: Key) -> Result<Option<Arc<Head>>, SearchError> {
        if let Some(head) = locked(&self.heads).get(&key) {
            return Ok(Some(head.clone()));
        }
        let read = self.source.conversation(key.0, key.1).await?;
        if let Some(conversation) = &read {
            self.learn(Head::of(key.0, conversation));
        }
        Ok(read.map(|conversation| Arc::new(Head::of(key.0, &conversation))))
    }
}

/// Whether documents repeat something that this event changed. A conversation
/// just created has none yet.
fn moves_head(event: &Event) -> bool {
    let created = matches!(event.body, EventBody::ConversationCreated { .. });
    !created
        && Head::FIELDS
            .iter()
            .any(|field| event.changes.0.contains_key(*field))
}
