//! The same send at two nodes at the same time, several times over, as a client
//! does that changes nodes in doubt: one message, one ack.

use std::collections::{BTreeSet, HashMap};

use deskbell_tests::{Engine, Visitor};
use futures_util::future::join_all;
use serde_json::json;

use super::binary::Deskbell;
use super::desk::{at, history, log_in, text, visit};
use super::journal::Ack;
use super::place::Place;

const VISITORS: usize = 6;
const KEYS: usize = 60;
/// Sockets at each node that send the same.
const SOCKETS: usize = 2;

/// Sends every key over one socket; answers the acks in their order.
async fn all_keys(visitor: &Visitor, conversation: &str) -> Vec<Ack> {
    let mut socket = visitor.connect().await;
    let mut asked = Vec::new();
    for n in 0..KEYS {
        let key = format!("key{n}");
        let params = json!({ "conversation_id": conversation, "client_msg_id": key, "text": key });
        asked.push(socket.start_command("send_message", params).await);
    }
    let mut acks = Vec::new();
    for id in asked {
        let answer = socket
            .answer(&id)
            .await
            .unwrap_or_else(|problem| panic!("{problem}"));
        acks.push(serde_json::from_value(answer).expect("an ack"));
    }
    socket.close().await;
    acks
}

#[tokio::test]
async fn a_send_at_two_nodes_at_once_is_one_message() {
    let place = Place::new(Engine::Postgres).await;
    let first = Deskbell::node(&place, "first", "").await;
    let second = Deskbell::node(&place, "second", "").await;
    let desk = log_in(&first.http, "supervisor@demo.test").await;
    let visitors = (0..VISITORS).map(async |_| {
        let visitor = visit(&first.http).await;
        let elsewhere = Visitor {
            http: at(&visitor.http, &second.http.base),
            ..visitor.clone()
        };
        let started = visitor
            .http
            .post("/api/v1/widget/conversations", json!({}))
            .await;
        let id = text(&started.ok(201), "id");
        let doors = [&visitor, &elsewhere].repeat(SOCKETS);
        let acks = join_all(doors.into_iter().map(|door| all_keys(door, &id))).await;
        for others in &acks[1..] {
            assert_eq!(*others, acks[0], "everybody gets the first ack");
        }
        let seqs: BTreeSet<i64> = acks[0].iter().map(|ack| ack.seq).collect();
        assert_eq!(seqs, (1..=KEYS as i64).collect(), "dense");
        let there = history(&desk.http, &id, 0).await;
        let found: HashMap<_, _> = there
            .iter()
            .map(|m| (text(m, "client_msg_id"), text(m, "id")))
            .collect();
        assert_eq!(
            (there.len(), found.len()),
            (KEYS, KEYS),
            "every message once"
        );
        for (n, ack) in acks[0].iter().enumerate() {
            assert_eq!(found[&format!("key{n}")], ack.message_id);
        }
    });
    join_all(visitors).await;
    assert!(first.stop().await.success());
    assert!(second.stop().await.success());
    place.remove().await;
}
