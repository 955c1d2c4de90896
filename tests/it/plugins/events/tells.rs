//! What a plugin is told: everything it asked for from its installation on, in
//! order, and never its own doing.

use deskbell_domain::integration::Effect;
use deskbell_domain::{Actor, Command, EventId, IdSource as _, Who};
use deskbell_tests::both_engines;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::super::desk::Admin;
use super::desk::{Desk, MESSAGES, hearing};

both_engines! {
    async fn it_hears_of_what_comes_after_it(app) {
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "before").await;
        // Not even with the tail behind: its place is in the feed, not in time.
        let admin = Admin::of(&app).await;
        let path = hearing(&admin, "hearing", MESSAGES, json!({ "mode": "note" })).await;
        let desk = Desk { admin, path };
        visitor.say(&id, "v2", "one").await;
        visitor.say(&id, "v3", "two").await;
        app.settle().await;
        // And not of its own notes, which are messages too.
        assert_eq!(desk.notes(&id).await, ["heard: one", "heard: two"]);
        let all = desk.admin.agent.messages(&id).await;
        let note = all.iter().find(|it| it["sender"]["type"] == "plugin").expect("a note");
        assert_eq!((&note["private"], &note["sender"]["name"]), (&json!(true), &json!("Bad integration")));
        let seen = visitor.http.get(&format!("/api/v1/widget/conversations/{id}/messages")).await.ok(200);
        assert!(!seen.to_string().contains("heard"), "{seen}");
        // Installed anew, it begins anew.
        desk.admin.agent.http.delete(&desk.path).await.ok(204);
        visitor.say(&id, "v4", "three").await;
        app.settle().await;
        let plugins = desk.admin.get("/api/v1/plugins").await;
        let body = json!({
            "plugin_id": plugins["items"][0]["id"], "hooks": ["events"], "config": { "mode": "note" },
        });
        desk.admin.install(body).await.ok(201);
        visitor.say(&id, "v5", "four").await;
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["heard: one", "heard: two", "heard: four"]);
    }

    async fn it_hears_of_what_its_manifest_asks_for(app) {
        let admin = Admin::of(&app).await;
        let types = "[hooks.events]\ntypes = [\"conversation.created\", \"conversation.resolved\"]\n";
        let path = hearing(&admin, "hearing", types, json!({ "mode": "note" })).await;
        let desk = Desk { admin, path };
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let id = visitor.ring("v1", "hello").await;
        ana.on(&id, "assign", json!({})).await.ok(200);
        ana.on(&id, "resolve", json!({})).await.ok(200);
        app.settle().await;
        // Resolved by now: notes are for the desk, whatever the status.
        assert_eq!(desk.notes(&id).await, ["heard: conversation.created", "heard: conversation.resolved"]);
    }

    async fn each_conversation_keeps_its_order(app) {
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let mut chats = Vec::new();
        for _ in 0..6 {
            let visitor = app.visitor().await;
            let id = visitor.ring("v0", "0").await;
            chats.push((visitor, id));
        }
        for n in 1..8 {
            for (visitor, id) in &chats {
                visitor.say(id, &format!("v{n}"), &n.to_string()).await;
            }
        }
        app.settle().await;
        let expected: Vec<_> = (0..8).map(|n| format!("heard: {n}")).collect();
        for (_, id) in &chats {
            assert_eq!(desk.notes(id).await, expected);
        }
    }

    async fn what_it_does_is_done_by_the_plugin(app) {
        let desk = Desk::open(&app, json!({ "mode": "set", "name": "crm_id", "value": "C-1" })).await;
        let mut socket = desk.admin.agent.connect().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["heard: hello"]);
        assert_eq!(desk.admin.agent.conversation(&id).await["attributes"], json!({ "crm_id": "C-1" }));
        let told = loop {
            let told = socket.expect_event("conversation.updated").await;
            if told["actor"]["type"] == "plugin" {
                break told;
            }
        };
        assert_eq!(format!("/api/v1/installations/{}", text(&told["actor"], "id")), desk.path);
        assert!(told.get("depth").is_none(), "{told}");
        desk.set(json!({ "mode": "set", "name": "crm_id", "value": null })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.admin.agent.conversation(&id).await["attributes"], json!({}));
        socket.close().await;
    }

    async fn plugins_answer_each_other_three_times_at_most(app) {
        let desk = Desk::open(&app, json!({ "mode": "answer", "text": "a" })).await;
        hearing(&desk.admin, "other", MESSAGES, json!({ "mode": "answer", "text": "b" })).await;
        let id = app.visitor().await.ring("v1", "hi").await;
        app.settle().await;
        let mut notes = desk.notes(&id).await;
        notes.sort();
        assert_eq!(notes, ["a: b: a: hi", "a: b: hi", "a: hi", "b: a: b: hi", "b: a: hi", "b: hi"]);
    }

    async fn what_was_done_is_not_done_twice(app) {
        let desk = Desk::open(&app, json!({ "mode": "nothing" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let installation = desk.admin.get(&desk.path).await;
        let owner = app.actor(&desk.admin.agent.token, deskbell_app::Plane::Agent).await;
        let who = Who::Plugin {
            id: text(&installation, "id").parse().expect("an id"),
            name: "Bad integration".to_owned(),
        };
        let actor = Actor { tenant: owner.tenant, who };
        let note = |event, words: &str| Command::ApplyEffects {
            conversation: id.parse().expect("an id"),
            event,
            depth: 1,
            effects: vec![Effect::AddNote(words.to_owned())],
        };
        let (one, two) = (EventId(app.ids.uuid()), EventId(app.ids.uuid()));
        for (event, words) in [(one, "first"), (one, "again"), (two, "second")] {
            app.app().execute(&actor, note(event, words)).await.expect("done, or done before");
        }
        assert_eq!(desk.notes(&id).await, ["first", "second"]);
        // Nobody else may ask for such a thing, and a plugin for nothing else.
        let refused = app.app().execute(&owner, note(one, "mine")).await;
        assert!(refused.is_err());
        let close = Command::Close { conversation: id.parse().expect("an id"), reason: None };
        assert!(app.app().execute(&actor, close).await.is_err());
    }
}
