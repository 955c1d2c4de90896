//! Logs: to standard error, for people or as JSON, and one line a request.
//!
//! What may hold a secret is never logged: no query strings, no headers, no
//! bodies. A route is named by its pattern, so that ids do not multiply the lines
//! one has to search.

use std::io::IsTerminal as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use deskbell_domain::{IdSource, Kind};
use futures_util::FutureExt as _;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use crate::problem::Problem;
use crate::request_id;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// No answer of ours takes this long; what does is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends the log to standard error. Once a process; a second call changes nothing.
pub fn start(log: &Log) {
    // The migrator tells of every step, PostgreSQL of every table that is there
    // already; a setting for them comes later and wins.
    let level = format!("sea_orm_migration=warn,sqlx=warn,{}", log.level);
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let _ = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.try_init(),
    };
}

/// Around every request: its id, its line, its metrics; and a panic or a hang in
/// a handler becomes a problem instead of a torn connection.
pub async fn request(ids: Arc<dyn IdSource>, request: Request, next: Next) -> Response {
    let id = request_id::text(ids.uuid());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(page)".to_owned(), |path| path.as_str().to_owned());
    let started = Instant::now();
    let guarded = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = request_id::within(id.clone(), async {
        match tokio::time::timeout(PATIENCE, guarded).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!(request_id = id, %method, route, "a handler panicked");
                failed(Kind::Internal, "internal")
            }
            Err(_) => failed(Kind::Unavailable, "timed_out"),
        }
    });
    let mut response = answered.await;
    let (status, took) = (response.status(), started.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    metrics::histogram!(
        "deskbell_request_seconds",
        "method" => method.as_str().to_owned(), "route" => route.clone(), "status" => class(status)
    )
    .record(took.as_secs_f64());
    let millis = took.as_secs_f64() * 1_000.0;
    let (failed, status) = (status.is_server_error(), status.as_u16());
    if failed {
        tracing::warn!(request_id = id, %method, route, status, millis, "request");
    } else {
        tracing::debug!(request_id = id, %method, route, status, millis, "request");
    }
    response
}

fn failed(kind: Kind, code: &'static str) -> Response {
    let detail = "Something went wrong on the server. Name the request_id when you report it.";
    Problem::new(kind, code, detail).into_response()
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
