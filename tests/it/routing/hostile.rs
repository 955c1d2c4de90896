//! Plugins at their worst, in the real sandbox: whatever they do, somebody gets the
//! chat, and the record says why it was the team's strategy that decided.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, TestApp, both_engines};
use serde_json::{Value, json};

use super::plugins::{decisions, install, told};
use super::{SECOND, both};

/// An agent of another tenant.
async fn foreigner(app: &TestApp) -> Agent {
    let new = NewTenant {
        slug: "other".to_owned(),
        name: "Other".to_owned(),
        owner_email: "owner@other.test".to_owned(),
        owner_name: "Otto".to_owned(),
        owner_password: PASSWORD.to_owned(),
    };
    app.app().create_tenant(new).await.expect("a tenant");
    app.agent_of("other", "owner@other.test").await
}

/// Rings once with the plugin so configured; what became of it.
async fn rung(app: &TestApp, owner: &Agent, path: &str, config: Value) -> (String, Value) {
    let body = json!({ "config": config });
    owner.http.patch(path, body).await.ok(200);
    app.pass(SECOND).await;
    let visitor = app.visitor().await;
    let id = visitor.ring("v1", "hello").await;
    app.settle().await;
    let name = text(&owner.conversation(&id).await["assignee"], "name");
    let decision = decisions(owner, &id).await.remove(0);
    owner.on(&id, "close", json!({})).await.ok(200);
    app.settle().await;
    (name, decision)
}

both_engines! {
    async fn the_strategy_decides_and_the_record_says_why(app) {
        let (owner, (ana, _ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        let cleo = app.new_agent(&owner, "cleo", json!({})).await;
        let foreign = foreigner(&app).await;
        let path = install(&owner, "bad-router", json!([]), json!({ "mode": "no-opinion" })).await;
        let late = "deadline_exceeded";
        let cases: [(Value, &[&str]); 12] = [
            (json!({ "mode": "trap" }), &["trapped"]),
            (json!({ "mode": "recurse" }), &["trapped"]),
            (json!({ "mode": "loop" }), &["cpu_exceeded"]),
            (json!({ "mode": "grow" }), &["memory_exceeded", "cpu_exceeded"]),
            (json!({ "mode": "huge-answer" }), &["output_too_large", "limit_exceeded", "cpu_exceeded"]),
            (json!({ "mode": "says-error", "text": "no \u{1b}[31mway" }), &["plugin_failed"]),
            (json!({ "mode": "unknown-agent" }), &["bad_answer"]),
            (json!({ "mode": "malformed-agent" }), &["bad_answer"]),
            (json!({ "mode": "named-agent", "agent_id": foreign.id }), &["bad_answer"]),
            (json!({ "mode": "named-agent", "agent_id": cleo.id }), &["bad_answer"]),
            (json!({ "mode": "garbage-time" }), &["bad_answer"]),
            (json!({ "mode": "queue", "team_id": "team_000000000000000000000000000000bd" }), &["bad_answer"]),
        ];
        for (config, codes) in cases {
            let (name, decision) = rung(&app, &owner, &path, config.clone()).await;
            assert!(["Ana", "Ben"].contains(&name.as_str()), "{config}: {name}");
            assert_eq!(decision["strategy"], "least_loaded");
            let told = told(&decision);
            assert_eq!((told.len(), told[0].0.as_str()), (1, "failed"), "{config}: {decision}");
            // A machine that is very busy may cut any of them short.
            assert!(codes.contains(&told[0].1.as_str()) || told[0].1 == late, "{config}: {decision}");
            let detail = text(&decision["consulted"][0]["failure"], "detail");
            assert!(!detail.is_empty() && !detail.contains('\u{1b}'), "{detail}");
            assert_eq!(decision["candidates"][0]["rank"], 1);
            assert_eq!(decision["winner_id"], decision["candidates"][0]["agent_id"]);
        }
        let failures = owner.http.get(&format!("{path}/failures")).await.ok(200);
        let codes: Vec<_> = list(&failures["items"]).iter().map(|it| text(it, "code")).collect();
        assert!(codes.len() >= 3, "{codes:?}");
        // And one that behaves, by the same way.
        let config = json!({ "mode": "named-agent", "agent_id": ana.id });
        let (name, decision) = rung(&app, &owner, &path, config).await;
        if told(&decision)[0].1 != late {
            assert_eq!((name.as_str(), told(&decision)[0].0.as_str()), ("Ana", "assigned"), "{decision}");
        }
    }
}
