//! One socket of one person.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::{News, Order};
use crate::book::Book;
use crate::dialect::{Dialect, Heard};
use crate::error::{Error, Outcome};
use crate::subject::{Person, Started};

type WebSocket = WebSocketStream<TcpStream>;

/// Where sockets come from: 127.0.0.2 and on.
const ADDRESSES: usize = 8;
const BUFFER: usize = 4 * 1024;
/// What the pages do; the reference's server asks every 25 seconds by itself.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// Opens the `n`th socket.
pub(super) async fn open(port: u16, path: &str, n: usize) -> Outcome<WebSocket> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(2 + n % ADDRESSES)?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let stream = socket
        .connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(1024 * 1024);
    let url = format!("ws://127.0.0.1:{port}{path}");
    let opened = tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await;
    Ok(opened?.0)
}

/// What a person is in the play.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Visitor {
        conversation: usize,
        receiver: usize,
    },
    Agent {
        receiver: usize,
    },
}

pub(super) struct Voice {
    part: Part,
    token: String,
    dialect: Arc<dyn Dialect>,
    book: Arc<Book>,
    closed_loop: Arc<AtomicBool>,
    tell: mpsc::UnboundedSender<News>,
    conversation: Option<String>,
    /// Sent and not acked: under which number, and when it was due.
    under_way: VecDeque<(u64, Duration)>,
}

impl Voice {
    pub(super) fn new(
        started: &Started,
        person: &Person,
        part: Part,
        book: &Arc<Book>,
        closed_loop: &Arc<AtomicBool>,
        tell: &mpsc::UnboundedSender<News>,
    ) -> Self {
        Self {
            part,
            token: person.token.clone(),
            dialect: started.dialect.clone(),
            book: book.clone(),
            closed_loop: closed_loop.clone(),
            tell: tell.clone(),
            conversation: None,
            under_way: VecDeque::new(),
        }
    }

    /// Until the stage is taken down. An end before that makes the run void.
    pub(super) async fn live(
        mut self,
        mut socket: WebSocket,
        orders: mpsc::UnboundedReceiver<Order>,
    ) {
        if let Err(error) = self.act(&mut socket, orders).await {
            self.book.refused(format!("a socket ended: {error}"));
        }
    }

    async fn act(
        &mut self,
        socket: &mut WebSocket,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) -> Result<(), Error> {
        if let Some(first) = self.dialect.first(&self.token) {
            socket.send(Message::text(first)).await?;
        }
        // Heartbeats of thousands are spread by when each was opened.
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.tick().await;
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => self.obey(socket, order).await?,
                    None => return Ok(()),
                },
                heard = socket.next() => match heard {
                    Some(Ok(Message::Text(frame))) => self.hear(socket, &frame).await?,
                    Some(Ok(Message::Close(why))) => {
                        let why = why.map_or_else(String::new, |why| format!("{} {}", why.code, why.reason));
                        return Err(format!("the server closed it: {why}").into());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error.into()),
                    None => return Err("the server is gone".into()),
                },
                _ = heartbeat.tick() => if let Some(beat) = self.dialect.heartbeat() {
                    socket.send(Message::text(beat)).await?;
                },
            }
        }
    }

    async fn obey(&mut self, socket: &mut WebSocket, order: Order) -> Result<(), Error> {
        match order {
            Order::Ring => socket.send(Message::text(self.dialect.ring())).await?,
            Order::RingAnew => {
                let old = self.conversation.take();
                if let Some(end) = old.and_then(|old| self.dialect.end(&old)) {
                    socket.feed(Message::text(end)).await?;
                }
                socket.send(Message::text(self.dialect.ring())).await?;
            }
            Order::Say(at) => {
                self.book.left(at);
                self.say(socket, at).await?;
            }
            Order::SayOn => self.say_now(socket).await?,
        }
        Ok(())
    }

    async fn say_now(&mut self, socket: &mut WebSocket) -> Result<(), Error> {
        let at = self.book.now();
        self.say(socket, at).await
    }

    async fn say(&mut self, socket: &mut WebSocket, at: Duration) -> Result<(), Error> {
        let (Part::Visitor { conversation, .. }, Some(id)) = (self.part, &self.conversation) else {
            return Err("nobody to say it to".into());
        };
        let letter = self.book.write(conversation, at);
        let frame = self.dialect.say(id, letter.ack, &letter.key, &letter.text);
        self.under_way.push_back((letter.ack, at));
        socket.send(Message::text(frame)).await?;
        Ok(())
    }

    async fn hear(&mut self, socket: &mut WebSocket, frame: &str) -> Result<(), Error> {
        let now = Instant::now();
        match self.dialect.hear(frame, &self.token) {
            Heard::Message(text) => {
                let (Part::Visitor { receiver, .. } | Part::Agent { receiver }) = self.part;
                self.book.heard(receiver, &text, now);
            }
            Heard::Acked(ack) => self.acked(socket, ack, now).await?,
            Heard::Answer(frame) => socket.send(Message::text(frame)).await?,
            Heard::Rung(id) => {
                if let Part::Visitor { conversation, .. } = self.part {
                    let _ = self.tell.send(News::Rung(conversation, id.clone()));
                }
                self.conversation = Some(id);
            }
            Heard::Assigned(id) => {
                if let Part::Agent { receiver: 0 } = self.part {
                    let _ = self.tell.send(News::Assigned(id));
                }
            }
            Heard::Ready => {
                let _ = self.tell.send(News::Ready);
            }
            Heard::Refused(why) => self.book.refused(why),
            Heard::Nothing => {}
        }
        Ok(())
    }

    async fn acked(&mut self, socket: &mut WebSocket, ack: u64, now: Instant) -> Result<(), Error> {
        let Part::Visitor { conversation, .. } = self.part else {
            return Ok(());
        };
        let place = self.under_way.iter().position(|(sent, _)| *sent == ack);
        let at = place.and_then(|place| self.under_way.remove(place));
        let of_this_run = self
            .book
            .acked(conversation, ack, at.map(|(_, at)| at), now);
        if of_this_run && self.closed_loop.load(Ordering::Relaxed) {
            self.say_now(socket).await?;
        }
        Ok(())
    }
}
