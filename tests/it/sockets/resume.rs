//! Resume: with a cursor that holds a client gets exactly what it missed, however
//! often and wherever the connection broke; with any other it is told to resync.

use std::collections::BTreeSet;

use deskbell_store::Cursor;
use deskbell_tests::reducer::text;
use deskbell_tests::{Chance, Socket, both_engines, environment};
use serde_json::{Value, json};

/// What one client has seen over all its connections.
#[derive(Default)]
struct Log {
    events: Vec<String>,
    seqs: Vec<i64>,
    positions: Vec<i64>,
}

impl Log {
    fn note(&mut self, frames: &[Value]) {
        for frame in frames {
            self.events.push(text(&frame["event"], "id"));
            let cursor: Cursor = text(frame, "cursor").parse().expect("a cursor");
            self.positions.push(cursor.position);
            if frame["event"]["type"] == "message.created" {
                self.seqs.extend(frame["event"]["seq"].as_i64());
            }
        }
    }

    fn check(&self, last: i64) {
        let different: BTreeSet<_> = self.events.iter().collect();
        assert_eq!(different.len(), self.events.len(), "an event came twice");
        assert_eq!(
            self.seqs,
            (1..=last).collect::<Vec<_>>(),
            "messages are missing or out of order"
        );
        let ascending = self.positions.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(ascending, "cursors do not ascend: {:?}", self.positions);
    }
}

both_engines! {
    async fn nothing_is_missed_and_nothing_comes_twice(app) {
        let seed = environment::seed().unwrap_or(7);
        let mut chance = Chance::new(seed);
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut desk = ana.connect().await;
        let mut widget = visitor.connect().await;
        app.settle().await;
        let id = visitor.ring("v0", "hello").await;
        let (mut of_desk, mut of_widget, mut last) = (Log::default(), Log::default(), 1);
        for step in 0..120 {
            for _ in 0..chance.below(4) {
                last += 1;
                let body = json!({ "client_msg_id": format!("m{last}"), "text": format!("words {last}") });
                visitor.on(&id, "messages", body).await.ok(201);
                // Sometimes the tail has only part of it when the connection breaks.
                if chance.one_in(3) {
                    app.settle().await;
                }
            }
            if chance.one_in(3) {
                of_desk.note(&desk.events().await);
            }
            if chance.one_in(3) {
                desk = broken(desk, &ana.token, chance.one_in(2), &mut of_desk).await;
            }
            if chance.one_in(3) {
                widget = broken(widget, &visitor.token, chance.one_in(2), &mut of_widget).await;
            }
            if step % 10 == 9 {
                app.settle().await;
            }
        }
        app.settle().await;
        of_desk.note(&desk.events().await);
        of_widget.note(&widget.events().await);
        of_desk.check(last);
        of_widget.check(last);
        desk.close().await;
        widget.close().await;
    }

    async fn other_cursors_are_told_to_resync(app) {
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut desk = ana.connect().await;
        app.settle().await;
        desk.events().await;
        let good = desk.cursor.clone();
        visitor.ring("v1", "hello").await;
        app.settle().await;
        let flipped: String = good.chars().enumerate()
            .map(|(at, c)| if at == 2 { if c == 'A' { 'B' } else { 'A' } } else { c })
            .collect();
        let ahead = text(desk.events().await.last().expect("news"), "cursor");
        for cursor in ["", "garbage", "AAAA", &flipped, &"x".repeat(10_000)] {
            let again = ana.resume(Some(cursor)).await;
            let start: String = cursor.chars().take(30).collect();
            assert_eq!(again.welcome["resumed"], false, "{start:?}");
            assert_eq!(again.welcome["heartbeat_ms"], 25_000);
            again.close().await;
        }
        // A visitor may hold any cursor of the feed: it tells where, not what.
        let again = visitor.resume(Some(&ahead)).await;
        assert_eq!(again.welcome["resumed"], true);
        again.close().await;
        let mut again = ana.resume(Some(&good)).await;
        assert_eq!((&again.welcome["resumed"], &again.welcome["cursor"]), (&json!(true), &json!(good)));
        assert!(again.event_types().await.contains(&"message.created".to_owned()));
        again.close().await;
        desk.close().await;
    }

    async fn a_snapshot_goes_on_from_its_cursor(app) {
        let ana = app.agent("ana").await;
        let desk = ana.connect().await;
        app.settle().await;
        let snapshot = ana.snapshot().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let mut again = ana.resume(snapshot["cursor"].as_str()).await;
        assert_eq!(again.welcome["resumed"], true);
        let kinds: Vec<_> = again.events().await.iter()
            .filter(|f| f["event"]["conversation_id"] == id.as_str())
            .map(|f| text(&f["event"], "type")).collect();
        assert_eq!(kinds, [
            "conversation.created", "conversation.queued", "message.created",
            "conversation.assigned", "routing.decided",
        ]);
        again.close().await;
        desk.close().await;
    }
}

/// Breaks the connection, politely or not, after reading what had come so far or
/// not, and resumes from the last cursor read.
async fn broken(mut socket: Socket, token: &str, politely: bool, log: &mut Log) -> Socket {
    let read: Vec<_> = socket
        .drain()
        .into_iter()
        .filter(|f| f["type"] == "event")
        .collect();
    log.note(&read);
    let (base, path, cursor) = (socket.base(), socket.path.clone(), socket.cursor.clone());
    if politely {
        socket.close().await;
    } else {
        drop(socket);
    }
    let mut again = Socket::open(&base, &path, &[]).await;
    let welcome = again.hello(token, Some(&cursor)).await;
    assert_eq!(welcome["resumed"], true, "{welcome}");
    again
}
