//! What can go wrong in search, in words for people.

use std::path::PathBuf;

use deskbell_domain::{Kind, Refusal};

use crate::source::SourceError;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// What was asked cannot be: it names the parameter and says why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no index yet: it is being built from the state.
    #[error("the search index is being built; try again shortly")]
    Building,
    #[error("the search folder {0} is in use by another process")]
    InUse(PathBuf),
    #[error("the search folder {path} cannot be used: {reason}")]
    Folder {
        path: PathBuf,
        reason: std::io::Error,
    },
    #[error("the search index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    #[error("the state could not be read for the search index: {0}")]
    Source(#[from] SourceError),
    /// A blocking piece of work panicked or the runtime is shutting down.
    #[error("the search work was cut off: {0}")]
    CutOff(#[from] tokio::task::JoinError),
}

impl SearchError {
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Building | Self::InUse(_) | Self::Source(_) => Kind::Unavailable,
            Self::Folder { .. } | Self::Index(_) | Self::CutOff(_) => Kind::Internal,
        }
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Building => "search_building",
            Self::InUse(_) => "search_in_use",
            Self::Source(_) => "unavailable",
            Self::Folder { .. } | Self::Index(_) | Self::CutOff(_) => "internal",
        }
    }
}
