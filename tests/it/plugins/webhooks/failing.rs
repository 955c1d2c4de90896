//! Plugins that do not take what was sent, or want what nobody may: told again, set
//! aside, and no harm done.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::super::desk::Admin;
use super::desk::{Desk, HOUR, SECOND};

both_engines! {
    async fn it_is_told_again_and_then_set_aside(app) {
        let mut desk = Desk::open(&app, json!({ "mode": "poison", "word": "poison" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        desk.post(&app, &id, "poison").await.ok(202);
        desk.post(&app, &id, "fine").await.ok(202);
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["fine x-kind"], "one holds up no other");
        desk.pass(&app, 24 * HOUR).await;
        let parked = desk.parked().await;
        assert_eq!((parked.len(), &parked[0]["type"]), (1, &json!("webhook.signed")));
        assert!(text(&parked[0], "error").contains("this one does not go down"), "{parked:?}");
        let path = format!("{}/parked-events/{}", desk.path, text(&parked[0], "id"));
        desk.set(json!({ "mode": "note" })).await;
        desk.admin.agent.http.poke(&format!("{path}/retry")).await.ok(204);
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["fine x-kind", "poison x-kind"]);
        assert_eq!(desk.parked().await, [json!(null); 0]);
        // Or thrown away.
        desk.set(json!({ "mode": "poison", "word": "more" })).await;
        desk.post(&app, &id, "more").await.ok(202);
        app.settle().await;
        desk.pass(&app, 24 * HOUR).await;
        let path = format!("{}/parked-events/{}", desk.path, text(&desk.parked().await[0], "id"));
        desk.admin.agent.http.delete(&path).await.ok(204);
        assert_eq!(desk.parked().await, [json!(null); 0]);
    }

    async fn what_comes_while_it_is_away_waits(app) {
        let desk = Desk::open(&app, json!({ "mode": "says-error", "text": "the shop is away" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        desk.post(&app, &id, "one").await.ok(202);
        app.settle().await;
        assert_eq!(desk.failures().await, [("plugin_failed".to_owned(), "it said: not available: the shop is away".to_owned())]);
        desk.set(json!({ "mode": "note" })).await;
        app.pass(SECOND).await;
        assert_eq!(desk.notes(&id).await, ["one again x-kind"]);
    }

    async fn nonsense_and_loops_do_no_harm(app) {
        let desk = Desk::open(&app, json!({ "mode": "trap" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        for (mode, code) in [
            (json!({ "mode": "trap" }), "trapped"),
            (json!({ "mode": "loop" }), "cpu_exceeded"),
            (json!({ "mode": "no-json" }), "bad_answer"),
            (json!({ "mode": "many", "count": 17 }), "bad_answer"),
            (json!({ "mode": "long", "chars": 4_001 }), "bad_answer"),
            (json!({ "mode": "control" }), "bad_answer"),
        ] {
            desk.set(mode.clone()).await;
            desk.post(&app, &id, &mode.to_string()).await.ok(202);
            app.settle().await;
            let codes: Vec<_> = desk.failures().await.into_iter().map(|it| it.0).collect();
            assert!(codes.iter().any(|it| it == code), "{mode}: {codes:?}");
            assert_eq!(desk.notes(&id).await, [""; 0], "{mode}");
        }
    }

    async fn another_tenants_conversation_is_none(app) {
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let near = app.visitor().await.ring("v1", "hello").await;
        let (theirs, far) = neighbour(&app).await;
        // One of ours and one of theirs: neither is touched.
        let wish = json!({ "conversation": near, "also": far, "text": "mine and yours" });
        desk.wish(&app, wish, "d1").await.ok(202);
        app.settle().await;
        let failures = desk.failures().await;
        assert!(failures[0].1.contains("in this tenant"), "{failures:?}");
        assert_eq!(desk.notes(&near).await, [""; 0]);
        let said = theirs.agent.messages(&far).await;
        assert_eq!(said.len(), 1, "{said:?}");
    }
}

/// Another tenant with a chat.
pub(super) async fn neighbour(app: &deskbell_tests::TestApp) -> (Admin, String) {
    let new = deskbell_app::admin::tenants::NewTenant {
        slug: "quiet".to_owned(),
        name: "Quiet".to_owned(),
        owner_email: "owner@quiet.test".to_owned(),
        owner_name: "Otto".to_owned(),
        owner_password: deskbell_tests::PASSWORD.to_owned(),
    };
    app.app().create_tenant(new).await.expect("a tenant");
    let otto = app.agent_of("quiet", "owner@quiet.test").await;
    let team = json!({ "name": "All", "strategy": "least_loaded" });
    let team = text(&otto.http.post("/api/v1/teams", team).await.ok(201), "id");
    let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
    otto.http.post("/api/v1/inboxes", inbox).await.ok(201);
    let far = app.visitor_at("quiet-web").await.ring("v1", "far").await;
    (Admin { agent: otto }, far)
}
