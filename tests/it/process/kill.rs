//! `kill -9` of the real server at random moments, with many sends in flight.
//!
//! After each, every acknowledged message is there exactly once under the seq it
//! was acknowledged with, histories have neither holes nor doubles, what was not
//! acknowledged is repeated without doubling, and sockets resume without a gap.
//! `DESKBELL_KILLS` says how many in all; `make torture` does thousands.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use deskbell_tests::{Agent, Chance, Engine, environment};
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::timeout;

use super::binary::Deskbell;
use super::chatter::{Chatter, Room};
use super::desk::{all, at, history, log_in, number, text, until, visit};
use super::place::{Place, chance};

const VISITORS: usize = 24;
const VISITOR_WINDOW: usize = 3;
const AGENT_WINDOW: usize = 16;
/// In flight at every kill, at the least.
const IN_FLIGHT: usize = 64;
/// Half of the kills come right upon an ack, the others after some time.
const LATEST_ACK: usize = 200;
const LATEST: Duration = Duration::from_millis(150);
/// From the start of a server to the kill.
const ROUND_WITHIN: Duration = Duration::from_secs(60);
/// Agents log in again long before their tokens run out.
const LOG_IN_EVERY: Duration = Duration::from_secs(300);

const AGENTS: [&str; 2] = ["ana@demo.test", "ben@demo.test"];

/// One desk under torture.
struct Torture {
    place: Place,
    settings: Vec<(&'static str, &'static str)>,
    chance: Chance,
    room: Room,
    chatters: Vec<Chatter>,
    conversations: Vec<String>,
    /// An agent who reads histories.
    reader: Agent,
    logged_in: Instant,
    starts: Vec<Duration>,
}

impl Torture {
    async fn new(engine: Engine, name: &str, settings: &[(&'static str, &'static str)]) -> Self {
        let chance = chance(name);
        let place = Place::new(engine).await;
        // The preparation is without a planted bug.
        let server = Deskbell::start(&place, &[]).await;
        let mut torture = Self {
            place,
            settings: settings.to_vec(),
            chance,
            room: Room::default(),
            chatters: Vec::new(),
            conversations: Vec::new(),
            reader: log_in(&server.http, "supervisor@demo.test").await,
            logged_in: Instant::now(),
            starts: Vec::new(),
        };
        torture.people(&server).await;
        server.kill().await;
        torture
    }

    /// Visitors with a conversation each, two agents who have room for them all.
    async fn people(&mut self, server: &Deskbell) {
        let http = &server.http;
        let owner = log_in(http, "owner@demo.test").await;
        let mut sockets = Vec::new();
        for email in AGENTS {
            let agent = log_in(http, email).await;
            let path = format!("/api/v1/agents/{}", agent.id);
            owner
                .http
                .patch(&path, json!({ "capacity": 100 }))
                .await
                .ok(200);
            sockets.push(agent.connect().await);
            let path = "/api/v1/agent/socket";
            self.chatters
                .push(Chatter::new(email, path, agent.token, AGENT_WINDOW));
        }
        for n in 0..VISITORS {
            let visitor = visit(http).await;
            let answer = visitor
                .http
                .post("/api/v1/widget/conversations", json!({}))
                .await;
            let id = text(&answer.ok(201), "id");
            let (name, path) = (format!("visitor{n}"), "/api/v1/widget/socket");
            let mut chatter = Chatter::new(&name, path, visitor.token, VISITOR_WINDOW);
            chatter.conversations.push(id.clone());
            self.chatters.push(chatter);
            self.conversations.push(id);
        }
        for agent in &mut self.chatters[..AGENTS.len()] {
            agent.conversations.clone_from(&self.conversations);
        }
        let reader = &self.reader.http;
        until(
            "all conversations are assigned",
            Duration::from_secs(10),
            async || {
                let active = all(reader, "/conversations?status=active&limit=200").await;
                (active.len() == VISITORS).then_some(())
            },
        )
        .await;
        for socket in sockets {
            socket.close().await;
        }
    }

    async fn start(&mut self) -> Deskbell {
        let begun = Instant::now();
        let server = Deskbell::start(&self.place, &self.settings).await;
        self.starts.push(begun.elapsed());
        self.reader.http = at(&self.reader.http, &server.http.base);
        if self.logged_in.elapsed() > LOG_IN_EVERY {
            self.logged_in = Instant::now();
            self.reader = log_in(&server.http, "supervisor@demo.test").await;
            for (email, chatter) in AGENTS.iter().zip(&mut self.chatters) {
                chatter.token = log_in(&server.http, email).await.token;
            }
        }
        server
    }

    /// Reads what is new in every history.
    async fn read(&self) {
        let reads = self.conversations.iter().map(async |id| {
            let after = self.room.journal.borrow().read_up_to(id);
            (id, history(&self.reader.http, id, after).await)
        });
        let histories = join_all(reads).await;
        let mut journal = self.room.journal.borrow_mut();
        for (id, messages) in histories {
            journal.read(id, &messages);
        }
        journal.nothing_lost();
    }

