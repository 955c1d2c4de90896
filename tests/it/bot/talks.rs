//! A bot that does its work: it greets, asks, answers, hands off, is called back.

use deskbell_store::Faults;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Setup, Visitor, both_engines};
use serde_json::json;

use super::desk::{Desk, answer, asked, read};

const SECOND: i64 = 1_000;

both_engines! {
    async fn it_greets_asks_and_hands_off_with_a_summary(app) {
        let faq = json!([{ "words": ["opening hours"], "answer": "Nine to five." }]);
        let desk = Desk::welcome(&app, json!({ "faq": faq })).await;
        let visitor = app.visitor().await;
        let mut widget = visitor.connect().await;
        let id = visitor.ring("v1", "What are your opening hours?").await;
        app.settle().await;
        let started = widget.expect_event("conversation.created").await;
        assert_eq!(started["data"]["conversation"]["status"], "bot");
        let said = widget.expect_event("message.created").await;
        assert_eq!(said["data"]["message"]["sender"]["type"], "visitor");
        let greeted = widget.expect_event("message.created").await;
        let sender = json!({ "type": "bot", "id": desk.installation, "name": "Welcome bot" });
        assert_eq!(greeted["data"]["message"]["sender"], sender);
        let thread = read(&visitor, &id).await;
        assert_eq!(text(&thread[2], "text"), "Nine to five.");
        // It did not help: on to people, by a button.
        let question = asked(&visitor, &id).await;
        answer(&visitor, &id, "v2", &question, json!({ "choice": "no" })).await.ok(201);
        app.settle().await;
        let conversation = desk.owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["assignee"]), (&json!("queued"), &json!(null)));
        assert_eq!(conversation["reason"], "The bot had no answer");
        assert_eq!(conversation["unread_count"], 2, "what the bot said, nobody has read");
        let note = desk.owner.messages(&id).await.into_iter().find(|it| it["private"] == true);
        let note = note.expect("a note");
        assert_eq!((&note["kind"], &note["sender"]["type"]), (&json!("system"), &json!("bot")));
        assert!(text(&note, "text").contains("opening hours"), "{note}");
        let seen = read(&visitor, &id).await;
        assert!(seen.iter().all(|it| it["kind"] == "text"), "notes are the desk's");
        widget.expect_event("conversation.queued").await;
        assert_eq!(desk.failures().await, Vec::<String>::new());
    }

    async fn buttons_and_forms_are_answers(app) {
        let desk = Desk::bad(&app, json!({ "mode": "ask" })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        let question = asked(&visitor, &id).await;
        assert_eq!(question["attributes"]["question"]["choices"][1], json!({ "id": "lost", "label": "It is lost" }));
        assert_eq!(question["text"], "Which?");
        visitor.say(&id, "v2", "I do not know").await;
        app.settle().await;
        assert_eq!(desk.thread(&id).await.last().map(|it| it.1.clone()).as_deref(), Some("Please choose."));
        desk.answers_first(json!(null)).await.ok(200);
        // The bot's question is not its last word any more.
        answer(&visitor, &id, "v3", &question, json!({ "choice": "late" })).await.refused(409, "question_not_open");
        assert_eq!(desk.status(&id).await, "bot", "whoever is with it stays with it");
    }

    async fn an_answer_is_words_and_values(app) {
        let desk = Desk::bad(&app, json!({ "mode": "ask" })).await;
        let visitor = app.visitor().await;
        let start = json!({});
        let started = visitor.http.post("/api/v1/widget/conversations", start).await.ok(201);
        let id = text(&started, "id");
        app.settle().await;
        let question = asked(&visitor, &id).await;
        let sent = answer(&visitor, &id, "v1", &question, json!({ "choice": "late" })).await.ok(201);
        let again = answer(&visitor, &id, "v1", &question, json!({ "choice": "late" })).await.ok(200);
        assert_eq!(sent, again, "a repeat changes nothing");
        answer(&visitor, &id, "v2", &question, json!({ "choice": "lost" })).await.refused(409, "question_not_open");
        app.settle().await;
        let thread = read(&visitor, &id).await;
        assert_eq!(thread[1]["text"], "It is late");
        assert_eq!(thread[1]["attributes"]["answer"], json!({ "message_id": question["id"], "values": { "choice": "late" } }));
        let form = asked(&visitor, &id).await;
        assert_eq!(form["attributes"]["question"]["form"][1]["type"], "email");
        let filled = json!({ "order": "A-1", "mail": "mia@example.test" });
        answer(&visitor, &id, "v3", &form, filled).await.ok(201);
        app.settle().await;
        let conversation = desk.owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["reason"]), (&json!("queued"), &json!("a late order")));
        assert_eq!(conversation["attributes"], json!({ "topic": "late" }), "answers are the messages' own");
        let note = desk.owner.messages(&id).await.pop().expect("a note");
        assert_eq!(note["text"], "It is about A-1.");
    }

    async fn it_is_called_back_when_it_asked(app) {
        let desk = Desk::bad(&app, json!({ "mode": "call-back", "after_ms": 60_000 })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        app.pass(59 * SECOND).await;
        assert_eq!(desk.thread(&id).await.len(), 1);
        app.pass(SECOND).await;
        assert_eq!(desk.thread(&id).await[1].1, "Woken as asked.");
        app.pass(120 * SECOND).await;
        assert_eq!(desk.thread(&id).await.len(), 2, "once");
    }

    async fn a_restart_loses_nothing(engine: Engine) {
        let mut app = Setup::new(engine).start().await;
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "one").await;
        app.settle().await;
        let before = [("visitor", "one"), ("bot", "I am listening."), ("bot", "2: one")];
        let thread = desk.thread(&id).await;
        assert_eq!(thread.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect::<Vec<_>>(), before);
        // Said, and the server ends before anybody was told of it.
        visitor.say(&id, "v2", "two").await;
        visitor.say(&id, "v3", "three").await;
        app.restart(Faults::default()).await;
        let owner = app.agent("owner").await;
        let said: Vec<_> = owner.messages(&id).await.iter().map(|it| text(it, "text")).collect();
        assert_eq!(said[3..], ["two", "three", "3: two", "4: three"], "in order, one at a time");
        app.finish().await;
    }

    async fn who_says_nothing_for_long_is_not_kept(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let visitor = app.visitor().await;
        let secret = json!({ "inbox": "demo-web", "secret": visitor.secret });
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        app.pass(29 * 60 * SECOND).await;
        let visitor = Visitor::arrive(&app.http, secret.clone()).await;
        visitor.say(&id, "v2", "still here").await;
        app.settle().await;
        app.pass(29 * 60 * SECOND).await;
        let desk = desk.back(&app).await;
        assert_eq!(desk.status(&id).await, "bot");
        app.pass(60 * SECOND).await;
        let conversation = desk.owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["reason"]), (&json!("resolved"), &json!("idle")));
        // Who comes back after that comes to people.
        let visitor = Visitor::arrive(&app.http, secret).await;
        visitor.say(&id, "v3", "back").await;
        app.settle().await;
        assert_eq!(desk.status(&id).await, "queued");
    }

    async fn the_demo_has_an_inbox_with_a_bot(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.plugins = true;
        let app = setup.start().await;
        let owner = app.agent("owner").await;
        let visitor = app.visitor_at("demo-bot").await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(text(&owner.conversation(&id).await, "status"), "bot");
        let bots = owner.http.get("/api/v1/conversations?status=bot").await.ok(200);
        assert_eq!(list(&bots["items"]).len(), 1);
        let other = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(text(&owner.conversation(&other).await, "status"), "queued");
        app.finish().await;
    }
}
