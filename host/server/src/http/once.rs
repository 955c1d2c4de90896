//! `Idempotency-Key`: a write that is sent again is executed once.
//!
//! Around the routes, so that every write has it. Only answers to requests that
//! changed something are kept; a refused one may be sent again with its key.
//! Log-ins have none: their answers hold secrets.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use deskbell_app::Plane;
use deskbell_app::once::{Begun, Once};
use tokio::sync::oneshot;

use super::plugins;
use crate::extract::{bearer, read_body};
use crate::problem::Problem;
use crate::request_id;
use crate::state::AppState;

const HEADER: &str = "idempotency-key";
const REPLAYED: &str = "idempotent-replayed";
const KEY_MAX: usize = 128;
/// More than any answer to a write holds.
const ANSWER_MAX: usize = 1024 * 1024;

pub(super) async fn keyed(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asks = request.headers().contains_key(HEADER)
        && matches!(
            *request.method(),
            Method::POST | Method::PUT | Method::PATCH | Method::DELETE
        )
        && !request.uri().path().starts_with("/api/v1/auth/");
    if !asks {
        return next.run(request).await;
    }
    // A task of its own: a client that hangs up in the middle and comes again must
    // find the answer, not a key that is taken for ever.
    let (answer, answered) = oneshot::channel();
    let tasks = state.tasks.clone();
    let work = async move {
        let executed = execute_once(&state, request, next).await;
        let _ = answer.send(executed.unwrap_or_else(Problem::into_response));
    };
    tasks.spawn(
        "keyed request",
        request_id::within(request_id::current(), work),
    );
    answered
        .await
        .unwrap_or_else(|gone| Problem::internal(gone).into_response())
}

async fn execute_once(state: &AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let widget = request.uri().path().starts_with("/api/v1/widget/");
    let plane = if widget { Plane::Widget } else { Plane::Agent };
    let token = bearer(request.headers()).unwrap_or_default().to_owned();
    let Ok(actor) = state.app.authenticate(&token, plane).await else {
        // Whoever may not ask is told so by the route itself.
        return Ok(next.run(request).await);
    };
    let key = key(request.headers())?;
    let (parts, body) = request.into_parts();
    let limit = if plugins::is_plugin_file(&parts.headers) && parts.uri.path() == "/api/v1/plugins"
    {
        plugins::PLUGIN_BYTES
    } else {
        state.config.limits.body_bytes
    };
    let body = read_body(&parts.headers, body, limit).await?;
    let once = Once {
        route: format!("{} {}", parts.method, parts.uri.path()),
        key,
        body_hash: aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &body)
            .as_ref()
            .to_vec(),
    };
    let taken = match state.app.begin_request(&actor, once).await? {
        Begun::First(taken) => taken,
        Begun::Repeat { status, body } => return Ok(repeat(status, body)),
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        // A refusal changed nothing; of a failure of the server nobody knows.
        if response.status().is_client_error() {
            state.app.forget_request(&actor, taken).await?;
        }
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    state
        .app
        .keep_answer(&actor, taken, parts.status.as_u16(), text)
        .await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let text = headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let fits = (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        return Ok(text.to_owned());
    }
    let detail = format!("1 to {KEY_MAX} visible ASCII characters.");
    Err(Problem::field("/Idempotency-Key", "bad_key", detail))
}

fn repeat(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    if status != StatusCode::NO_CONTENT {
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
