//! The outside world as the app sees it: time, chance and other people's servers
//! come in through these.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_domain::Timestamp;
use deskbell_domain::reach::{HostPattern, Placement};
use uuid::Uuid;

/// The one source of domain time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Unguessable bytes for tokens, visitor secrets, salts and signing keys.
pub trait SecretSource: Send + Sync {
    fn bytes(&self) -> [u8; 32];
}

/// The one way out. Who may be asked at all is its business; what the asker may do
/// comes with each request.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Whether a request to this URL would go to one of these hosts. Asks nobody.
    fn goes_to(&self, url: &str, hosts: &[HostPattern]) -> bool;

    async fn send(
        &self,
        request: OutboundRequest,
        terms: OutboundTerms,
    ) -> Result<OutboundResponse, OutboundFailure>;

    /// Whether the operator lets plain `http` be: a desk on somebody's own machine.
    fn allows_http(&self) -> bool {
        false
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboundMethod {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone)]
pub struct OutboundRequest {
    pub method: OutboundMethod,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub timeout: Duration,
    /// The most an answer may have.
    pub response_bytes: usize,
}

/// On whose behalf, whereto, and with which secrets.
#[derive(Clone)]
pub struct OutboundTerms {
    /// Whose pace it is.
    pub client: Uuid,
    pub hosts: Vec<HostPattern>,
    pub secrets: Vec<SecretInPlace>,
}

/// A secret, open, for the moment in which a request is written.
#[derive(Clone)]
pub struct SecretInPlace {
    pub name: String,
    pub hosts: Vec<HostPattern>,
    pub placement: Placement,
    pub value: String,
}

impl fmt::Debug for SecretInPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretInPlace")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Why there is no answer, in words for the plugin's author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundFailure {
    #[error("{0}")]
    Denied(String),
    #[error("{0}")]
    Timeout(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    TooManyRequests(String),
}

/// For those who never ask the outside.
pub struct NoOutbound;

#[async_trait]
impl Outbound for NoOutbound {
    fn goes_to(&self, _: &str, _: &[HostPattern]) -> bool {
        false
    }

    async fn send(
        &self,
        _: OutboundRequest,
        _: OutboundTerms,
    ) -> Result<OutboundResponse, OutboundFailure> {
        let why = "this process asks nobody outside".to_owned();
        Err(OutboundFailure::Denied(why))
    }
}
