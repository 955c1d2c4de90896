//! Agents who race for last slots: they take, assign, hand over, give back and
//! resolve as fast as they can, on one node or two, while the router assigns.
//!
//! A supervisor's socket tells everything in the order it was committed. Played
//! back, nobody ever has more than their capacity, not even for a moment. When
//! the hands rest, nobody waits whom somebody could serve.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use deskbell_store::{Store, StoreError, StoreOptions};
use deskbell_tests::{Agent, Chance, Engine, Http, PASSWORD, Socket, Visitor, environment};
use futures_util::future::join_all;
use serde_json::json;

use super::binary::Deskbell;
use super::desk::{all, at, log_in, number, text, until, visit};
use super::place::{Place, chance};
use ledger::Ledger;

mod ledger;

const AGENTS: usize = 6;
const VISITORS: usize = 16;
/// Moves of all agents together.
const MOVES: usize = 1_800;
/// "Assigned within a second after room appears", and the debug build's share.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);

struct Race {
    agents: Vec<(Agent, Vec<Http>)>,
    visitors: Vec<(Visitor, String)>,
    moves: Cell<usize>,
    done: Cell<usize>,
}

impl Race {
    /// The agents have one or two seats, so that most moves are for a last one.
    async fn new(owner: &Agent, nodes: &[&Deskbell]) -> Self {
        let teams = all(&owner.http, "/teams?limit=200").await;
        let mut agents = Vec::new();
        for n in 0..AGENTS {
            let email = format!("racer{n}@demo.test");
            let new = json!({
                "email": email, "name": format!("Racer {n}"), "role": "agent",
                "password": PASSWORD, "capacity": 1 + n % 2, "team_ids": [teams[0]["id"]],
            });
            owner.http.post("/api/v1/agents", new).await.ok(201);
            let agent = log_in(&nodes[n % nodes.len()].http, &email).await;
            let doors = nodes
                .iter()
                .map(|node| at(&agent.http, &node.http.base))
                .collect();
            agents.push((agent, doors));
        }
        let mut visitors = Vec::new();
        for n in 0..VISITORS {
            let visitor = visit(&nodes[n % nodes.len()].http).await;
            let started = visitor
                .http
                .post("/api/v1/widget/conversations", json!({}))
                .await;
            visitors.push((visitor, text(&started.ok(201), "id")));
        }
        Self {
            agents,
            visitors,
            moves: Cell::new(0),
            done: Cell::new(0),
        }
    }

    /// One agent's moves, one after the other, each by any node.
    async fn play(&self, me: usize, mut chance: Chance) {
        while self.moves.get() < MOVES {
            self.moves.set(self.moves.get() + 1);
            let (agent, doors) = &self.agents[me];
            let http = chance.pick(doors);
            let other = &chance.pick(&self.agents).0.id;
            let (visitor, conversation) = chance.pick(&self.visitors);
            let (action, body) = match chance.below(12) {
                0..3 => ("assign", json!({})),
                3..5 => ("assign", json!({ "agent_id": other })),
                5..7 => ("transfer", json!({ "agent_id": other })),
                7 => ("unassign", json!({})),
                8 | 9 => ("resolve", json!({ "reason": "done" })),
                10 => {
                    let choice = *chance.pick(&["online", "away", "busy"]);
                    self.choose(me, http, choice).await;
                    continue;
                }
                _ => {
                    self.write(visitor, conversation, chance.bits()).await;
                    continue;
                }
            };
            let path = format!("/api/v1/conversations/{conversation}/{action}");
            let answer = http.post(&path, body).await;
            let known = matches!(answer.status, 200 | 409);
            assert!(
                known,
                "{} {action}: {} {}",
                agent.name, answer.status, answer.text
            );
            if answer.status == 200 {
                self.done.set(self.done.get() + 1);
            }
        }
        let (agent, _) = &self.agents[me];
        self.choose(me, &agent.http, "online").await;
    }

