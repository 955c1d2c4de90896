//! What no filter could look at waits: sealed, without a number, without an event;
//! and comes in its order when a filter has seen it, or is told to have failed.

use deskbell_tests::{Answer, Engine, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::Talk;
use super::proof::{files, hex, holds, rows};

const TEN_SECONDS: i64 = 10_000;
const DAY: i64 = 24 * 60 * 60_000;
/// A word that is nowhere else.
const SECRET: &str = "quetzalcoatl";

fn held(answer: &Answer) {
    assert_eq!(answer.status, 202, "{}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["code"], "message_held", "{problem}");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|it| it.contains("held")),
        "{problem}"
    );
}

/// Whether the word is on disk in the clear.
async fn is_kept(app: &TestApp) -> bool {
    let mut stored = Vec::new();
    files(&app.config.data_dir, &mut stored);
    if app.engine == Engine::Postgres {
        stored.extend(
            rows(&app.config.database_url)
                .await
                .into_iter()
                .map(String::into_bytes),
        );
    }
    stored
        .iter()
        .any(|bytes| holds(bytes, SECRET.as_bytes()) || holds(bytes, hex(SECRET).as_bytes()))
}

/// The texts of the conversation, as the desk has them.
async fn words(app: &TestApp, talk: &Talk) -> Vec<Value> {
    // Logged in anew: a day may have gone by.
    let messages = app.agent("ana").await.messages(&talk.chat.id).await;
    messages.iter().map(|it| it["text"].clone()).collect()
}

both_engines! {
    async fn it_waits_sealed_and_comes_in_its_order(app) {
        let talk = Talk::with(&app, json!({ "mode": "trap" })).await;
        talk.set(json!({ "on_failure": "hold" })).await;
        let mut desk = talk.chat.ana.connect().await;
        let mut widget = talk.chat.visitor.connect().await;
        app.settle().await;
        desk.events().await;
        let before = talk.chat.ana.conversation(&talk.chat.id).await;
        held(&talk.say_as("h1", &format!("one {SECRET}")).await);
        app.advance(1);
        let said = json!({
            "conversation_id": talk.chat.id, "client_msg_id": "h2", "text": format!("two {SECRET}"),
        });
        let problem = widget.try_command("send_message", said).await.unwrap_err();
        assert_eq!((&problem["code"], &problem["status"]), (&json!("message_held"), &json!(202)));
        app.advance(1);
        let reply = json!({ "client_msg_id": "h3", "text": format!("three {SECRET}") });
        held(&talk.chat.ana.on(&talk.chat.id, "messages", reply).await);
        // Again, while it waits: it waits once.
        held(&talk.say_as("h1", &format!("one {SECRET}")).await);
        app.settle().await;
        assert_eq!(words(&app, &talk).await, ["Where is it?"]);
        assert_eq!(talk.chat.ana.conversation(&talk.chat.id).await, before);
        assert!(!is_kept(&app).await, "it is on disk in the clear");
        let types = desk.event_types().await;
        assert!(types.iter().all(|it| it.starts_with("plugin.")), "{types:?}");
        // Tried again and again, and still not there.
        app.pass(TEN_SECONDS).await;
        app.pass(2 * TEN_SECONDS).await;
        assert_eq!(words(&app, &talk).await.len(), 1);
        // The filter works again: it sees them all, in their order.
        talk.set(json!({ "config": { "mode": "shout" } })).await;
        app.pass(2 * TEN_SECONDS).await;
        assert_eq!(words(&app, &talk).await.len(), 1, "not before its time");
        app.pass(2 * TEN_SECONDS).await;
        let loud = ["ONE", "TWO", "THREE"].map(|it| json!(format!("{it} {}", SECRET.to_uppercase())));
        assert_eq!(words(&app, &talk).await[1..], loud);
        let mut seqs = Vec::new();
        for _ in 0..3 {
            seqs.push(desk.expect_event("message.created").await["seq"].clone());
        }
        assert_eq!(seqs, [json!(2), json!(3), json!(4)]);
        assert!(!is_kept(&app).await, "the words before they were filtered");
        // The sender's repeat gets the acknowledgement it waited for.
        let ack = talk.say_as("h1", "one").await.ok(200);
        assert_eq!(ack["seq"], 2);
        // The search would find it.
        talk.set(json!({ "config": { "mode": "trap" }, "on_failure": "pass" })).await;
        talk.say(SECRET).await.ok(201);
        assert!(is_kept(&app).await);
        app.pass(DAY).await;
        assert_eq!(words(&app, &talk).await.len(), 5, "nothing is sent twice");
        desk.close().await;
        widget.close().await;
    }

    async fn those_behind_one_that_waits_wait_with_it(app) {
        let talk = Talk::with(&app, json!({ "mode": "hold" })).await;
        held(&talk.say_as("h1", "one").await);
        app.advance(1);
        held(&talk.say_as("h2", "two").await);
        talk.set(json!({ "config": { "mode": "hold", "word": "one" } })).await;
        app.pass(TEN_SECONDS).await;
        assert_eq!(words(&app, &talk).await, ["Where is it?"]);
        talk.set(json!({ "config": { "mode": "allow" } })).await;
        app.pass(2 * TEN_SECONDS).await;
        assert_eq!(words(&app, &talk).await, ["Where is it?", "one", "two"]);
    }

    async fn after_a_day_the_sender_hears_that_it_failed(app) {
        let talk = Talk::with(&app, json!({ "mode": "hold" })).await;
        let mut widget = talk.chat.visitor.connect().await;
        held(&talk.say_as("h1", SECRET).await);
        app.advance(1);
        held(&talk.say_as("h2", "another").await);
        let reply = json!({ "client_msg_id": "h3", "text": "an answer" });
        held(&talk.chat.ana.on(&talk.chat.id, "messages", reply).await);
        app.pass(TEN_SECONDS).await;
        widget.events().await;
        app.pass(DAY).await;
        // What an agent could not say is the desk's own business.
        let told = widget.events().await;
        let failed: Vec<_> = told
            .iter()
            .filter(|it| it["event"]["type"] == "message.failed")
            .map(|it| it["event"]["data"].clone())
            .collect();
        let told = |key: &str| json!({ "client_msg_id": key, "code": "not_checked" });
        assert_eq!(failed, [told("h1"), told("h2")]);
        assert_eq!(words(&app, &talk).await, ["Where is it?"]);
        assert!(!is_kept(&app).await);
        widget.close().await;
    }

    async fn what_is_rejected_later_fails_and_what_was_closed_meanwhile_too(app) {
        let talk = Talk::with(&app, json!({ "mode": "hold" })).await;
        let mut widget = talk.chat.visitor.connect().await;
        held(&talk.say_as("h1", "rude words").await);
        app.advance(1);
        held(&talk.say_as("h2", "kind words").await);
        let reject = json!({ "mode": "reject", "text": "No.", "word": "rude" });
        talk.set(json!({ "config": reject })).await;
        talk.chat.ana.on(&talk.chat.id, "close", json!({})).await.ok(200);
        app.pass(TEN_SECONDS).await;
        let first = widget.expect_event("message.failed").await;
        assert_eq!(first["data"], json!({ "client_msg_id": "h1", "code": "message_rejected" }));
        let second = widget.expect_event("message.failed").await;
        let closed = json!({ "client_msg_id": "h2", "code": "conversation_closed" });
        assert_eq!(second["data"], closed);
        assert_eq!(second["actor"]["type"], "visitor");
        // Into a closed one nothing is taken at all.
        talk.set(json!({ "config": { "mode": "hold" } })).await;
        talk.say("more").await.refused(409, "conversation_closed");
        widget.close().await;
    }

    async fn a_restart_forgets_nothing_and_a_stranger_holds_nothing(engine: Engine) {
        let mut app = deskbell_tests::Setup::new(engine).start().await;
        let talk = Talk::with(&app, json!({ "mode": "hold" })).await;
        held(&talk.say_as("h1", "still here").await);
        let stranger = app.visitor().await;
        let body = json!({ "client_msg_id": "s", "text": "not mine" });
        stranger.on(&talk.chat.id, "messages", body).await.refused(404, "not_found");
        talk.set(json!({ "config": { "mode": "allow" } })).await;
        app.restart(deskbell_store::Faults::default()).await;
        app.pass(TEN_SECONDS).await;
        let ana = app.agent("ana").await;
        let messages = ana.messages(&talk.chat.id).await;
        let texts: Vec<_> = messages.iter().map(|it| it["text"].clone()).collect();
        assert_eq!(texts, ["Where is it?", "still here"]);
        app.finish().await;
    }
}
