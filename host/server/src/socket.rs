//! Sockets: the upgrade, then one task for each until it ends.
//!
//! `greet.rs` logs a socket in and hands it what it missed, `session.rs` is its
//! life after that, `commands.rs` keeps its commands in order, `frame.rs` is the
//! JSON on the wire. `hub.rs` gives events and signals to whoever may see them,
//! through each socket's `outbox.rs`. No rule of the desk is in here: those are
//! the app's.

pub mod closing;
mod commands;
mod frame;
mod greet;
pub mod hub;
mod outbox;
mod pace;
mod rooms;
mod session;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::extract::{Extension, State, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskbell_app::Plane;
use deskbell_domain::Kind;
use futures_util::FutureExt as _;

use crate::origin::origin_of;
use crate::problem::Problem;
use crate::socket::closing::Closing;
use crate::state::{AppState, Peer};

/// What a client is told; it pings after this much silence.
pub const HEARTBEAT_MS: u64 = 25_000;
/// The largest message of a visitor, and of an agent.
const VISITOR_MESSAGE: usize = 16 * 1024;
const AGENT_MESSAGE: usize = 64 * 1024;
/// Small, since there is one of each per socket. The maximum must hold the
/// largest frame we send besides what is already written.
const READ_BUFFER: usize = 2 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER_MAX: usize = 1024 * 1024;
/// A peer that does not take our close frame within this time is let go.
const FAREWELL: Duration = Duration::from_secs(2);

/// The two socket routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/api/v1/agent/socket", get(agent))
        .route("/api/v1/widget/socket", get(widget))
}

async fn agent(
    State(state): State<AppState>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !state.origins.allows_own(&headers) {
        let detail = "Pages of this origin may not open an agent's socket.";
        return Problem::new(Kind::Forbidden, "origin_not_allowed", detail).into_response();
    }
    open(state, Plane::Agent, None, peer, upgrade, AGENT_MESSAGE)
}

/// Which origins an inbox allows is known once the visitor has said hello.
async fn widget(
    State(state): State<AppState>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let foreign = origin_of(&headers).filter(|_| !state.origins.allows_own(&headers));
    open(
        state,
        Plane::Widget,
        foreign,
        peer,
        upgrade,
        VISITOR_MESSAGE,
    )
}

fn open(
    state: AppState,
    plane: Plane,
    foreign_origin: Option<String>,
    peer: Option<Extension<Peer>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    largest: usize,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let detail = format!("This address speaks WebSocket: {}.", rejection.body_text());
            return Problem::malformed("not_a_socket", detail).into_response();
        }
    };
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(largest)
        .max_frame_size(largest);
    upgrade.on_upgrade(move |socket| {
        let tasks = state.tasks.clone();
        // Boxed, so that the task's own future is a pointer or two.
        tasks.track(Box::pin(run(state, plane, foreign_origin, peer, socket)))
    })
}

/// A socket's whole life. The phases are boxed: an idle socket keeps only what
/// the one it is in needs.
async fn run(
    state: AppState,
    plane: Plane,
    foreign_origin: Option<String>,
    // Keeps the connection's place under the caps for as long as the socket lives.
    _peer: Option<Extension<Peer>>,
    mut socket: WebSocket,
) {
    let greeted = Box::pin(greet::greet(&state, plane, foreign_origin, &mut socket)).await;
    let closing = match greeted {
        Err(closing) => Some(closing),
        Ok(joined) => {
            let seat = joined.seat.clone();
            let live = session::live(&state, plane, &seat, &mut socket);
            let ended = AssertUnwindSafe(live).catch_unwind().await;
            drop(joined);
            let (app, actor) = (&state.app, seat.actor());
            let left = Box::pin(app.disconnect(&actor, seat.connection)).await;
            if let Err(error) = left {
                tracing::warn!(socket = %seat.connection, %error, "a socket's end was not noted");
            }
            ended.unwrap_or_else(|_| {
                tracing::error!(socket = %seat.connection, "a socket's task panicked");
                Some(Closing::internal())
            })
        }
    };
    if let Some(closing) = closing {
        Box::pin(farewell(socket, &closing)).await;
    }
}

/// Sends the close frame and waits a moment for the peer's.
async fn farewell(mut socket: WebSocket, closing: &Closing) {
    let frame = CloseFrame {
        code: closing.code,
        reason: closing.reason.as_str().into(),
    };
    let goodbye = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(FAREWELL, goodbye).await;
}

/// Counts an ended socket by why.
fn count_end(plane: Plane, closing: Option<&Closing>) {
    let code = closing.map_or_else(|| "client".to_owned(), |c| c.code.to_string());
    metrics::counter!("deskbell_sockets_closed_total", "plane" => plane.as_str(), "code" => code)
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn future_size<A, B, C, D, E, F>(_: impl FnOnce(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    /// Ten thousand idle sockets are ten thousand of these.
    #[test]
    fn a_sockets_future_stays_small() {
        let size = future_size(run);
        assert!(size <= 2 * 1024, "{size} bytes");
    }
}
