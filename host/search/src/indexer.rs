//! Follows the feed: what each event means for the index.
//!
//! A new message adds a document; a change of what documents repeat of their
//! conversation replaces them from the state. Deliveries may repeat. Must not
//! write by itself: a batch becomes `Changes`, committed at once with its place.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use deskbell_domain::{ContactId, ConversationId, Event, EventBody, TenantId};

use crate::document::{Document, Head};
use crate::error::SearchError;
use crate::index::SearchIndex;
use crate::rebuild::current;
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
    /// The position of the last commit.
    stored: Mutex<i64>,
    owed: Mutex<BTreeSet<Owed>>,
}

/// What has to be read from the state again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owed {
    Conversation(TenantId, ConversationId),
    Contact(TenantId, ContactId),
}

impl Owed {
    /// What an event may have changed in the index.
    fn by(event: &Event) -> Option<Self> {
        let tenant = event.tenant_id;
        match &event.body {
            EventBody::ContactUpdated { contact } => Some(Self::Contact(tenant, contact.id)),
            EventBody::MessageCreated { message } => {
                Some(Self::Conversation(tenant, message.conversation_id))
            }
            _ if moves_head(event) => event
                .conversation_id
                .map(|id| Self::Conversation(tenant, id)),
            _ => None,
        }
    }
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
            owed: Mutex::default(),
        }
    }

    /// Where to go on in the feed; none if the index has to be built first.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.index.place()
    }

    /// Builds the index from the state, which holds everything up to `at`.
    pub async fn rebuild(&self, at: Place) -> Result<(), SearchError> {
        tracing::info!("building the search index from the state");
        locked(&self.heads).clear();
        self.index.reindex(self.source.as_ref(), at).await?;
        let reached = self.index.place().map_or(0, |place| place.position);
        *locked(&self.stored) = reached;
        Ok(())
    }

    /// The same at any time, while the feed goes on.
    pub async fn reindex(&self) -> Result<(), SearchError> {
        let at = self.source.place().await?;
        self.rebuild(at).await
    }

    /// Takes in events up to and including `place`, in the feed's order. What a
    /// failed batch concerned is owed: should the loop give up on that batch, the
    /// next one reads it from the state.
    pub async fn follow(&self, events: &[&Event], place: Place) -> Result<(), SearchError> {
        let mut todo = locked(&self.owed).clone();
        todo.extend(events.iter().flat_map(|event| Owed::by(event)));
        let taken = self.take_in(events, place).await;
        let mut owed = locked(&self.owed);
        match &taken {
            Ok(()) => owed.clear(),
            Err(_) => *owed = todo,
        }
        taken
    }

    async fn take_in(&self, events: &[&Event], place: Place) -> Result<(), SearchError> {
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
        let mut changes = Changes::default();
        let replaced = self.to_replace(events).await?;
        for key in &replaced {
            locked(&self.heads).remove(key);
            let documents = current(self.source.as_ref(), key.0, key.1).await?;
            if let Some(first) = documents.first() {
                self.learn(Head::clone(&first.head));
            }
            changes.replaced.push((*key, documents));
        }
        for event in events {
            let EventBody::MessageCreated { message } = &event.body else {
                continue;
            };
            let key = (event.tenant_id, message.conversation_id);
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

    /// The conversations whose documents are no longer right. On the way the
    /// heads of all others become known.
    async fn to_replace(&self, events: &[&Event]) -> Result<BTreeSet<Key>, SearchError> {
        let mut owed = locked(&self.owed).clone();
        for event in events {
            if let Some(conversation) = event.body.conversation() {
                self.learn(Head::of(event.tenant_id, conversation));
            }
            let replaces = matches!(event.body, EventBody::ContactUpdated { .. });
            if replaces || moves_head(event) {
                owed.extend(Owed::by(event));
            }
        }
        let mut replaced = BTreeSet::new();
        for one in owed {
            match one {
                Owed::Conversation(tenant, id) => {
                    replaced.insert((tenant, id));
                }
                Owed::Contact(tenant, id) => {
                    let of = self.source.contact_conversations(tenant, id).await?;
                    replaced.extend(of.into_iter().map(|id| (tenant, id)));
                }
            }
        }
        Ok(replaced)
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
