//! A clean end: asked to stop, the server sends sockets away with a hint, has kept
//! what it acknowledged, and exits with 0.

use deskbell_tests::both_engines;
use futures_util::future::join_all;
use serde_json::json;

use super::binary::Deskbell;
use super::desk::{at, history, log_in, text, visit};
use super::journal::{Ack, Journal};
use super::place::Place;

const VISITORS: usize = 8;
const SENDS: usize = 100;

both_engines! {
    async fn sockets_are_sent_away_and_nothing_is_lost(engine: Engine) {
        let place = Place::new(engine).await;
        let mut server = Deskbell::start(&place, &[]).await;
        let desk = log_in(&server.http, "supervisor@demo.test").await;
        let mut watching = desk.connect().await;
        let mut sockets = Vec::new();
        for _ in 0..VISITORS {
            let visitor = visit(&server.http).await;
            let started = visitor.http.post("/api/v1/widget/conversations", json!({})).await;
            sockets.push((text(&started.ok(201), "id"), visitor.connect().await));
        }
        let mut journal = Journal::default();
        let mut sent = Vec::new();
        for (visitor, (conversation, socket)) in sockets.iter_mut().enumerate() {
            for n in 0..SENDS {
                let key = format!("{visitor}-{n}");
                journal.sends(&key, conversation, &key);
                let params =
                    json!({ "conversation_id": conversation, "client_msg_id": key, "text": key });
                sent.push((visitor, key, socket.start_command("send_message", params).await));
            }
        }
        // The first answer says that they are under way.
        let (visitor, key, id) = sent.remove(0);
        let answer = sockets[visitor].1.answer(&id).await.expect("an ack");
        journal.acked(&key, serde_json::from_value(answer).expect("an ack"));
        server.ask_to_stop().await;
        let closes = sockets.iter_mut().map(|(_, socket)| socket.expect_close());
        for closed in join_all(closes).await.into_iter().chain([watching.expect_close().await]) {
            assert_eq!(closed.code, 4012, "{closed:?}");
            let hint = closed.reason.split_whitespace().find_map(|word| word.parse::<u64>().ok());
            assert!(hint.is_some_and(|millis| millis <= 60_000), "{closed:?}");
        }
        for (visitor, (_, socket)) in sockets.iter_mut().enumerate() {
            let frames = socket.drain();
            for mut frame in frames.into_iter().filter(|frame| frame["type"] == "ack") {
                let is_it = |(by, _, id): &&(usize, String, String)| {
                    *by == visitor && frame["id"] == **id
                };
                let (_, key, _) = sent.iter().find(is_it).expect("an ack of something sent");
                let ack: Ack = serde_json::from_value(frame["result"].take()).expect("an ack");
                journal.acked(key, ack);
            }
        }
        let acks = journal.acks;
        drop(sockets);
        assert!(server.wait().await.success(), "exit code 0");

        let server = Deskbell::start(&place, &[]).await;
        let http = at(&desk.http, &server.http.base);
        for conversation in journal.conversations() {
            journal.read(&conversation, &history(&http, &conversation, 0).await);
        }
        journal.nothing_lost();
        assert!(journal.complaints.is_empty(), "{:#?}", journal.complaints);
        eprintln!("{engine:?}: {acks} of {} were acknowledged before the end", VISITORS * SENDS);
        assert!(server.stop().await.success());
        place.remove().await;
    }
}
