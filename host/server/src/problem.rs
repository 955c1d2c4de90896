//! Every way the edge says no, as `application/problem+json`.
//!
//! The one file that knows which kind of refusal is which HTTP status. A failure
//! nobody foresaw is logged here once, with its chain and the request's id; the
//! client sees the id and nothing else. Sockets use `to_value` for their error
//! frames; REST handlers return a `Problem` as their error.

mod from;

use std::error::Error as StdError;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deskbell_domain::refusal::FieldError;
use deskbell_domain::{Kind, Refusal};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::request_id;

pub const CONTENT_TYPE: &str = "application/problem+json";

/// How long a client that is refused for now should wait, in seconds.
const RETRY_AFTER: u64 = 1;

#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    /// What went wrong inside; for the log only.
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The code of a problem, on its response: for what stands around a handler and
/// cannot read bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub &'static str);

/// The JSON of a problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Content")]
    title: &'static str,
    #[schema(example = 422)]
    status: u16,
    /// A sentence for people.
    detail: String,
    /// The stable word clients switch on.
    #[schema(example = "invalid_input")]
    code: &'static str,
    /// Names this answer in the server's log.
    request_id: String,
    /// The wrong fields, when the input was wrong.
    errors: Vec<WrongField>,
}

/// One wrong field of the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongField {
    /// A JSON pointer into the body; for a query string, `/` and the name.
    #[schema(example = "/text")]
    pointer: String,
    #[schema(example = "required")]
    code: &'static str,
    detail: String,
}

/// The table: kind of refusal → status.
#[must_use]
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Precondition => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Held => StatusCode::ACCEPTED,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Problem {
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self::at(status(kind), code, detail)
    }

    fn at(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// One wrong field.
    #[must_use]
    pub fn field(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Refusal::field(pointer, code, detail).into()
    }

    /// The input could not even be read.
    #[must_use]
    pub fn malformed(code: &'static str, detail: impl Into<String>) -> Self {
        Self::at(StatusCode::BAD_REQUEST, code, detail)
    }

    #[must_use]
    pub fn with_field(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    #[must_use]
    pub fn no_such_route() -> Self {
        Self::new(
            Kind::NotFound,
            "no_such_route",
            "There is nothing at this address.",
        )
    }

    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::at(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take this method. The Allow header names those it takes.",
        )
    }

    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::at(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body must be JSON, sent with `Content-Type: application/json`.",
        )
    }

    /// As above, on a route that takes files too.
    #[must_use]
    pub fn takes_json_or(kind: &str) -> Self {
        let detail = format!(
            "The body must be a file, sent with `Content-Type: {kind}`, or JSON, sent with \
             `Content-Type: application/json`."
        );
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::at(status, "unsupported_media_type", detail)
    }

    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            Kind::TooLarge,
            "too_large",
            format!("The body may have at most {limit} bytes."),
        )
    }

    /// A failure nobody foresaw.
    #[must_use]
    pub fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::unforeseen(Kind::Internal, "internal", Arc::new(cause))
    }

    fn unforeseen(kind: Kind, code: &'static str, cause: Arc<dyn StdError + Send + Sync>) -> Self {
        let detail = match kind {
            Kind::Unavailable => "The server cannot do this right now. Try again in a moment.",
            _ => "Something went wrong on the server. Name the request_id when you report it.",
        };
        Self {
            cause: Some(cause),
            ..Self::new(kind, code, detail)
        }
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The JSON, for an error frame or a body. Logs the cause, if there is one,
    /// under the id of the request or command it runs in.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let request_id = request_id::current();
        self.log(&request_id);
        let errors = self.errors.iter().map(|error| WrongField {
            pointer: error.pointer.clone(),
            code: error.code,
            detail: error.detail.clone(),
        });
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            request_id,
            errors: errors.collect(),
        };
        serde_json::to_value(body).unwrap_or_default()
    }

    fn log(&self, request_id: &str) {
        let Some(cause) = &self.cause else { return };
        let chain = chain(cause.as_ref());
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(request_id, error = chain, "a request could not be served");
        } else {
            tracing::error!(request_id, error = chain, "a request failed");
        }
    }
}

/// An error and what caused it, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.to_value().to_string();
        let mut response = (self.status, body).into_response();
        response.extensions_mut().insert(Code(self.code));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static(CONTENT_TYPE);
        headers.insert(header::CONTENT_TYPE, kind);
        match self.status {
            StatusCode::UNAUTHORIZED => {
                let scheme = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, scheme);
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
            }
            _ => {}
        }
        response
    }
}

/// A name as one step of a JSON pointer.
#[must_use]
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
