//! Headers that hold for every answer of the API, and CORS for the widget's.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::extract::ORIGIN_NOT_ALLOWED;
use crate::problem::Code;

/// Answers are data: never sniffed, framed, run, or kept by a cache. A handler
/// that serves a page sets its own policy first.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Pages of other sites carry the widget. The question before a request names
/// neither visitor nor inbox, so any origin may ask; the request itself is
/// refused when the inbox does not list its origin, and then carries no leave.
pub(super) async fn widget_cors(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/v1/widget/") {
        return next.run(request).await;
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        preflight()
    } else {
        next.run(request).await
    };
    let foreign = response.extensions().get::<Code>() == Some(&Code(ORIGIN_NOT_ALLOWED));
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|_| !foreign) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        expose(headers);
    }
    response
}

fn preflight() -> Response {
    const ANSWER: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, ANSWER).into_response()
}

fn expose(headers: &mut HeaderMap) {
    let readable = HeaderValue::from_static("idempotent-replayed, retry-after, x-request-id");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
}
