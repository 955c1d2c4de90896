//! The life of a socket after its welcome: one loop that writes what waits, reads
//! what comes, answers commands, and ends.
//!
//! Everything is polled in one place with one `&mut` socket, so there is neither
//! a second task nor a lock per socket, and several waiting frames leave in one
//! write.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use deskbell_app::Plane;
use futures_util::future::poll_fn;
use futures_util::{Sink as _, SinkExt as _, Stream as _};
use tokio::time::{Instant, Sleep, sleep_until};

use super::closing::Closing;
use super::commands::Commands;
use super::frame::{self, BadFrame, ClientFrame, CommandFrame};
use super::hub::Seat;
use super::pace::Pace;
use super::{HEARTBEAT_MS, count_end};
use crate::problem::Problem;
use crate::state::AppState;
use crate::{request_id, wire};

/// A client that sends nothing is asked after one and a half heartbeats and let
/// go after two and a half.
const ASK_AFTER: Duration = Duration::from_millis(HEARTBEAT_MS * 3 / 2);
const END_AFTER: Duration = Duration::from_millis(HEARTBEAT_MS * 5 / 2);
/// For the answers of commands that were under way at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Lives until something ends it; answers the close to send, or none when the
/// client is gone already.
pub(super) async fn live(
    state: &AppState,
    plane: Plane,
    seat: &Arc<Seat>,
    socket: &mut WebSocket,
) -> Option<Closing> {
    let now = Instant::now();
    let mut session = Session {
        state,
        plane,
        seat,
        socket,
        commands: Commands::new(state, plane),
        pace: Pace::new(plane, &state.config.limits),
        heard: now,
        alarm: Box::pin(sleep_until(now + ASK_AFTER)),
        unflushed: false,
    };
    let closing = loop {
        let ended = match poll_fn(|cx| session.poll_turn(cx)).await {
            Turn::Text(text) => session.received(&text).err(),
            Turn::Answer(answer) => {
                seat.outbox.push(answer);
                None
            }
            Turn::End(closing) => Some(closing),
            Turn::Gone => break None,
        };
        if ended.is_some() {
            break ended;
        }
    };
    // A timeout here only means that a slow client does not get them.
    let _ = tokio::time::timeout(LAST_ANSWERS, Box::pin(session.last_answers())).await;
    count_end(plane, closing.as_ref());
    closing
}

enum Turn {
    Text(Utf8Bytes),
    Answer(Utf8Bytes),
    End(Closing),
    Gone,
}

struct Session<'a> {
    state: &'a AppState,
    plane: Plane,
    seat: &'a Arc<Seat>,
    socket: &'a mut WebSocket,
    commands: Commands<'a>,
    pace: Pace,
    heard: Instant,
    alarm: Pin<Box<Sleep>>,
    unflushed: bool,
}

impl Session<'_> {
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if self.poll_write(cx).is_err() {
            return Poll::Ready(Turn::Gone);
        }
        if let Some(closing) = self.seat.outbox.closing() {
            return Poll::Ready(Turn::End(closing));
        }
        if let Poll::Ready(closing) = self.poll_silence(cx) {
            return Poll::Ready(Turn::End(closing));
        }
        while let Poll::Ready(answer) = self.commands.poll_answer(cx) {
            if let Some(answer) = answer {
                return Poll::Ready(Turn::Answer(answer));
            }
        }
        // A client with many commands under way is not read on: its own socket
        // then tells it to wait.
        if self.commands.has_room() {
            self.poll_read(cx)
        } else {
            Poll::Pending
        }
    }

    /// Writes what waits, as far as the peer takes it, and flushes once.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), axum::Error> {
        self.seat.outbox.register(cx.waker());
        let mut socket = Pin::new(&mut *self.socket);
        loop {
            match socket.as_mut().poll_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => {
                    self.seat.outbox.set_stalled(true);
                    return Ok(());
                }
            }
            self.seat.outbox.set_stalled(false);
            let Some(frame) = self.seat.outbox.pop() else {
                break;
            };
            socket.as_mut().start_send(Message::Text(frame))?;
            self.unflushed = true;
        }
        if self.unflushed
            && let Poll::Ready(flushed) = socket.poll_flush(cx)
        {
            flushed?;
            self.unflushed = false;
        }
        Ok(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let next = match Pin::new(&mut *self.socket).poll_next(cx) {
                Poll::Ready(next) => next,
                Poll::Pending => return Poll::Pending,
            };
            self.heard = Instant::now();
            match next {
                Some(Ok(Message::Text(text))) => return Poll::Ready(Turn::Text(text)),
                Some(Ok(Message::Binary(_))) => return Poll::Ready(Turn::End(Closing::not_text())),
                // The library answers pings by itself. They count as frames all
                // the same: a flood of them is a flood.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    self.unflushed = true;
                    if let Err(wait) = self.pace.count() {
                        return Poll::Ready(Turn::End(Closing::too_fast(wait)));
                    }
                }
                Some(Err(error)) => {
                    let closing = Closing::unreadable(&error.to_string());
                    return Poll::Ready(closing.map_or(Turn::Gone, Turn::End));
                }
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Turn::Gone),
            }
        }
    }

    /// Ready when nothing was heard for too long; asks once before.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Closing> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let silence = self.heard.elapsed();
            let next = if silence >= END_AFTER {
                return Poll::Ready(Closing::silent());
            } else if silence >= ASK_AFTER {
                self.seat.outbox.push(frame::ping());
                END_AFTER
            } else {
                ASK_AFTER
            };
            self.alarm.as_mut().reset(self.heard + next);
        }
        Poll::Pending
    }

    fn received(&mut self, text: &str) -> Result<(), Closing> {
        self.pace.count().map_err(Closing::too_fast)?;
        match frame::read(text) {
            Ok(ClientFrame::Ping) => self.seat.outbox.push(frame::pong()),
            Ok(ClientFrame::Pong) => {}
            Ok(ClientFrame::Command(command)) => self.command(command),
            Ok(ClientFrame::Signal(signal)) => self.commands.signal(self.seat.actor(), signal),
            Ok(ClientFrame::Hello(_)) => {
                let detail = "This socket is logged in already.";
                self.refuse(None, &Problem::field("/type", "unexpected_frame", detail));
            }
            Err(BadFrame { id, problem }) => self.refuse(id.as_deref(), &problem),
        }
        Ok(())
    }

    fn command(&mut self, CommandFrame { id, name, params }: CommandFrame) {
        match wire::command::parse(&name, params, self.plane) {
            Ok(command) => self.commands.command(self.seat.actor(), id, command),
            Err(problem) => self.refuse(Some(&id), &problem),
        }
    }

    /// Answers what never became a command.
    fn refuse(&self, id: Option<&str>, problem: &Problem) {
        let request = request_id::text(self.state.app.ids.uuid());
        let frame = request_id::within_sync(request, || frame::error(id, problem));
        self.seat.outbox.push(frame);
    }

    /// Commands that were taken are finished, even for a client that is gone, and
    /// answered if it is not: their commit may be done already.
    async fn last_answers(&mut self) {
        while !self.commands.is_empty() {
            if let Some(answer) = poll_fn(|cx| self.commands.poll_answer(cx)).await {
                let _ = self.socket.feed(Message::Text(answer)).await;
            }
        }
        let _ = self.socket.flush().await;
    }
}
