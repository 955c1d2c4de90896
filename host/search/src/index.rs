//! The search index: open, search, follow, make anew.
//!
//! One folder holds generations (`folder.rs`); one of them is live and is searched
//! and written (`writing.rs`). Opening is cheap: readers and writers start with
//! the first search and the first change. Must not know where the state comes
//! from (`source.rs`) or how a question is read (`ask.rs`).

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use deskbell_domain::{ConversationId, TenantId};
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::collector::{Count, TopDocs};
use tantivy::schema::Value;
use tantivy::{DocAddress, IndexWriter, Searcher, TantivyDocument, TantivyError};

use crate::ask::Ask;
use crate::error::SearchError;
use crate::folder::Folder;
use crate::highlight::highlight;
use crate::plan::{Marks, plan};
use crate::results::{Hit, Page, SearchRequest, SearchResults};
use crate::schema::{CREATED_AT, Fields, Kept, SEQ};
use crate::source::Place;
use crate::wall::Wall;
use crate::writing::{Changes, Generation, locked};

/// Cheap to clone; all clones are one index.
#[derive(Clone)]
pub struct SearchIndex {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub folder: Folder,
    pub fields: Arc<Fields>,
    pub live: Mutex<Option<Arc<Generation>>>,
    /// The live generation's writer, once there was something to write.
    pub writer: Arc<tokio::sync::Mutex<Option<IndexWriter>>>,
    /// While a new generation is made: conversations that changed meanwhile.
    pub touched: Mutex<Option<HashSet<(TenantId, ConversationId)>>>,
    /// One rebuild at a time.
    pub rebuilding: tokio::sync::Mutex<()>,
    #[cfg(test)]
    pub forget_tenant: std::sync::atomic::AtomicBool,
}

impl SearchIndex {
    /// Opens what is in the folder, or an index that needs to be built first.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SearchError> {
        let folder = Folder::open(path.as_ref())?;
        let fields = Arc::new(Fields::new());
        let live = folder.current().and_then(|path| {
            Generation::open(path, fields.clone()).unwrap_or_else(|bad| {
                tracing::warn!(error = %bad, "the search index is damaged and will be rebuilt");
                None
            })
        });
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                fields,
                live: Mutex::new(live.map(Arc::new)),
                writer: Arc::default(),
                touched: Mutex::new(None),
                rebuilding: tokio::sync::Mutex::default(),
                #[cfg(test)]
                forget_tenant: std::sync::atomic::AtomicBool::new(false),
            }),
        })
    }

    /// How far the index has followed the feed; none before it is first built.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.live().and_then(|live| live.place())
    }

    pub async fn search(&self, request: SearchRequest) -> Result<SearchResults, SearchError> {
        let ask = Ask::parse(&request.q)?;
        let page = Page::of(&request)?;
        let live = self.live().ok_or(SearchError::Building)?;
        let wall = self.wall(request);
        tokio::task::spawn_blocking(move || search(&live, &ask, page, &wall)).await?
    }

    fn wall(&self, request: SearchRequest) -> Wall {
        Wall {
            tenant: request.tenant,
            viewer: request.viewer,
            #[cfg(test)]
            forget_tenant: self
                .inner
                .forget_tenant
                .load(std::sync::atomic::Ordering::Relaxed),
        }
    }

    pub(crate) fn live(&self) -> Option<Arc<Generation>> {
        locked(&self.inner.live).clone()
    }

    /// Writes and commits a batch with the place it ends at. After an error none
    /// of it is in and the same batch can come again.
    pub(crate) async fn apply(&self, changes: Changes, place: Place) -> Result<(), SearchError> {
        let mut writer = self.inner.writer.clone().lock_owned().await;
        let live = self.live().ok_or(SearchError::Building)?;
        if let Some(touched) = &mut *locked(&self.inner.touched) {
            touched.extend(changes.conversations());
        }
        let work = move || -> Result<(), SearchError> {
            let mut open = match writer.take() {
                Some(open) => open,
                None => live.writer()?,
            };
            // On an error the writer is dropped with what it had not committed:
            // after a full disk or a lost thread it is of no more use.
            live.write(&open, &changes)?;
            live.commit(&mut open, &place)?;
            *writer = Some(open);
            Ok(())
        };
        tokio::task::spawn_blocking(work).await?
    }
}

fn search(
    live: &Generation,
    ask: &Ask,
    page: Page,
    wall: &Wall,
) -> Result<SearchResults, SearchError> {
    let searcher = live.searcher()?;
    let plan = plan(ask, wall.tenant, &searcher, &live.fields)?;
    let query = wall.around(&live.fields, plan.query);
    let order = (
        SortBySimilarityScore,
        SortByStaticFastValue::<i64>::for_field(CREATED_AT),
        SortByStaticFastValue::<i64>::for_field(SEQ),
    );
    let top = TopDocs::with_limit(page.limit)
        .and_offset(page.offset)
        .order_by(order);
    let (found, total) = searcher.search(&query, &(top, Count))?;
    let hits: Result<Vec<_>, _> = found
        .into_iter()
        .map(|((score, _, _), address)| {
            let share = if plan.best > 0.0 {
                score / plan.best
            } else {
                1.0
            };
            hit(&searcher, &live.fields, address, &plan.marks, share)
        })
        .collect();
    Ok(SearchResults {
        hits: hits?,
        total,
        next_cursor: page.next(total),
    })
}

fn hit(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
    marks: &Marks,
    score: f32,
) -> tantivy::Result<Hit> {
    let document: TantivyDocument = searcher.doc(address)?;
    let kept = document.get_first(fields.kept);
    let kept = kept.as_ref().and_then(|value| value.as_str());
    let kept: Kept = serde_json::from_str(kept.unwrap_or_default())
        .map_err(|bad| TantivyError::InternalError(format!("a stored message: {bad}")))?;
    Ok(Hit {
        conversation_id: kept.conversation_id,
        message_id: kept.message_id,
        seq: kept.seq,
        highlight: highlight(&kept.text, marks),
        sender_kind: kept.sender_kind,
        created_at: kept.created_at(),
        sender_name: kept.sender_name,
        private: kept.private,
        status: kept.status,
        score,
    })
}
