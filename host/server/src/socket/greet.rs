//! The first seconds of a socket: who it is, what it missed, welcome.
//!
//! The seat is taken before anything is looked up, so that what happens meanwhile
//! waits in its outbox. Then exactly what lies between the client's cursor and the
//! seat's position is read, and what comes after follows live: no gap, nothing
//! twice, cursors ascending.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use deskbell_app::error::AuthError;
use deskbell_app::{Error, Missed, Plane};
use deskbell_domain::{Actor, ConnectionId, Kind};
use deskbell_store::Cursor;
use futures_util::SinkExt as _;

use super::closing::Closing;
use super::frame::{self, ClientFrame, Hello};
use super::hub::{Joined, Seat};
use crate::state::AppState;

const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// For a client that resumes and does not read what it missed.
const READ_WITHIN: Duration = Duration::from_secs(30);
/// When the database is away just now.
const COME_BACK: Duration = Duration::from_secs(2);

pub(super) async fn greet(
    state: &AppState,
    plane: Plane,
    foreign_origin: Option<String>,
    socket: &mut WebSocket,
) -> Result<Joined, Closing> {
    let hello = tokio::time::timeout(HELLO_WITHIN, first_frame(socket))
        .await
        .map_err(|_| Closing::not_authenticated("no hello within 5 seconds"))??;
    let authenticated = state.app.authenticate(&hello.token, plane).await;
    let actor = authenticated.map_err(|error| refusal(&error))?;
    if let Some(origin) = foreign_origin {
        check_origin(state, &actor, &origin).await?;
    }
    let connection = ConnectionId(state.app.ids.uuid());
    let (joined, position) = state.hub.join(actor.clone(), connection);
    let seat = &joined.seat;
    let welcomed = welcome(state, plane, &actor, seat, position, hello.cursor, socket).await;
    if let Err(closing) = welcomed {
        drop(joined);
        if let Err(error) = state.app.disconnect(&actor, connection).await {
            tracing::warn!(socket = %connection, %error, "a socket's end was not noted");
        }
        return Err(closing);
    }
    Ok(joined)
}

async fn first_frame(socket: &mut WebSocket) -> Result<Hello, Closing> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                return match frame::read(&text) {
                    Ok(ClientFrame::Hello(hello)) => Ok(hello),
                    Ok(_) => Err(Closing::not_authenticated("the first frame must be hello")),
                    Err(bad) => {
                        let told = frame::error(bad.id.as_deref(), &bad.problem);
                        let _ = socket.send(Message::Text(told)).await;
                        Err(Closing::not_authenticated(bad.problem.code()))
                    }
                };
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(Closing::not_text()),
            Some(Err(error)) => {
                let left = || Closing::not_authenticated("left without hello");
                return Err(Closing::unreadable(&error.to_string()).unwrap_or_else(left));
            }
            Some(Ok(Message::Close(_))) | None => {
                return Err(Closing::not_authenticated("left without hello"));
            }
        }
    }
}

fn refusal(error: &Error) -> Closing {
    match error {
        Error::Auth(AuthError::SessionRevoked) => Closing::revoked(),
        _ if matches!(error.kind(), Kind::Unavailable | Kind::RateLimited) => {
            Closing::going_away(COME_BACK)
        }
        _ if error.kind() == Kind::Internal => {
            tracing::error!(%error, "a socket could not be let in");
            Closing::internal()
        }
        _ => Closing::not_authenticated(error.code()),
    }
}

async fn check_origin(state: &AppState, actor: &Actor, origin: &str) -> Result<(), Closing> {
    let inbox = state.app.inbox_of(actor).await;
    let inbox = inbox.map_err(|error| refusal(&error))?;
    let listed = |allowed: &String| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin);
    if inbox.allowed_origins.iter().any(listed) {
        return Ok(());
    }
    Err(Closing::not_authenticated("origin_not_allowed"))
}

async fn welcome(
    state: &AppState,
    plane: Plane,
    actor: &Actor,
    seat: &Seat,
    position: i64,
    cursor: Option<String>,
    socket: &mut WebSocket,
) -> Result<(), Closing> {
    let connected = state.app.connect(actor, seat.connection).await;
    connected.map_err(|error| refusal(&error))?;
    let cursor = cursor.and_then(|text| text.parse::<Cursor>().ok());
    let missed = match &cursor {
        Some(cursor) => state.app.missed(actor, cursor, position).await,
        None => Ok(Missed::Resync),
    };
    let session = actor.session().map(|id| id.to_string()).unwrap_or_default();
    let written = match (missed.map_err(|error| refusal(&error))?, cursor) {
        (Missed::Events(events), Some(cursor)) => {
            metrics::counter!("deskbell_sockets_resumed_total", "exact" => "true").increment(1);
            let events = events.iter().filter_map(|event| frame::event(event, plane));
            let hello = frame::welcome(&session, &cursor.to_string(), true);
            write(socket, std::iter::once(hello).chain(events)).await
        }
        _ => {
            metrics::counter!("deskbell_sockets_resumed_total", "exact" => "false").increment(1);
            let here = state.app.store.cursor_at(position).to_string();
            write(
                socket,
                std::iter::once(frame::welcome(&session, &here, false)),
            )
            .await
        }
    };
    written.map_err(|()| Closing::too_slow())
}

/// Feeds all and flushes once. The events come straight from the database, so
/// the outbox's bounds do not apply; the time does.
async fn write(
    socket: &mut WebSocket,
    frames: impl Iterator<Item = axum::extract::ws::Utf8Bytes>,
) -> Result<(), ()> {
    let all = async {
        for frame in frames {
            socket.feed(Message::Text(frame)).await.map_err(|_| ())?;
        }
        socket.flush().await.map_err(|_| ())
    };
    tokio::time::timeout(READ_WITHIN, all)
        .await
        .unwrap_or(Err(()))
}
