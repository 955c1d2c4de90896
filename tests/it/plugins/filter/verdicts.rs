//! What a filter may say, and what becomes of it on each way in.

use deskbell_tests::both_engines;
use deskbell_tests::guests::{built_in, zoo};
use deskbell_tests::reducer::text;
use serde_json::{Value, json};

use super::super::desk::{Admin, canned, path_of};
use super::desk::Talk;

both_engines! {
    async fn a_rewrite_is_what_is_stored_and_told(app) {
        let talk = Talk::with(&app, json!({ "mode": "shout" })).await;
        let mut desk = talk.chat.ana.connect().await;
        let mut widget = talk.chat.visitor.connect().await;
        let body = json!({
            "client_msg_id": "k", "text": "hello", "attributes": { "ref": "ab", "count": 7 },
        });
        talk.chat.visitor.on(&talk.chat.id, "messages", body).await.ok(201);
        app.settle().await;
        let event = desk.expect_event("message.created").await;
        let message = &event["data"]["message"];
        assert_eq!(message["text"], "HELLO");
        let mark = json!({ "bad-filter": {
            "rewritten": ["text", "attributes.ref"], "reason": "It was too quiet.",
        } });
        assert_eq!(message["attributes"], json!({ "ref": "AB", "count": 7, "filter": mark }));
        let event = widget.expect_event("message.created").await;
        let message = &event["data"]["message"];
        assert_eq!(message["attributes"], json!({ "ref": "AB", "count": 7 }));
        assert!(!event.to_string().contains("too quiet"), "{event}");
        // The conversation takes over what the message is about, without the mark.
        let conversation = talk.chat.ana.conversation(&talk.chat.id).await;
        let about = json!({ "order_id": "a-1001", "ref": "AB", "count": 7 });
        assert_eq!(conversation["attributes"], about);
        assert_eq!(conversation["last_message"], "HELLO");
        // Replies, notes, what is corrected, reasons.
        let reply = json!({ "client_msg_id": "a", "text": "one moment" });
        talk.chat.ana.on(&talk.chat.id, "messages", reply).await.ok(201);
        assert_eq!(talk.last().await.0, "ONE MOMENT");
        let note = json!({ "client_msg_id": "n", "text": "vip", "private": true });
        talk.chat.ana.on(&talk.chat.id, "messages", note).await.ok(201);
        assert_eq!(talk.last().await.0, "VIP");
        let path = format!("/api/v1/conversations/{}", talk.chat.id);
        let patch = json!({ "subject": "late", "category": null, "attributes": { "x": "y" } });
        let changed = talk.chat.ana.http.patch(&path, patch).await.ok(200);
        assert_eq!((&changed["subject"], &changed["attributes"]["x"]), (&json!("LATE"), &json!("Y")));
        talk.chat.ana.on(&talk.chat.id, "resolve", json!({ "reason": "done" })).await.ok(200);
        app.settle().await;
        assert_eq!(desk.expect_event("conversation.resolved").await["data"]["reason"], "DONE");
        let rating = json!({ "score": 5, "comment": "good" });
        let rated = talk.chat.visitor.on(&talk.chat.id, "rating", rating).await.ok(200);
        assert_eq!(rated["rating"]["comment"], "GOOD");
        desk.close().await;
        widget.close().await;
    }

    async fn a_saved_reply_is_filtered_as_it_is_filled(app) {
        let talk = Talk::with(&app, json!({ "mode": "shout" })).await;
        canned(&talk.admin, "hi", "Hello, this is {{agent.name}}.").await;
        let shown = talk.chat.use_canned("hi", "c1", true).await.ok(200);
        assert_eq!(shown["text"], "Hello, this is Ana.");
        let sent = talk.chat.use_canned("hi", "c1", false).await.ok(200);
        assert_eq!(sent["text"], "HELLO, THIS IS ANA.");
        assert_eq!(talk.last().await.0, "HELLO, THIS IS ANA.");
        talk.set(json!({ "config": { "mode": "reject", "text": "No." } })).await;
        let again = talk.chat.use_canned("hi", "c1", false).await.ok(200);
        assert_eq!(again["ack"], sent["ack"]);
        talk.chat.use_canned("hi", "c2", false).await.refused(422, "message_rejected");
    }

    async fn an_annotation_is_for_the_desk(app) {
        let config = json!({ "mode": "annotate", "name": "mood", "json": "\"cross\"" });
        let talk = Talk::with(&app, config).await;
        talk.say("Where is it?!").await.ok(201);
        let mark = json!({ "bad-filter": { "mood": "cross" } });
        assert_eq!(talk.last().await, ("Where is it?!".to_owned(), mark));
        let path = format!("/api/v1/widget/conversations/{}/messages", talk.chat.id);
        let own = talk.chat.visitor.http.get(&path).await;
        own.ok(200);
        assert!(!own.text.contains("cross"), "{}", own.text);
        // Nobody writes the desk's mark but the desk.
        let body = json!({ "client_msg_id": "x", "text": "t", "attributes": { "filter": "seen" } });
        let told = talk.chat.visitor.on(&talk.chat.id, "messages", body).await;
        told.refused(422, "invalid_input");
        told.names("/attributes/filter", "reserved");
    }

    async fn a_rejection_is_told_and_leaves_nothing(app) {
        let talk = Talk::with(&app, json!({ "mode": "allow" })).await;
        let first = talk.say_as("k1", "fine").await.ok(201);
        let reject = json!({ "mode": "reject", "text": "Not like this.\u{7}", "word": "rude" });
        talk.set(json!({ "config": reject })).await;
        let problem = talk.say_as("k2", "rude").await.refused(422, "message_rejected");
        assert_eq!(problem["detail"], "Not like this.");
        let mut widget = talk.chat.visitor.connect().await;
        let said = json!({ "conversation_id": talk.chat.id, "client_msg_id": "k3", "text": "rude" });
        let problem = widget.try_command("send_message", said).await.unwrap_err();
        assert_eq!((&problem["code"], &problem["status"]), (&json!("message_rejected"), &json!(422)));
        assert_eq!(talk.last().await.0, "fine");
        // What was sent before was sent, whatever filters say by now.
        assert_eq!(talk.say_as("k1", "rude").await.ok(200), first);
        let path = "/api/v1/widget/conversations";
        let rings = json!({ "client_msg_id": "k1", "text": "rude" });
        let rung = talk.chat.visitor.http.post(path, rings).await.ok(200);
        assert_eq!((&rung["id"], &rung["ack"]), (&json!(talk.chat.id), &first));
        // Nor does a rejection tell of conversations that are not one's own.
        let stranger = app.visitor().await;
        let body = json!({ "client_msg_id": "s", "text": "rude" });
        stranger.on(&talk.chat.id, "messages", body.clone()).await.refused(404, "not_found");
        stranger.http.post(path, body).await.refused(422, "message_rejected");
        let own = stranger.http.get(path).await.ok(200);
        assert_eq!(own["items"], json!([]), "no conversation began");
        widget.close().await;
    }

    async fn filters_are_asked_in_their_order_and_see_what_those_before_made(app) {
        let talk = Talk::with(&app, json!({ "mode": "shout" })).await;
        let config = json!({ "cards": false, "patterns": ["HELLO"], "mask": "#" });
        let second = talk.admin.at_work(&built_in("pii-filter"), "filter", config).await;
        talk.say("hello you").await.ok(201);
        let (words, mark) = talk.last().await;
        assert_eq!(words, "# YOU");
        assert_eq!(mark["pii-filter"], json!({ "rewritten": ["text"] }));
        assert_eq!(mark["bad-filter"]["rewritten"], json!(["text"]));
        talk.admin.patch(&second, json!({ "position": 0 })).await.ok(200);
        talk.say("hello you").await.ok(201);
        assert_eq!(talk.last().await.0, "HELLO YOU");
        talk.admin.agent.http.poke(&format!("{second}/disable")).await.ok(200);
        talk.admin.agent.http.poke(&format!("{}/disable", talk.path)).await.ok(200);
        talk.say("hello you").await.ok(201);
        assert_eq!(talk.last().await, ("hello you".to_owned(), Value::Null));
    }

    async fn what_follows_a_failure_is_the_admins_choice_for_filters_only(app) {
        let admin = Admin::of(&app).await;
        let router = admin.order_variables().await;
        let told = admin.patch(&router, json!({ "on_failure": "hold" })).await;
        told.refused(422, "invalid_input");
        told.names("/on_failure", "not_a_filter");
        let plugin = admin.uploaded(&zoo("bad-filter")).await;
        let body = json!({ "plugin_id": plugin, "hooks": ["filter"], "config": { "mode": "allow" } });
        let installed = admin.install(body).await.ok(201);
        assert_eq!(text(&installed, "on_failure"), "pass");
        let path = path_of(&installed);
        let changed = admin.patch(&path, json!({ "on_failure": "hold" })).await.ok(200);
        assert_eq!(text(&changed, "on_failure"), "hold");
        admin.patch(&path, json!({ "on_failure": "panic" })).await.refused(422, "invalid_input");
        assert_eq!(admin.get(&path).await, changed);
    }
}
