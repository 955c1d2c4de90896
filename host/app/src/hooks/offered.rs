//! What plugins may ask back, one trait a capability, and those who offer nothing.

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_domain::{Agent, TeamId};

use crate::outside::{OutboundFailure, OutboundRequest, OutboundResponse};

/// Reading the desk by id on a plugin's behalf, inside one tenant. An unknown id
/// is `None`.
#[async_trait]
pub trait Directory: Send + Sync {
    async fn find_agent(&self, id_or_email: &str) -> Result<Option<Agent>, DirectoryFailed>;
    async fn find_team(
        &self,
        id_or_name: &str,
    ) -> Result<Option<(TeamId, String)>, DirectoryFailed>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the desk could not be read")]
pub struct DirectoryFailed;

/// Asking the outside on one installation's behalf: only its hosts, with its
/// secrets put in where they belong.
#[async_trait]
pub trait Outgoing: Send + Sync {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure>;
}

/// What one installation keeps, by key. What form a key and a value have is
/// checked before.
#[async_trait]
pub trait Keys: Send + Sync {
    async fn get(&self, key: String) -> Result<Option<Bytes>, KeysFailed>;

    /// In order, behind `after`.
    async fn list(&self, prefix: String, after: Option<String>) -> Result<Vec<String>, KeysFailed>;

    /// Sets it, or takes it away. With an expectation: whether it held. Without
    /// one: whether the key was there.
    async fn change(
        &self,
        key: String,
        expected: Expected,
        value: Option<Bytes>,
    ) -> Result<bool, KeysFailed>;
}

/// What a key must be for a change to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Anything,
    Exactly(Option<Bytes>),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysFailed {
    #[error("{0}")]
    Full(String),
    #[error("what is kept could not be reached")]
    Unavailable,
}

/// What one installation signs with. In the path of a call on its own thread: it
/// waits for nothing.
pub trait Signing: Send + Sync {
    /// The value of a secret that is for signing.
    fn secret(&self, name: &str) -> Result<Vec<u8>, SigningFailed>;

    /// Bytes nobody can foresee.
    fn chance(&self) -> [u8; 32];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningFailed {
    #[error("there is no such secret to sign with")]
    Unknown,
    #[error("the secret was not entered, or cannot be opened")]
    Unavailable,
}
