//! Ten thousand first messages that race: each visitor rings many times at once,
//! by REST and by socket, and gets one conversation with every message in it.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use deskbell_tests::{Visitor, both_engines};
use futures_util::StreamExt as _;
use futures_util::future::{join, join_all};
use futures_util::stream;
use serde_json::{Value, json};

use super::binary::Deskbell;
use super::desk::{all, history, log_in, number, text, visit};
use super::place::Place;

const VISITORS: usize = 500;
/// Each visitor's rings: some requests, and two sockets with some commands each.
const REQUESTS: usize = 10;
const SOCKETS: usize = 2;
const COMMANDS: usize = 5;
const RINGS: usize = REQUESTS + SOCKETS * COMMANDS;
/// Visitors who ring at the same time.
const AT_ONCE: usize = 25;
/// For all; it takes a small part of this.
const WITHIN: Duration = Duration::from_secs(300);

fn ring(key: &str) -> Value {
    json!({ "client_msg_id": key, "text": format!("is anybody there? {key}") })
}

async fn by_request(visitor: &Visitor, n: usize) -> (String, Value) {
    let key = format!("request{n}");
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

/// Rings everywhere at once; answers the one conversation and the seq of each key.
async fn rings(visitor: &Visitor) -> (String, HashMap<String, i64>) {
    let requests = join_all((0..REQUESTS).map(|n| by_request(visitor, n)));
    let sockets = join_all((0..SOCKETS).map(|n| by_socket(visitor, n)));
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
    let seqs = answers.iter().map(|(key, answer)| {
        let ack = &answer["ack"];
        assert_eq!(ack["conversation_id"], *conversation, "{answer}");
        (key.clone(), number(ack, "seq"))
    });
    (conversation.clone(), seqs.collect())
}

both_engines! {
    async fn ten_thousand_first_messages(engine: Engine) {
        let place = Place::new(engine).await;
        let server = Deskbell::start(&place, &[]).await;
        let desk = log_in(&server.http, "supervisor@demo.test").await;
        let begun = Instant::now();
        let ringing = stream::iter(0..VISITORS).map(async |_| {
            let visitor = visit(&server.http).await;
            let (conversation, seqs) = rings(&visitor).await;
            let told = history(&desk.http, &conversation, 0).await;
            let found: HashMap<String, i64> = told
                .iter()
                .map(|message| (text(message, "client_msg_id"), number(message, "seq")))
                .collect();
            assert_eq!(found, seqs, "every message once, under the seq of its ack");
            let dense: BTreeSet<i64> = seqs.values().copied().collect();
            assert_eq!(dense, (1..=RINGS as i64).collect(), "dense");
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
        assert!(server.stop().await.success());
        place.remove().await;
    }
}