    /// Start, check what the last kill left, write, kill.
    async fn round(&mut self) {
        let server = RefCell::new(self.start().await);
        self.read().await;
        self.room.reset();
        let upon_ack = self.chance.one_in(2);
        let count = self.chance.below(LATEST_ACK) + 1;
        let wait = LATEST.mul_f64(self.chance.below(1_000) as f64 / 1_000.0);
        let (room, base, all) = (
            &self.room,
            server.borrow().http.base.clone(),
            self.chatters.len(),
        );
        // Between the ack and the kill nothing else is done.
        let fatal = Cell::new(usize::MAX);
        let on_ack = |acks: usize| {
            if acks == fatal.get() {
                server.borrow_mut().kill_now();
            }
        };
        let chatters = self.chatters.iter_mut();
        let writing = join_all(chatters.map(|chatter| chatter.write(&base, room, &on_ack)));
        let killing = async {
            room.all_write(all).await;
            if upon_ack {
                fatal.set(count);
            } else {
                let _ = timeout(wait, std::future::pending::<()>()).await;
                server.borrow_mut().kill_now();
            }
        };
        timeout(ROUND_WITHIN, async { tokio::join!(writing, killing) })
            .await
            .expect("all write, and are cut off by the kill");
        server.into_inner().wait().await;
        let in_flight = self.room.in_flight();
        assert!(in_flight >= IN_FLIGHT, "{in_flight} in flight");
    }

    fn complaints(&self) -> Vec<String> {
        self.room.journal.borrow().complaints.clone()
    }

    /// Everything is repeated until acknowledged, heard by all, and read again.
    async fn settle(&mut self) {
        let server = self.start().await;
        self.read().await;
        let (room, base) = (&self.room, server.http.base.clone());
        let (reader, conversations) = (&self.reader, &self.conversations);
        let seqs = async || {
            let all = conversations.iter().map(async |id| {
                (
                    id.clone(),
                    number(&reader.conversation(id).await, "last_seq"),
                )
            });
            join_all(all).await.into_iter().collect::<HashMap<_, _>>()
        };
        join_all(
            self.chatters
                .iter_mut()
                .map(|chatter| chatter.settle(&base, room, seqs)),
        )
        .await;
        self.read().await;
        for id in &self.conversations {
            let again = history(&self.reader.http, id, 0).await;
            self.room.journal.borrow_mut().same_again(id, &again);
        }
        self.room.journal.borrow_mut().nothing_missing();
        assert!(server.stop().await.success(), "a clean end");
    }

    fn report(&mut self, name: &str, kills: usize) {
        self.starts.sort();
        let resumed: usize = self.chatters.iter().map(|chatter| chatter.resumed).sum();
        let resyncs: usize = self.chatters.iter().map(|chatter| chatter.resyncs).sum();
        let journal = self.room.journal.borrow();
        eprintln!(
            "{name}: {kills} kills, {} acks, {} acks of repeats, {resumed} sockets resumed, \
             {resyncs} told to resync, start {:?} in the median, {:?} at most",
            journal.acks,
            journal.repeats,
            self.starts[self.starts.len() / 2],
            self.starts[self.starts.len() - 1],
        );
    }
}

async fn nothing_is_lost(engine: Engine, name: &str) {
    let mut torture = Torture::new(engine, name, &[]).await;
    // Half of them on each engine.
    let kills = environment::kills().div_ceil(2);
    for kill in 1..=kills {
        torture.round().await;
        let complaints = torture.complaints();
        assert!(complaints.is_empty(), "kill {kill}: {complaints:#?}");
    }
    torture.settle().await;
    torture.report(name, kills);
    let complaints = torture.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    torture.place.remove().await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_on_sqlite() {
    nothing_is_lost(Engine::Sqlite, "kill, SQLite").await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_on_postgres() {
    nothing_is_lost(Engine::Postgres, "kill, PostgreSQL").await;
}

/// The planted bug: answering before the commit. The checks above find it.
async fn an_early_ack_is_found(engine: Engine) {
    const KILLS: usize = 80;
    let name = format!("kill, {engine:?}, planted bug");
    let fault = [("DESKBELL_FAULT", "ack_before_commit")];
    let mut torture = Torture::new(engine, &name, &fault).await;
    for kill in 1..=KILLS {
        torture.round().await;
        let server = torture.start().await;
        torture.read().await;
        server.kill().await;
        let complaints = torture.complaints();
        if let Some(lost) = complaints
            .iter()
            .find(|complaint| complaint.contains("lost, though"))
        {
            eprintln!("{name}: found after {kill} kills: {lost}");
            torture.place.remove().await;
            return;
        }
    }
    panic!("{KILLS} kills did not find that acks come before the commit");
}

#[tokio::test]
async fn an_ack_before_the_commit_is_found_on_sqlite() {
    an_early_ack_is_found(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_ack_before_the_commit_is_found_on_postgres() {
    an_early_ack_is_found(Engine::Postgres).await;
}
