//! What every hook has in common: the circumstances of a call, and its failure.

use std::error::Error;
use std::fmt;

/// The circumstances of one call, as the host states them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The tenant the installation belongs to (`ten_…`).
    pub tenant_id: String,
    /// The installation that is called (`ins_…`).
    pub installation_id: String,
    /// Names this call in the host's log.
    pub call_id: String,
    /// Milliseconds since 1970, UTC: the time to reason with. A plugin has no
    /// other clock.
    pub now_ms: u64,
    /// Milliseconds until the answer is no longer waited for.
    pub deadline_ms: u32,
}

/// Why a hook has no answer. The text is for the tenant's admins; visitors never
/// see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookError {
    /// The configuration makes no sense to the plugin. Say which part.
    InvalidConfig(String),
    /// Something the plugin needed did not work; trying again may help.
    Unavailable(String),
    /// Anything else.
    Failed(String),
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::InvalidConfig(text) => ("the configuration is not right", text),
            Self::Unavailable(text) => ("something is not available", text),
            Self::Failed(text) => ("it failed", text),
        };
        write!(f, "{what}: {text}")
    }
}

impl Error for HookError {}
