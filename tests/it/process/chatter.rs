//! Somebody who writes without pause: keeps a number of sends in flight, repeats
//! after a reconnect what was never acknowledged, and follows the events.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use deskbell_tests::Socket;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::desk::{number, text};
use super::journal::{Ack, Journal};

/// How a socket ends whose server was killed. A code would be the server's own
/// wish to end it.
const BROKEN: u16 = 1006;

/// What all chatters of a test have in common.
#[derive(Default)]
pub(super) struct Room {
    pub(super) journal: RefCell<Journal>,
    progress: RefCell<Progress>,
    changed: Notify,
}

#[derive(Default, Clone, Copy)]
struct Progress {
    /// Chatters whose window was filled since the last start.
    full: usize,
    in_flight: usize,
    /// Acks since all were full.
    acks: usize,
}

impl Room {
    /// For a new start of the server.
    pub(super) fn reset(&self) {
        *self.progress.borrow_mut() = Progress::default();
    }

    pub(super) fn in_flight(&self) -> usize {
        self.progress.borrow().in_flight
    }

    /// A chatter has as many sends in flight as it wants.
    fn filled(&self, in_flight: usize) {
        let mut now = self.progress.borrow_mut();
        now.full += 1;
        now.in_flight += in_flight;
        self.changed.notify_waiters();
    }

    /// One more ack; answers how many there were since all write.
    fn ack(&self) -> usize {
        let mut now = self.progress.borrow_mut();
        now.acks += 1;
        now.acks
    }

    /// Until this many chatters have filled their windows.
    pub(super) async fn all_write(&self, chatters: usize) {
        loop {
            let changed = self.changed.notified();
            if self.progress.borrow().full == chatters {
                break;
            }
            changed.await;
        }
        self.progress.borrow_mut().acks = 0;
    }
}

pub(super) struct Chatter {
    pub(super) name: String,
    /// The socket's path.
    path: &'static str,
    pub(super) token: String,
    /// The conversations this one writes into, in turn.
    pub(super) conversations: Vec<String>,
    pub(super) window: usize,
    cursor: Option<String>,
    /// The numbers of the sends without an ack.
    unacked: BTreeSet<usize>,
    sends: usize,
    /// The last that got one: it is repeated too.
    last_acked: Option<usize>,
    /// The last seq heard of each conversation.
    heard: HashMap<String, i64>,
    pub(super) resumed: usize,
    pub(super) resyncs: usize,
}

impl Chatter {
    pub(super) fn new(name: &str, path: &'static str, token: String, window: usize) -> Self {
        Self {
            name: name.to_owned(),
            path,
            token,
            conversations: Vec::new(),
            window,
            cursor: None,
            unacked: BTreeSet::new(),
            sends: 0,
            last_acked: None,
            heard: HashMap::new(),
            resumed: 0,
            resyncs: 0,
        }
    }

    /// Writes until the connection ends. At each ack `on_ack` is told how many
    /// there were since all write.
    pub(super) async fn write(&mut self, base: &str, room: &Room, on_ack: &dyn Fn(usize)) {
        let mut socket = self.connect(base).await;
        let mut in_flight = self.repeat(&mut socket).await;
        let mut full = false;
        let closed = loop {
            while in_flight < self.window {
                let number = self.compose(room);
                self.send(&mut socket, number).await;
                in_flight += 1;
            }
            if !full {
                full = true;
                room.filled(in_flight);
            }
            match socket.next("an answer").await {
                Ok(frame) => {
                    if self.take_in(frame, room) {
                        in_flight -= 1;
                        on_ack(room.ack());
                    }
                }
                Err(closed) => break closed,
            }
        };
        self.cursor = Some(socket.cursor.clone());
        if closed.code != BROKEN {
            room.journal
                .borrow_mut()
                .complain(format!("{}: {closed:?}", self.name));
        }
    }

