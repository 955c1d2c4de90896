//! Search over what was said: a tantivy index that is only a cache of the state.
//!
//! `index.rs` opens, searches, writes and swaps it; `indexer.rs` follows the feed;
//! `rebuild.rs` makes it anew; `ask.rs` reads what a person typed, `wall.rs` keeps
//! tenants and teams apart below that. This crate knows no HTTP and no SQL: the
//! state comes in through `Source`. Start with `index.rs`.

mod ask;
mod document;
mod error;
mod expand;
mod folder;
mod highlight;
mod index;
mod indexer;
mod marking;
mod plan;
mod rebuild;
mod results;
mod schema;
mod source;
mod wall;
mod words;
mod writing;

#[cfg(test)]
mod tests;

pub use error::SearchError;
pub use index::SearchIndex;
pub use indexer::Indexer;
pub use results::{Hit, SearchRequest, SearchResults, Segment};
pub use source::{Batch, Place, Source, SourceError};
pub use wall::Viewer;
