//! A plugin that fails too often is left out for a while, tried again, and at last
//! switched off or taken back to the version that worked.

use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned};
use super::upgrade::{tells, two_versions};

const SECOND: i64 = 1_000;

/// How often a hook was called, by what came of it.
async fn calls(admin: &Admin, path: &str) -> Value {
    let figures = admin.get(&format!("{path}/metrics")).await;
    figures["items"][0]["outcomes"].clone()
}

async fn breaker(admin: &Admin, path: &str, hook: &str) -> String {
    text(&admin.get(path).await["breaker"][hook], "state")
}

/// Somebody rings; what the record of the decision says of plugins.
async fn ring(app: &TestApp, admin: &Admin) -> Vec<String> {
    let id = app.visitor().await.ring("v1", "hello").await;
    app.settle().await;
    let path = format!("/api/v1/conversations/{id}/decisions");
    let decisions = admin.get(&path).await;
    let decision = &decisions["items"][0];
    assert!(
        decision["winner_id"].is_string(),
        "somebody has it: {decision}"
    );
    let consulted = list(&decision["consulted"]);
    let codes = consulted.iter().map(|it| text(&it["failure"], "code"));
    codes.collect()
}

async fn room_for_many(app: &TestApp, admin: &Admin) {
    for name in ["ana", "ben"] {
        let agent = app.agent(name).await;
        let path = format!("/api/v1/agents/{}", agent.id);
        admin.patch(&path, json!({ "capacity": 100 })).await.ok(200);
    }
}

