//! Why a request has no answer, in words for whoever wrote the plugin. No word of
//! a secret, a path or a query is in them.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may not go there, or not like this; trying again does not help.
    #[error("{0}")]
    Denied(String),
    #[error("no answer within {0} ms")]
    Timeout(u64),
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    TooManyRequests(String),
}

impl Failure {
    /// The stable word in metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Timeout(_) => "timeout",
            Self::TooLarge(_) => "too_large",
            Self::Unreachable(_) => "unreachable",
            Self::TooManyRequests(_) => "too_many_requests",
        }
    }

    pub(crate) fn denied(why: impl Into<String>) -> Self {
        Self::Denied(why.into())
    }
}
