//! A filter at its worst: what people wrote passes with a mark, or waits, as the
//! tenant chose; and nobody else notices.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::Talk;

/// A mode of the bad filter, and the code of what it comes to.
fn modes() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "mode": "trap" }), "trapped"),
        (json!({ "mode": "loop" }), "cpu_exceeded"),
        (
            json!({ "mode": "huge-rewrite", "bytes": 4_001 }),
            "bad_answer",
        ),
        (
            json!({ "mode": "huge-rewrite", "bytes": 100_000 }),
            "output_too_large",
        ),
        (json!({ "mode": "unknown-field" }), "bad_answer"),
        (json!({ "mode": "control-characters" }), "bad_answer"),
        (json!({ "mode": "empty-text" }), "bad_answer"),
        (json!({ "mode": "nonsense" }), "bad_answer"),
        (json!({ "mode": "odd-annotation" }), "bad_answer"),
        (
            json!({ "mode": "says-error", "text": "no" }),
            "plugin_failed",
        ),
        (json!({ "mode": "no-such-mode" }), "plugin_failed"),
    ]
}

/// The owner of another tenant with an inbox of its own.
async fn neighbour(app: &TestApp) -> Agent {
    let new = NewTenant {
        slug: "quiet".to_owned(),
        name: "Quiet".to_owned(),
        owner_email: "owner@quiet.test".to_owned(),
        owner_name: "Otto".to_owned(),
        owner_password: PASSWORD.to_owned(),
    };
    app.app().create_tenant(new).await.expect("a tenant");
    let owner = app.agent_of("quiet", "owner@quiet.test").await;
    let team = json!({ "name": "All", "strategy": "manual" });
    let team = text(&owner.http.post("/api/v1/teams", team).await.ok(201), "id");
    let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
    owner.http.post("/api/v1/inboxes", inbox).await.ok(201);
    owner
}

both_engines! {
    async fn it_passes_with_a_mark_and_a_note(app) {
        let talk = Talk::with(&app, json!({ "mode": "allow" })).await;
        for (config, code) in modes() {
            talk.set(json!({ "config": config })).await;
            let words = format!("Is it {config}?");
            talk.say(&words).await.ok(201);
            let mark = json!({ "bad-filter": { "unfiltered": code } });
            assert_eq!(talk.last().await, (words, mark), "{config}");
            let failures = talk.failures(&app).await;
            assert_eq!(failures[0], ("filter".to_owned(), code.to_owned()), "{config}");
            app.advance(1_000);
        }
        let path = format!("/api/v1/widget/conversations/{}/messages", talk.chat.id);
        let own = talk.chat.visitor.http.get(&path).await;
        own.ok(200);
        assert!(!own.text.contains("unfiltered"), "{}", own.text);
        // What is no message passes too, and the failure is noted.
        talk.chat.ana.on(&talk.chat.id, "resolve", json!({ "reason": "done" })).await.ok(200);
        let rating = json!({ "score": 4, "comment": "fine" });
        let rated = talk.chat.visitor.on(&talk.chat.id, "rating", rating).await.ok(200);
        assert_eq!(rated["rating"]["comment"], "fine");
        // The next filter in line still does its work.
        let config = json!({ "cards": true });
        let file = deskbell_tests::guests::built_in("pii-filter");
        talk.admin.at_work(&file, "filter", config).await;
        talk.say("4111 1111 1111 1111").await.ok(201);
        let (words, mark) = talk.last().await;
        assert_eq!(words, "[removed]");
        assert_eq!(mark["bad-filter"]["unfiltered"], "plugin_failed");
    }

    async fn closed_it_refuses_and_keeps_nothing(app) {
        let talk = Talk::with(&app, json!({ "mode": "allow" })).await;
        let first = talk.say_as("k1", "before").await.ok(201);
        talk.set(json!({ "on_failure": "hold" })).await;
        for (config, _) in modes() {
            talk.set(json!({ "config": config })).await;
            let comment = json!({ "reason": "secret" });
            let told = talk.chat.ana.on(&talk.chat.id, "resolve", comment).await;
            told.refused(503, "filter_unavailable");
            let path = "/api/v1/widget/conversations";
            let body = json!({ "client_msg_id": "s", "text": "secret" });
            let told = app.visitor().await.http.post(path, body).await;
            told.refused(503, "filter_unavailable");
        }
        assert_eq!(talk.last().await.0, "before");
        assert_eq!(talk.say_as("k1", "before").await.ok(200), first);
        // And what has no words goes on.
        talk.chat.ana.on(&talk.chat.id, "resolve", json!({})).await.ok(200);
        talk.chat.ana.on(&talk.chat.id, "read", json!({ "seq": 1 })).await.ok(200);
    }

    async fn closed_it_stays_however_often_it_fails(app) {
        let talk = Talk::with(&app, json!({ "mode": "trap" })).await;
        talk.set(json!({ "on_failure": "hold" })).await;
        for wait in [0, 30, 60, 120] {
            app.pass(wait * 1_000).await;
            for n in 0..6 {
                let told = talk.say(&format!("{wait} {n}")).await;
                told.refused(202, "message_held");
            }
            app.settle().await;
        }
        let installed = talk.admin.get("/api/v1/installations").await;
        let one = &installed["items"][0];
        assert_eq!((&one["enabled"], &one["breaker"]["filter"]["state"]), (&json!(true), &json!("open")));
    }

    async fn another_tenant_does_not_notice(app) {
        let talk = Talk::with(&app, json!({ "mode": "loop" })).await;
        let owner = neighbour(&app).await;
        let visitor = app.visitor_at("quiet-web").await;
        let id = visitor.ring("v1", "hello").await;
        let noisy = async {
            for n in 0..20 {
                talk.say(&format!("{n}")).await.ok(201);
            }
        };
        let quiet = async {
            for n in 0..20 {
                visitor.say(&id, &format!("q{n}"), &format!("hello {n}")).await;
            }
        };
        tokio::join!(noisy, quiet);
        let messages = owner.messages(&id).await;
        assert_eq!(messages.len(), 21);
        assert!(messages.iter().all(|it| it["attributes"] == json!({})), "{messages:?}");
        app.settle().await;
        let installed = owner.http.get("/api/v1/installations").await.ok(200);
        assert_eq!(list(&installed["items"]), [json!(null); 0]);
        let failures = talk.failures(&app).await;
        assert!(failures.iter().any(|it| it.1 == "cpu_exceeded"), "{failures:?}");
    }
}
