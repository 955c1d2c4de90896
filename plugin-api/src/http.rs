//! Asking a service outside over HTTP. A capability: an admin grants `http` for
//! the hosts that `[capabilities.http]` of the manifest names.
//!
//! Only `https`, only those hosts, only addresses of the public internet. A
//! redirect is an answer like any other. Secrets are put into the request by the
//! desk on its way out; the plugin never has them. Inline hooks (routing) may not
//! ask at all; others have 8 requests a call.
//!
//! ```
//! use deskbell_plugin_api::{http, testing};
//!
//! # #[derive(serde::Deserialize)]
//! # struct Order { status: String }
//! let host = testing::Host::new();
//! let order = serde_json::json!({ "status": "packed" });
//! host.answer_http(Ok(http::Response::json(200, &order)));
//!
//! let order: Order = http::get("https://api.example.com/orders/7").send()?.read()?;
//! assert_eq!(order.status, "packed");
//! # Ok::<(), http::Failure>(())
//! ```

use std::error::Error;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::HookError;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers alone.
    Head,
    /// Send something.
    Post,
    /// Send something in place of what is there.
    Put,
    /// Change a part.
    Patch,
    /// Take away.
    Delete,
}

/// A request that is being put together. [`send`](Request::send) asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How to ask.
    pub method: Method,
    /// `https://…`, at a host of the manifest.
    pub url: String,
    /// Names and values. The desk adds its own, and the secrets.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
    /// Shorter than the time the call has left, if need be.
    pub timeout_ms: Option<u32>,
}

/// A GET request.
#[must_use]
pub fn get(url: impl Into<String>) -> Request {
    Request::new(Method::Get, url)
}

/// A POST request.
#[must_use]
pub fn post(url: impl Into<String>) -> Request {
    Request::new(Method::Post, url)
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout_ms: None,
        }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this as its body, as JSON.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        let mut with = self.header("content-type", "application/json");
        with.body = serde_json::to_vec(value).unwrap_or_default();
        with
    }

    /// With less time than the call has left.
    #[must_use]
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.timeout_ms = Some(milliseconds);
        self
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// There is no answer; the [`Failure`] says why. A status such as 404 is an
    /// answer and no failure.
    pub fn send(self) -> Result<Response, Failure> {
        #[cfg(target_arch = "wasm32")]
        return crate::bindings::host::send(self);
        #[cfg(not(target_arch = "wasm32"))]
        crate::testing::host::send(self)
    }
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200, 404 and so on.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What it sent.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with JSON in it, for tests.
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        Self {
            status,
            headers: vec![kind],
            body: serde_json::to_vec(value).unwrap_or_default(),
        }
    }

    /// Whether the status says that it worked.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The header of this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as a `T`, out of JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] when the status says that it did not work, or the
    /// body is no such `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        if !self.is_ok() {
            let why = format!("the service answered {}", self.status);
            return Err(Failure::Unreachable(why));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::Unreachable(format!("the service's answer: {error}")))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may not be asked, or not like this. The plugin's log says so too.
    Denied(String),
    /// It took too long.
    Timeout,
    /// The request or the answer is larger than a call may have.
    TooLarge,
    /// Not found, no connection, no TLS, or no HTTP.
    Unreachable(String),
    /// This call, or this installation within the minute, has asked enough.
    TooManyRequests,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(why) | Self::Unreachable(why) => f.write_str(why),
            Self::Timeout => f.write_str("the service took too long"),
            Self::TooLarge => f.write_str("the request or its answer is too large"),
            Self::TooManyRequests => f.write_str("too many requests"),
        }
    }
}

impl Error for Failure {}

impl From<Failure> for HookError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied(_) | Failure::TooLarge | Failure::TooManyRequests => {
                Self::Failed(failure.to_string())
            }
            Failure::Timeout | Failure::Unreachable(_) => Self::Unavailable(failure.to_string()),
        }
    }
}
