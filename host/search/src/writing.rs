//! One generation of the index on disk: its lazy reader, its writer, its place.
//!
//! Each commit carries the feed's place in its payload, so what is in the index
//! and how far it is are one file, written by one rename.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use deskbell_domain::{ConversationId, TenantId};
use tantivy::indexer::{IndexWriterOptions, PreparedCommit};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError};

use crate::document::Document;
use crate::marking::{MarkedWords, TOKENIZER};
use crate::schema::Fields;
use crate::source::Place;

const ARENA_BYTES: usize = 16_000_000;
/// Blocks of stored messages kept unpacked for each segment.
const KEPT_BLOCKS: usize = 8;

/// What a batch of events comes to.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Whole conversations, as they are now.
    pub replaced: Vec<((TenantId, ConversationId), Vec<Document>)>,
    /// Single messages.
    pub added: Vec<Document>,
    /// Messages that cannot be there yet, in a generation just begun.
    pub first: Vec<Document>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.added.is_empty() && self.first.is_empty()
    }

    pub(crate) fn conversations(&self) -> impl Iterator<Item = (TenantId, ConversationId)> {
        let added = self.added.iter().map(|document| {
            let head = &document.head;
            (head.tenant, head.conversation)
        });
        self.replaced.iter().map(|(key, _)| *key).chain(added)
    }
}

pub(crate) struct Generation {
    pub path: PathBuf,
    pub fields: Arc<Fields>,
    index: Index,
    reader: Mutex<Option<IndexReader>>,
    /// How far the index is, committed or with nothing to commit since.
    place: Mutex<Option<Place>>,
}

impl Generation {
    pub(crate) fn create(path: PathBuf, fields: Arc<Fields>) -> tantivy::Result<Self> {
        let index = Index::create_in_dir(&path, fields.schema.clone())?;
        Ok(Self::with(path, fields, index, None))
    }

    /// None if it has other fields than ours, or never got as far as a commit.
    pub(crate) fn open(path: PathBuf, fields: Arc<Fields>) -> tantivy::Result<Option<Self>> {
        let index = Index::open_in_dir(&path)?;
        let payload = index.load_metas()?.payload;
        let place = payload.and_then(|json| serde_json::from_str(&json).ok());
        let usable = place.is_some() && index.schema() == fields.schema;
        Ok(usable.then(|| Self::with(path, fields, index, place)))
    }

    fn with(path: PathBuf, fields: Arc<Fields>, index: Index, place: Option<Place>) -> Self {
        index.tokenizers().register(TOKENIZER, MarkedWords);
        Self {
            path,
            fields,
            index,
            reader: Mutex::new(None),
            place: Mutex::new(place),
        }
    }

    pub(crate) fn place(&self) -> Option<Place> {
        locked(&self.place).clone()
    }

    pub(crate) fn set_place(&self, place: Place) {
        *locked(&self.place) = Some(place);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn searcher(&self) -> tantivy::Result<Searcher> {
        let mut reader = locked(&self.reader);
        if let Some(reader) = &*reader {
            return Ok(reader.searcher());
        }
        let opened: IndexReader = self
            .index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(KEPT_BLOCKS)
            .try_into()?;
        Ok(reader.insert(opened).searcher())
    }

    /// One thread to write, one to merge, started when there is something to do.
    pub(crate) fn writer(&self) -> tantivy::Result<IndexWriter> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(ARENA_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        self.index.writer_with_options(options)
    }

    /// Adds without committing. A message or conversation that is there already
    /// is replaced, so that repeats are harmless.
    pub(crate) fn write(&self, writer: &IndexWriter, changes: &Changes) -> tantivy::Result<()> {
        for ((tenant, conversation), documents) in &changes.replaced {
            writer.delete_term(self.fields.conversation_term(*tenant, *conversation));
            for document in documents {
                self.add(writer, document)?;
            }
        }
        for document in &changes.first {
            self.add(writer, document)?;
        }
        for document in &changes.added {
            let tenant = document.head.tenant;
            writer.delete_term(self.fields.message_term(tenant, document.message.id));
            self.add(writer, document)?;
        }
        Ok(())
    }

    fn add(&self, writer: &IndexWriter, document: &Document) -> tantivy::Result<()> {
        let document = self.fields.tantivy(document);
        let document = document.map_err(|bad| TantivyError::InternalError(bad.to_string()))?;
        writer.add_document(document).map(drop)
    }

    /// Makes what was written durable and visible.
    pub(crate) fn commit(&self, writer: &mut IndexWriter, place: &Place) -> tantivy::Result<()> {
        let payload = serde_json::to_string(place)
            .map_err(|bad| TantivyError::InternalError(bad.to_string()))?;
        let mut commit: PreparedCommit<'_> = writer.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        self.set_place(place.clone());
        if let Some(reader) = &*locked(&self.reader) {
            reader.reload()?;
        }
        Ok(())
    }
}

/// What these locks guard is whole between any two statements.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