    async fn connect(&mut self, base: &str) -> Socket {
        let mut socket = Socket::open(base, self.path, &[]).await;
        let welcome = socket.hello(&self.token, self.cursor.as_deref()).await;
        let resumed = welcome["resumed"] == true;
        match (self.cursor.is_some(), resumed) {
            (true, true) => self.resumed += 1,
            (true, false) => self.resyncs += 1,
            (false, _) => {}
        }
        if !resumed {
            self.heard.clear();
        }
        socket
    }

    /// Sends again what was never acknowledged, and one that was, as a client does
    /// that lost the ack; answers how many that were.
    async fn repeat(&mut self, socket: &mut Socket) -> usize {
        let again: Vec<usize> = self
            .last_acked
            .into_iter()
            .chain(self.unacked.clone())
            .collect();
        for number in &again {
            self.send(socket, *number).await;
        }
        again.len()
    }

    /// Repeats what was never acknowledged, sends nothing new, and listens until
    /// everything up to `seqs` was heard.
    pub(super) async fn settle(
        &mut self,
        base: &str,
        room: &Room,
        seqs: impl AsyncFn() -> HashMap<String, i64>,
    ) {
        let mut socket = self.connect(base).await;
        let mut in_flight = self.repeat(&mut socket).await;
        while in_flight > 0 {
            let frame = socket.next("an answer").await.expect("the server is there");
            if self.take_in(frame, room) {
                in_flight -= 1;
            }
        }
        let seqs = seqs().await;
        // One that had to resync knows no beginning, and so no end either.
        while self
            .heard
            .iter()
            .any(|(conversation, seq)| *seq < seqs[conversation])
        {
            let frame = socket.next("an event").await.expect("the server is there");
            self.take_in(frame, room);
        }
        socket.close().await;
    }

    fn compose(&mut self, room: &Room) -> usize {
        let number = self.sends;
        self.sends += 1;
        let key = self.key(number);
        let mut journal = room.journal.borrow_mut();
        journal.sends(&key, self.conversation(number), &format!("says {key}"));
        self.unacked.insert(number);
        number
    }

    fn conversation(&self, number: usize) -> &str {
        &self.conversations[number % self.conversations.len()]
    }

    fn key(&self, number: usize) -> String {
        format!("{}-{number}", self.name)
    }

    async fn send(&mut self, socket: &mut Socket, number: usize) {
        let key = self.key(number);
        let params = json!({
            "conversation_id": self.conversation(number),
            "client_msg_id": key,
            "text": format!("says {key}"),
        });
        let id = number.to_string();
        let frame =
            json!({ "type": "command", "id": id, "name": "send_message", "params": params });
        socket.send(frame).await;
    }

    /// True when it was the answer to a send.
    fn take_in(&mut self, mut frame: Value, room: &Room) -> bool {
        match frame["type"].as_str() {
            Some("ack") => {
                let number: usize = text(&frame, "id").parse().expect("one of our ids");
                let ack: Ack = serde_json::from_value(frame["result"].take()).expect("an ack");
                self.unacked.remove(&number);
                self.last_acked = Some(number);
                room.journal.borrow_mut().acked(&self.key(number), ack);
                true
            }
            Some("error") => {
                room.journal
                    .borrow_mut()
                    .complain(format!("{}: {frame}", self.name));
                true
            }
            Some("event") if frame["event"]["type"] == "message.created" => {
                self.hear(&frame["event"], room);
                false
            }
            _ => false,
        }
    }

    /// Between two events there is no hole, and nothing comes twice, also when the
    /// server was killed between them.
    fn hear(&mut self, event: &Value, room: &Room) {
        let (conversation, seq) = (text(event, "conversation_id"), number(event, "seq"));
        if let Some(last) = self.heard.insert(conversation.clone(), seq)
            && seq != last + 1
        {
            let what = format!("{}: {conversation}: event {seq} after {last}", self.name);
            room.journal.borrow_mut().complain(what);
        }
    }
}
