//! A request, the terms it is made under, and an answer: plain values.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use deskbell_domain::reach::{HostPattern, Placement};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// What the asker may do.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Whose pace this is: an installation, later a webhook.
    pub client: Uuid,
    pub hosts: Vec<HostPattern>,
    pub timeout: Duration,
    pub request_bytes: usize,
    pub response_bytes: usize,
    /// Put into the request if it goes to one of its hosts.
    pub additions: Vec<Addition>,
}

/// A secret on its way. It shows itself to nobody.
#[derive(Clone)]
pub struct Addition {
    pub name: String,
    pub hosts: Vec<HostPattern>,
    pub placement: Placement,
    pub value: String,
}

impl fmt::Debug for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addition")
            .field("name", &self.name)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// A query may hold what is nobody's business.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case. A value that is no text is left out.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}