    /// Who is not online is given nothing until they are again.
    async fn choose(&self, me: usize, http: &Http, availability: &str) {
        let path = format!("/api/v1/agents/{}/availability", self.agents[me].0.id);
        let body = json!({ "availability": availability });
        let answer = http.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// A visitor who writes wakes what was resolved, which needs a seat again.
    async fn write(&self, visitor: &Visitor, conversation: &str, n: u64) {
        let body = json!({ "client_msg_id": format!("m{n}"), "text": "still there?" });
        let answer = visitor.on(conversation, "messages", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
}

/// No conversation waits whom an agent could serve, and the desk's own figures
/// agree with what they are made from.
async fn settled(desk: &Agent) -> Option<()> {
    let waiting = all(&desk.http, "/conversations?status=queued&limit=200").await;
    let active = all(&desk.http, "/conversations?status=active&limit=200").await;
    let agents = all(&desk.http, "/agents?limit=200").await;
    let mut seats: HashMap<String, i64> = HashMap::new();
    for conversation in &active {
        *seats
            .entry(text(&conversation["assignee"], "id"))
            .or_default() += 1;
    }
    let mut free = 0;
    for agent in agents.iter().filter(|agent| {
        agent["email"]
            .as_str()
            .is_some_and(|e| e.starts_with("racer"))
    }) {
        let (taken, capacity) = (
            seats.get(&text(agent, "id")).copied().unwrap_or(0),
            number(agent, "capacity"),
        );
        let busy = agent["availability"] == "busy";
        if busy != (taken >= capacity) {
            return None;
        }
        free += (capacity - taken).max(0);
    }
    (waiting.is_empty() || free == 0).then_some(())
}

async fn nobody_is_over_capacity(engine: Engine, nodes: usize) {
    let name = format!("seats, {engine:?}, {nodes} nodes");
    let mut chance = chance(&name);
    let place = Place::new(engine).await;
    let redis = if nodes > 1 {
        environment::redis()
    } else {
        String::new()
    };
    let mut servers = Vec::new();
    for n in 0..nodes {
        servers.push(Deskbell::node(&place, &format!("node{n}"), &redis).await);
    }
    let owner = log_in(&servers[0].http, "owner@demo.test").await;
    let desk = log_in(&servers[0].http, "supervisor@demo.test").await;
    let mut watching = desk.connect().await;
    let race = Race::new(&owner, &servers.iter().collect::<Vec<_>>()).await;
    let mut sockets: Vec<Socket> = Vec::new();
    for (agent, _) in &race.agents {
        sockets.push(agent.connect().await);
    }
    let begun = Instant::now();
    let plays = (0..AGENTS)
        .map(|me| (me, Chance::new(chance.bits())))
        .collect::<Vec<_>>();
    join_all(plays.into_iter().map(|(me, chance)| race.play(me, chance))).await;
    let raced = begun.elapsed();
    until(
        "nobody waits whom somebody could serve",
        SETTLED_WITHIN,
        async || settled(&desk).await,
    )
    .await;
    let settled_after = begun.elapsed() - raced;

    // What is told after everything else was told last.
    let mut ledger = Ledger::new(&all(&desk.http, "/agents?limit=200").await);
    let path = format!("/api/v1/agents/{}", race.agents[0].0.id);
    owner
        .http
        .patch(&path, json!({ "name": "The last word" }))
        .await
        .ok(200);
    loop {
        let frame = watching
            .next("the last word")
            .await
            .expect("the supervisor's socket");
        ledger.hear(&frame);
        if frame["event"]["type"] == "agent.updated" {
            break;
        }
    }
    assert!(ledger.complaints.is_empty(), "{:#?}", ledger.complaints);
    eprintln!(
        "{name}: {} of {MOVES} moves succeeded in {raced:?}, {} seats taken in all, \
         settled {settled_after:?} after the last",
        race.done.get(),
        ledger.taken,
    );
    assert!(
        race.done.get() > MOVES / 20,
        "too few moves succeed to prove anything"
    );
    drop(sockets);
    for server in servers {
        assert!(server.stop().await.success());
    }
    loads_are_counts(&place).await;
    place.remove().await;
}

/// In the database itself: an agent's load is the number of their active chats.
async fn loads_are_counts(place: &Place) {
    let store = Store::open(StoreOptions::new(place.database_url()))
        .await
        .expect("it opens");
    let tenants = store
        .system(|sys| Box::pin(async move { sys.tenants().await }))
        .await;
    let tenants: Result<_, StoreError> = tenants;
    let tenant = tenants.expect("the tenants")[0].id;
    let rows = store.read(tenant, |tx| {
        Box::pin(async move { Ok::<_, StoreError>((tx.agents().await?, tx.active_seats().await?)) })
    });
    let (agents, seats) = rows.await.expect("agents and seats");
    for agent in agents {
        let count = seats.iter().filter(|(of, _)| *of == agent.id).count();
        assert_eq!(agent.load, count as i64, "{}'s load", agent.name);
        assert!(
            agent.load <= agent.capacity,
            "{} is over capacity",
            agent.name
        );
    }
    store.close().await;
}

#[tokio::test]
async fn nobody_is_over_capacity_on_sqlite() {
    nobody_is_over_capacity(Engine::Sqlite, 1).await;
}

#[tokio::test]
async fn nobody_is_over_capacity_on_postgres_with_two_nodes() {
    nobody_is_over_capacity(Engine::Postgres, 2).await;
}