both_engines! {
    async fn five_failures_running_and_routing_goes_on_without_it(app) {
        let admin = Admin::of(&app).await;
        room_for_many(&app, &admin).await;
        let path = admin.at_work(&zoo("bad-router"), "routing", json!({ "mode": "trap" })).await;
        let (ana, mut desk) = (app.agent("ana").await, admin.agent.connect().await);
        let _socket = ana.connect().await;
        app.settle().await;
        for n in 1..=5 {
            assert_eq!(breaker(&admin, &path, "routing").await, "closed", "{n}");
            assert_eq!(ring(&app, &admin).await, ["trapped"], "{n}");
        }
        let shown = admin.get(&path).await;
        assert_eq!((&shown["breaker"]["routing"]["state"], &shown["enabled"]), (&json!("open"), &json!(true)));
        assert_eq!(calls(&admin, &path).await, json!({ "trapped": 5 }));
        for _ in 0..3 {
            assert_eq!(ring(&app, &admin).await, ["breaker_open"]);
        }
        assert_eq!(calls(&admin, &path).await, json!({ "trapped": 5 }), "it was not asked");
        let told = desk.expect_event("plugin.breaker_opened").await;
        let opening = &told["data"]["opening"];
        assert_eq!((&opening["hook"], &opening["code"]), (&json!("routing"), &json!("trapped")));
        assert_eq!(opening["until"], shown["breaker"]["routing"]["until"]);
        let failures = admin.get(&format!("{path}/failures")).await;
        let codes: Vec<_> = list(&failures["items"]).iter().map(|it| text(it, "code")).collect();
        assert!(codes.contains(&"breaker_open".to_owned()), "{codes:?}");
        // An admin who changes something is believed.
        admin.patch(&path, json!({ "config": { "mode": "no-opinion" } })).await.ok(200);
        assert_eq!(breaker(&admin, &path, "routing").await, "closed");
        assert_eq!(ring(&app, &admin).await, [""]);
        desk.close().await;
    }

    async fn one_call_is_tried_and_closes_it(app) {
        let admin = Admin::of(&app).await;
        room_for_many(&app, &admin).await;
        let (ana, ben) = (app.agent("ana").await, app.agent("ben").await);
        let _ana = ana.connect().await;
        app.settle().await;
        // Ben is not there: his name is an answer that nobody can use.
        let config = json!({ "mode": "named-agent", "agent_id": ben.id });
        let path = admin.at_work(&zoo("bad-router"), "routing", config).await;
        for _ in 0..5 {
            assert_eq!(ring(&app, &admin).await, ["bad_answer"]);
        }
        assert_eq!(ring(&app, &admin).await, ["breaker_open"]);
        let mut desk = ben.connect().await;
        app.settle().await;
        app.pass(29 * SECOND).await;
        assert_eq!(ring(&app, &admin).await, ["breaker_open"]);
        app.pass(SECOND).await;
        assert_eq!(breaker(&admin, &path, "routing").await, "half_open");
        assert_eq!(ring(&app, &admin).await, [""]);
        assert_eq!(breaker(&admin, &path, "routing").await, "closed");
        assert_eq!(ring(&app, &admin).await, [""]);
        assert_eq!(calls(&admin, &path).await, json!({ "ok": 7 }));
        let told = desk.expect_event("plugin.breaker_closed").await;
        assert_eq!(told["data"]["hook"], "routing");
        desk.close().await;
    }

    async fn three_openings_within_an_hour_switch_it_off(app) {
        let admin = Admin::of(&app).await;
        let path = admin.bad_variables(json!({ "mode": "says-error" })).await;
        canned(&admin, "bad", "{{bad.one}}").await;
        let chat = Chat::begin(&app).await;
        let mut desk = admin.agent.connect().await;
        let ask = async || {
            let told = chat.use_canned("bad", "c1", false).await;
            told.refused(422, "missing_variables");
            app.settle().await;
        };
        for _ in 0..7 {
            ask().await;
        }
        assert_eq!(calls(&admin, &path).await, json!({ "plugin_failed": 5 }), "its own words count");
        app.pass(30 * SECOND).await;
        for _ in 0..3 {
            ask().await;
        }
        assert_eq!(calls(&admin, &path).await, json!({ "plugin_failed": 6 }));
        assert_eq!(admin.get(&path).await["enabled"], true);
        app.pass(30 * SECOND).await;
        ask().await;
        assert_eq!(calls(&admin, &path).await, json!({ "plugin_failed": 6 }), "twice as long");
        app.pass(30 * SECOND).await;
        ask().await;
        let off = admin.get(&path).await;
        assert_eq!((&off["enabled"], &off["version"]), (&json!(false), &json!(2)));
        let told = desk.expect_event("plugin.disabled").await;
        assert!(text(&told["data"], "reason").contains("failed too often"), "{told}");
        assert_eq!(told["actor"]["type"], "system");
        assert_eq!(told["changes"], json!({ "enabled": [true, false], "version": [1, 2] }));
        // Switched on again it begins anew.
        admin.agent.http.poke(&format!("{path}/enable")).await.ok(200);
        ask().await;
        assert_eq!(breaker(&admin, &path, "variables").await, "closed");
        desk.close().await;
    }

    async fn a_version_that_fails_goes_back_to_the_one_that_worked(app) {
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({ "mode": "tell" })).await;
        canned(&admin, "tell", "{{version.of}}").await;
        let chat = Chat::begin(&app).await;
        assert_eq!(tells(&chat).await, "0.1.0");
        let body = json!({
            "plugin_version": "0.2.0", "hooks": ["variables"], "config": { "mode": "trap" },
        });
        admin.agent.http.post(&format!("{path}/upgrade"), body).await.ok(200);
        let mut desk = admin.agent.connect().await;
        for wait in [0, 30, 60] {
            app.pass(wait * SECOND).await;
            for _ in 0..5 {
                chat.use_canned("tell", "c1", false).await.refused(422, "missing_variables");
                if wait > 0 {
                    break;
                }
            }
            app.settle().await;
        }
        assert_eq!(tells(&chat).await, "0.1.0");
        let back = admin.get(&path).await;
        assert_eq!((&back["enabled"], &back["plugin_version"]), (&json!(true), &json!("0.1.0")));
        assert_eq!((&back["config"]["mode"], &back["previous_version"]), (&json!("tell"), &json!(null)));
        let told = desk.expect_event("plugin.rolled_back").await;
        assert_eq!(told["data"]["from_version"], "0.2.0");
        assert!(text(&told["data"], "reason").contains("failed too often"), "{told}");
        let failures = admin.get(&format!("{path}/failures")).await.to_string();
        assert!(failures.contains("went back to 0.1.0"), "{failures}");
        desk.close().await;
    }
}
