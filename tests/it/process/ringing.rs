//! Ten thousand first messages that race: each visitor rings many times at once,
//! by REST and by socket, some rings twice, on PostgreSQL at two nodes, and gets
//! one conversation with every message in it once.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use deskbell_tests::{Engine, Visitor, both_engines};
use futures_util::StreamExt as _;
use futures_util::future::{join, join_all};
use futures_util::stream;
use serde_json::{Value, json};

use super::binary::Deskbell;
use super::desk::{all, at, history, log_in, number, text, visit};
use super::place::Place;

const VISITORS: usize = 500;
/// Each visitor's rings: some requests, every two of them with the same key, and
/// two sockets with some commands each.
const REQUESTS: usize = 10;
const SOCKETS: usize = 2;
const COMMANDS: usize = 5;
const RINGS: usize = REQUESTS + SOCKETS * COMMANDS;
const MESSAGES: usize = REQUESTS / 2 + SOCKETS * COMMANDS;
/// Visitors who ring at the same time.
const AT_ONCE: usize = 25;
/// For all; it takes a small part of this.
const WITHIN: Duration = Duration::from_secs(600);

fn ring(key: &str) -> Value {
    json!({ "client_msg_id": key, "text": format!("is anybody there? {key}") })
}

async fn by_request(visitor: &Visitor, n: usize) -> (String, Value) {
    let key = format!("request{}", n / 2);
    let answer = visitor
        .http
        .post("/api/v1/widget/conversations", ring(&key))
        .await;
    assert!(
        matches!(answer.status, 200 | 201),
        "{}: {}",
        answer.status,
        answer.text
    );
    (key, answer.json())
}

async fn by_socket(visitor: &Visitor, n: usize) -> Vec<(String, Value)> {
    let mut socket = visitor.connect().await;
    let mut asked = Vec::new();
    for command in 0..COMMANDS {
        let key = format!("socket{n}-{command}");
        let id = socket.start_command("start_conversation", ring(&key)).await;
        asked.push((key, id));
    }
    let mut answers = Vec::new();
    for (key, id) in asked {
        let answer = socket.answer(&id).await;
        answers.push((key, answer.unwrap_or_else(|problem| panic!("{problem}"))));
    }
    socket.close().await;
    answers
}

/// Rings at all doors at once; answers the one conversation and the seq of each
/// key.
async fn rings(doors: &[Visitor]) -> (String, HashMap<String, i64>) {
    let door = |n: usize| &doors[n % doors.len()];
    let requests = join_all((0..REQUESTS).map(|n| by_request(door(n), n)));
    let sockets = join_all((0..SOCKETS).map(|n| by_socket(door(n), n)));
    let (requests, sockets) = join(requests, sockets).await;
    let answers: Vec<_> = requests
        .into_iter()
        .chain(sockets.into_iter().flatten())
        .collect();
    let conversations: BTreeSet<_> = answers
        .iter()
        .map(|(_, answer)| text(answer, "id"))
        .collect();
    assert_eq!(
        conversations.len(),
        1,
        "one conversation: {conversations:?}"
    );
    let conversation = conversations.into_iter().next().unwrap_or_default();
    let mut seqs = HashMap::new();
    for (key, answer) in answers {
        let ack = &answer["ack"];
        assert_eq!(ack["conversation_id"], *conversation, "{answer}");
        let seq = number(ack, "seq");
        let first = *seqs.entry(key.clone()).or_insert(seq);
        assert_eq!(seq, first, "{key} has one ack");
    }
    (conversation, seqs)
}

both_engines! {
    async fn ten_thousand_first_messages(engine: Engine) {
        let place = Place::new(engine).await;
        let nodes = match engine {
            Engine::Sqlite => vec![Deskbell::start(&place, &[]).await],
            Engine::Postgres => vec![
                Deskbell::node(&place, "first", "").await,
                Deskbell::node(&place, "second", "").await,
            ],
        };
        let desk = log_in(&nodes[0].http, "supervisor@demo.test").await;
        let begun = Instant::now();
        let ringing = stream::iter(0..VISITORS).map(async |_| {
            let visitor = visit(&nodes[0].http).await;
            let door = |node: &Deskbell| Visitor {
                http: at(&visitor.http, &node.http.base),
                ..visitor.clone()
            };
            let doors: Vec<_> = nodes.iter().map(door).collect();
            let (conversation, seqs) = rings(&doors).await;
            let told = history(&desk.http, &conversation, 0).await;
            let found: HashMap<String, i64> = told
                .iter()
                .map(|message| (text(message, "client_msg_id"), number(message, "seq")))
                .collect();
            assert_eq!(found, seqs, "every message once, under the seq of its ack");
            let dense: BTreeSet<i64> = seqs.values().copied().collect();
            assert_eq!(dense, (1..=MESSAGES as i64).collect(), "dense");
            conversation
        });
        let ringing = ringing.buffer_unordered(AT_ONCE).collect::<BTreeSet<_>>();
        let made = tokio::time::timeout(WITHIN, ringing).await.expect("all ring in time");
        assert_eq!(made.len(), VISITORS);
        // Nothing else was made on the way and left behind.
        let there = all(&desk.http, "/conversations?limit=200").await;
        let there: BTreeSet<_> = there.iter().map(|conversation| text(conversation, "id")).collect();
        assert_eq!(there, made);
        eprintln!("{engine:?}: {} rings in {:?}", VISITORS * RINGS, begun.elapsed());
        for node in nodes {
            assert!(node.stop().await.success());
        }
        place.remove().await;
    }
}
