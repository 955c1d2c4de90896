//! What another system sent, in tests: say what matters, the rest is filled in.

use serde::Serialize;

use crate::webhook::Request;

const NOW_MS: u64 = 1_777_636_800_000;

/// Something that came by this webhook, with an empty body.
#[must_use]
pub fn webhook(name: &str) -> WebhookRequest {
    let mut request = Request::new("job_1".to_owned(), name.to_owned(), Vec::new());
    request.received_at_ms = NOW_MS;
    WebhookRequest(request)
}

/// Builds what was sent. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct WebhookRequest(Request);

impl WebhookRequest {
    /// A header that the manifest lists.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        self.0.headers.push((name, value.to_owned()));
        self
    }

    /// The body, as it was sent.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = body.into();
        self
    }

    /// The body, as JSON.
    #[must_use]
    pub fn json(mut self, body: impl Serialize) -> Self {
        self.0.body = serde_json::to_vec(&body).unwrap_or_default();
        self
    }

    /// It is shown again.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.0.attempt = attempt;
        self
    }

    /// What was sent.
    #[must_use]
    pub fn build(self) -> Request {
        self.0
    }
}
