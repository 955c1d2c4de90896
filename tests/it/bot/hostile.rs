//! Bots at their worst: the conversation is with people at once, the admin sees
//! why, and nobody else notices.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::reducer::text;
use deskbell_tests::{PASSWORD, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Desk, install};
use deskbell_tests::guests::zoo;

/// Rings at a bot of this mode; the conversation must be with people, untouched,
/// and the failure of this kind.
async fn fails(app: &TestApp, desk: &Desk, config: Value, code: &str) {
    let mode = text(&config, "mode");
    let patch = json!({ "config": config });
    desk.owner.http.patch(&desk.path(), patch).await.ok(200);
    app.settle().await;
    let visitor = app.visitor().await;
    let id = visitor.ring("v1", "hello").await;
    app.settle().await;
    let conversation = desk.owner.conversation(&id).await;
    assert_eq!(conversation["status"], "queued", "{mode}");
    assert_eq!(conversation["reason"], "bot_failed", "{mode}");
    assert_eq!(conversation["attributes"], json!({}), "{mode}");
    let note = format!("Bad bot could not go on: {code}.");
    let said = [
        ("visitor".to_owned(), "hello".to_owned()),
        ("system".to_owned(), note),
    ];
    assert_eq!(desk.thread(&id).await, said, "{mode}");
    assert!(desk.failures().await.contains(&code.to_owned()), "{mode}");
    visitor.on(&id, "end", json!({})).await.ok(200);
}

both_engines! {
    async fn whatever_it_does_people_have_the_conversation(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        for (config, code) in [
            (json!({ "mode": "trap" }), "trapped"),
            (json!({ "mode": "loop" }), "cpu_exceeded"),
            (json!({ "mode": "grow" }), "memory_exceeded"),
            (json!({ "mode": "says-error", "text": "no" }), "plugin_failed"),
            (json!({ "mode": "chatter", "actions": 17 }), "bad_answer"),
            (json!({ "mode": "hoard", "bytes": 33_000 }), "bad_answer"),
            (json!({ "mode": "hoard", "bytes": 300_000 }), "output_too_large"),
            (json!({ "mode": "last-word" }), "bad_answer"),
            (json!({ "mode": "no-json" }), "bad_answer"),
            (json!({ "mode": "to-team", "team_id": "'; drop table teams" }), "bad_answer"),
        ] {
            fails(&app, &desk, config, code).await;
        }
        // So much is allowed.
        desk.owner.http.patch(&desk.path(), json!({ "config": { "mode": "chatter", "actions": 16 } })).await.ok(200);
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.status(&id).await, "bot");
        assert_eq!(desk.thread(&id).await.len(), 33, "on the beginning, and on the message");
    }

    async fn it_cannot_fill_a_conversation_with_attributes(app) {
        let desk = Desk::bad(&app, json!({ "mode": "attributes", "count": 16 })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        for n in 2..4 {
            visitor.say(&id, &format!("v{n}"), "more").await;
        }
        app.settle().await;
        let conversation = desk.owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["reason"]), (&json!("queued"), &json!("bot_failed")));
        assert_eq!(conversation["attributes"].as_object().map(|all| all.len()), Some(48), "the fourth answer is refused whole");
        assert_eq!(desk.failures().await, ["bad_answer"]);
    }

    async fn another_tenant_is_out_of_reach(app) {
        let new = NewTenant {
            slug: "quiet".to_owned(),
            name: "Quiet".to_owned(),
            owner_email: "owner@quiet.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let otto = app.agent_of("quiet", "owner@quiet.test").await;
        let team = json!({ "name": "All", "strategy": "least_loaded" });
        let team = text(&otto.http.post("/api/v1/teams", team).await.ok(201), "id");
        let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
        let inbox = otto.http.post("/api/v1/inboxes", inbox).await.ok(201);
        let before = otto.snapshot().await;
        let mut heard = otto.connect().await;
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        // A team of theirs is none of ours, and neither is a bot.
        fails(&app, &desk, json!({ "mode": "to-team", "team_id": team }), "bad_answer").await;
        let path = format!("/api/v1/inboxes/{}", text(&inbox, "id"));
        let refused = otto.http.patch(&path, json!({ "bot": desk.installation })).await;
        refused.refused(422, "invalid_input");
        // Their own bot works while ours burns its time.
        let theirs = install(&otto, zoo("bad-bot").to_vec(), json!({ "mode": "echo" })).await;
        otto.http.patch(&path, json!({ "bot": theirs })).await.ok(200);
        desk.owner.http.patch(&desk.path(), json!({ "config": { "mode": "loop" } })).await.ok(200);
        let ours = app.visitor().await.ring("v1", "hello").await;
        let visitor = app.visitor_at("quiet-web").await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.status(&ours).await, "queued");
        let said: Vec<_> = otto.messages(&id).await.iter().map(|it| text(it, "text")).collect();
        assert_eq!(said, ["hello", "I am listening.", "2: hello"]);
        assert_eq!(before["teams"], otto.snapshot().await["teams"]);
        let events = heard.events().await;
        assert!(events.iter().all(|it| !it.to_string().contains(&ours)), "{events:?}");
    }
}
