//! Agents and teams of the tenant, by id. A capability: a plugin that uses this
//! module can only be installed by an admin who grants `directory`.

use std::error::Error;
use std::fmt;

use crate::HookError;

/// An agent, as the desk has them at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// `agt_…`
    pub id: String,
    /// What colleagues and visitors call them.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// `online`, `busy`, `away` or `offline`.
    pub availability: String,
    /// Chats they have.
    pub load: u32,
    /// Chats they take at most.
    pub capacity: u32,
    /// The teams they are in (`team_…`).
    pub team_ids: Vec<String>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// `team_…`
    pub id: String,
    /// What the desk calls it.
    pub name: String,
}

/// Why the directory has no answer. A name nobody has is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The desk could not be read just now.
    Unavailable,
    /// This call has used up its host calls.
    TooManyCalls,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "the directory could not be read just now",
            Self::TooManyCalls => "this call has used up its host calls",
        })
    }
}

impl Error for Failure {}

impl From<Failure> for HookError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::Unavailable(failure.to_string()),
            Failure::TooManyCalls => Self::Failed(failure.to_string()),
        }
    }
}

/// The agent with this id or e-mail address; `None` if the tenant has no such
/// agent.
///
/// # Errors
///
/// [`Failure::Unavailable`] when the desk could not be read,
/// [`Failure::TooManyCalls`] when the call has used up its host calls.
pub fn find_agent(id_or_email: &str) -> Result<Option<Agent>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::find_agent(id_or_email);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::host::find_agent(id_or_email)
}

/// The team with this id or name; `None` if the tenant has no such team.
///
/// # Errors
///
/// As [`find_agent`].
pub fn find_team(id_or_name: &str) -> Result<Option<Team>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::find_team(id_or_name);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::host::find_team(id_or_name)
}
