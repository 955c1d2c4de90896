//! Two nodes on one PostgreSQL, and a plugin that hears of events: the node that
//! tells it is killed in the middle. The other one goes on: nothing is lost, nothing
//! is done twice, and each conversation keeps its order.

use std::time::Duration;

use deskbell_tests::guests::zoo_with;
use deskbell_tests::{Agent, Engine, Visitor};
use serde_json::{Value, json};

use super::binary::Deskbell;
use super::desk::{at, history, log_in, text, until, visit};
use super::place::Place;
use crate::plugins::desk::Admin;

const CHATS: usize = 3;
const WORDS: usize = 15;
/// A lease ends six seconds after its last renewal; the rest is for the machine.
const TOLD_WITHIN: Duration = Duration::from_secs(90);
const MESSAGES: &str = "[hooks.events]\ntypes = [\"message.created\"]\n";

/// What the plugin wrote of it, in order; told again it says so.
async fn notes(desk: &Agent, id: &str) -> Vec<String> {
    let all = history(&desk.http, id, 0).await;
    let notes = all.iter().filter(|it| it["sender"]["type"] == "plugin");
    notes.map(|it| text(it, "text")).collect()
}

async fn say(visitor: &Visitor, id: &str, from: usize, to: usize) {
    for n in from..to {
        visitor
            .say(id, &format!("k{n}"), &format!("word {n}"))
            .await;
    }
}

#[tokio::test]
async fn the_node_that_tells_dies_and_nothing_is_lost_or_done_twice() {
    let place = Place::new(Engine::Postgres).await;
    let first = Deskbell::node(&place, "first", "").await;
    let second = Deskbell::node(&place, "second", "").await;
    let admin = Admin {
        agent: log_in(&second.http, "owner@demo.test").await,
    };
    let file = zoo_with("bad-integration", "hearing", MESSAGES);
    let path = admin
        .at_work(&file, "events", json!({ "mode": "note" }))
        .await;
    let desk = log_in(&second.http, "supervisor@demo.test").await;
    let mut chats = Vec::new();
    for _ in 0..CHATS {
        let visitor = visit(&first.http).await;
        let id = visitor.ring("ring", "word 0").await;
        chats.push((visitor, id));
    }
    // While both live, each is told once, whoever took it in.
    for (visitor, id) in &chats {
        say(visitor, id, 1, 5).await;
        let there = until("the first words are told", TOLD_WITHIN, async || {
            let there = notes(&desk, id).await;
            (there.len() >= 5).then_some(there)
        });
        let expected: Vec<_> = (0..5).map(|n| format!("heard: word {n}")).collect();
        assert_eq!(there.await, expected);
    }
    // So much at once that the first node is in the middle of it when it dies.
    for (visitor, id) in &chats {
        say(visitor, id, 5, WORDS).await;
    }
    until("it is in the middle", TOLD_WITHIN, async || {
        (notes(&desk, &chats[0].1).await.len() > 5).then_some(())
    })
    .await;
    first.kill().await;
    for (visitor, id) in &chats {
        let http = at(&visitor.http, &second.http.base);
        let moved = Visitor {
            http,
            ..visitor.clone()
        };
        say(&moved, id, WORDS, WORDS + 5).await;
        let all = WORDS + 5;
        let there = until("all of it is told", TOLD_WITHIN, async || {
            let there = notes(&desk, id).await;
            (there.len() >= all).then_some(there)
        });
        // What was under way may have been told again, and was done once.
        let there: Vec<_> = there
            .await
            .iter()
            .map(|it| it.replace(" again", ""))
            .collect();
        let expected: Vec<_> = (0..all).map(|n| format!("heard: word {n}")).collect();
        assert_eq!(there, expected);
    }
    let parked = admin.get(&format!("{path}/parked-events")).await;
    assert_eq!(parked["items"], Value::Array(Vec::new()));
    assert!(second.stop().await.success());
    place.remove().await;
}
