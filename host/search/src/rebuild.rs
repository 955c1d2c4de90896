//! A new generation from the state, beside the old one, then in its place.
//!
//! The old one is searched and follows the feed meanwhile; what changes is noted
//! and read again at the end, under the writer's lock, so that the swap loses
//! nothing. A crash on the way leaves the old generation (`folder.rs`).

use std::collections::HashSet;
use std::sync::Arc;

use deskbell_domain::{Conversation, ConversationId, TenantId};
use tantivy::IndexWriter;

use crate::document::{Document, Head};
use crate::error::SearchError;
use crate::index::{Inner, SearchIndex};
use crate::source::{Place, Source, SourceError};
use crate::writing::{Changes, Generation, locked};

/// Documents handed to the writer at once.
const CHUNK: usize = 2_000;
/// With so few left to read again, the feed can wait for them.
const FEW: usize = 50;

impl SearchIndex {
    /// Makes the index anew from the state, which holds everything up to `start`
    /// already, and swaps it in. Searches and the feed go on meanwhile.
    pub async fn reindex(&self, source: &dyn Source, start: Place) -> Result<(), SearchError> {
        let inner = &*self.inner;
        let _alone = inner.rebuilding.lock().await;
        // Before anything is read: a change is then read, or noted, or both.
        let noting = Noting::start(inner);
        let new = Build::start(inner)?;
        new.everything(source).await?;
        while noting.count() > FEW {
            new.again(source, noting.take()).await?;
        }
        let mut writer = inner.writer.lock().await;
        new.again(source, noting.take()).await?;
        let (generation, finished) = new.finish(self.furthest(start)).await?;
        inner.folder.adopt(generation.path())?;
        *locked(&inner.live) = Some(generation);
        *writer = Some(finished);
        drop(writer);
        if let Err(reason) = inner.folder.sweep() {
            tracing::warn!(%reason, "an old search index could not be removed");
        }
        Ok(())
    }

    /// The old generation may have followed beyond where the new one began.
    fn furthest(&self, start: Place) -> Place {
        match self.place() {
            Some(old) if old.epoch == start.epoch && old.position > start.position => old,
            _ => start,
        }
    }
}

/// Notes changed conversations for as long as it lives.
struct Noting<'a>(&'a Inner);

impl<'a> Noting<'a> {
    fn start(inner: &'a Inner) -> Self {
        *locked(&inner.touched) = Some(HashSet::new());
        Self(inner)
    }

    fn count(&self) -> usize {
        locked(&self.0.touched).as_ref().map_or(0, HashSet::len)
    }

    fn take(&self) -> HashSet<(TenantId, ConversationId)> {
        locked(&self.0.touched)
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        *locked(&self.0.touched) = None;
    }
}

struct Build {
    generation: Arc<Generation>,
    writer: Arc<IndexWriter>,
}

impl Build {
    fn start(inner: &Inner) -> Result<Self, SearchError> {
        let path = inner.folder.fresh()?;
        let generation = Generation::create(path, inner.fields.clone())?;
        let writer = generation.writer()?;
        Ok(Self {
            generation: Arc::new(generation),
            writer: Arc::new(writer),
        })
    }

    async fn everything(&self, source: &dyn Source) -> Result<(), SearchError> {
        let mut after = None;
        let mut gathered = Changes::default();
        loop {
            let page = source.conversations(after).await?;
            for (tenant, conversation) in page.conversations {
                let documents = documents(source, tenant, &conversation).await?;
                gathered.first.extend(documents);
                if gathered.first.len() >= CHUNK {
                    self.write(std::mem::take(&mut gathered)).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return self.write(gathered).await;
            }
        }
    }

    async fn again(
        &self,
        source: &dyn Source,
        touched: HashSet<(TenantId, ConversationId)>,
    ) -> Result<(), SearchError> {
        let mut changes = Changes::default();
        for (tenant, conversation) in touched {
            let documents = current(source, tenant, conversation).await?;
            changes.replaced.push(((tenant, conversation), documents));
        }
        self.write(changes).await
    }

    async fn write(&self, changes: Changes) -> Result<(), SearchError> {
        let generation = self.generation.clone();
        let writer = self.writer.clone();
        let work = move || generation.write(&writer, &changes);
        Ok(tokio::task::spawn_blocking(work).await??)
    }

    async fn finish(self, place: Place) -> Result<(Arc<Generation>, IndexWriter), SearchError> {
        let Self { generation, writer } = self;
        // Every piece of blocking work has been awaited: nobody else holds it.
        let mut writer = Arc::into_inner(writer).ok_or(SearchError::Building)?;
        let work = move || -> Result<_, SearchError> {
            generation.commit(&mut writer, &place)?;
            Ok((generation, writer))
        };
        tokio::task::spawn_blocking(work).await?
    }
}

/// A conversation's documents as they are now; none if it is gone.
pub(crate) async fn current(
    source: &dyn Source,
    tenant: TenantId,
    conversation: ConversationId,
) -> Result<Vec<Document>, SourceError> {
    match source.conversation(tenant, conversation).await? {
        Some(conversation) => documents(source, tenant, &conversation).await,
        None => Ok(Vec::new()),
    }
}

/// What is said after the conversation was read comes through the feed.
async fn documents(
    source: &dyn Source,
    tenant: TenantId,
    conversation: &Conversation,
) -> Result<Vec<Document>, SourceError> {
    let head = Arc::new(Head::of(tenant, conversation));
    let mut found = Vec::new();
    let mut after = 0;
    while after < conversation.last_seq {
        let page = source.messages(tenant, conversation.id, after).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.seq;
        found.extend(page.into_iter().map(|message| Document {
            head: head.clone(),
            message,
        }));
    }
    Ok(found)
}
