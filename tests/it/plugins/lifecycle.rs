//! What a plugin says of its own configuration before it is stored, and of an
//! upgrade after it.

use deskbell_tests::guests::{built_in, built_in_as, zoo, zoo_as};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Answer, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, INSTALLATIONS, PLUGINS, canned, path_of};

const HEARD: &str = "{{upgrade.heard}}";

/// The zoo's at work with this configuration, and version 0.2.0 uploaded; its path.
async fn two_versions(admin: &Admin, config: Value) -> String {
    let plugin = admin.uploaded(&zoo("bad-lifecycle")).await;
    let made = admin.install(body(&plugin, config)).await.ok(201);
    let second = zoo_as("bad-lifecycle", "0.2.0", "");
    admin.upload(&second).await.ok(201);
    path_of(&made)
}

fn body(plugin: &str, config: Value) -> Value {
    json!({
        "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["kv"], "config": config,
        "plugin_version": "0.1.0",
    })
}

async fn upgrade(admin: &Admin, path: &str, config: Value) -> Answer {
    let body = json!({
        "plugin_version": "0.2.0", "hooks": ["variables"], "capabilities": ["kv"],
        "config": config,
    });
    let path = format!("{path}/upgrade");
    admin.agent.http.post(&path, body).await
}

/// What its variable tells: what was kept, and which code tells it.
async fn tells(app: &TestApp, admin: &Admin) -> (String, String) {
    canned(admin, "heard", HEARD).await;
    let chat = Chat::begin(app).await;
    let shown = chat.use_canned("heard", "c1", true).await.ok(200);
    let words = text(&shown, "text");
    let (kept, code) = words.rsplit_once("; ").expect("two parts");
    let code = code.split("version ").nth(1).unwrap_or_default();
    (kept.to_owned(), code.chars().take(5).collect())
}

async fn codes(admin: &Admin, path: &str) -> Vec<String> {
    let failures = admin.get(&format!("{path}/failures")).await;
    let all = list(&failures["items"]);
    let code = |it: &Value| format!("{}: {}", text(it, "hook"), text(it, "code"));
    all.iter().map(code).collect()
}

both_engines! {
    async fn a_configuration_it_cannot_use_is_not_stored(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&built_in("pii-filter")).await;
        let body = |config: Value| json!({
            "plugin_id": plugin, "hooks": ["filter"], "config": config,
        });
        let told = admin.install(body(json!({ "patterns": ["[0-9]+", "(", ".*"] }))).await;
        let problem = told.refused(422, "invalid_input");
        told.names("/config/patterns/1", "refused_by_plugin");
        told.names("/config/patterns/2", "refused_by_plugin");
        assert_eq!(list(&problem["errors"]).len(), 2, "{problem}");
        assert_eq!(list(&admin.get(INSTALLATIONS).await["items"]), [json!(null); 0]);
        let good = admin.install(body(json!({ "patterns": ["[0-9]+"] }))).await.ok(201);
        // Whoever has the hook is asked: nobody grants it.
        assert_eq!(good["hooks"], json!(["filter", "lifecycle"]));
        let path = path_of(&good);
        let told = admin.patch(&path, json!({ "config": { "patterns": [r"\S+"] } })).await;
        told.refused(422, "invalid_input");
        told.names("/config/patterns/0", "refused_by_plugin");
        assert_eq!(admin.get(&path).await, good, "nothing changed");
        admin.patch(&path, json!({ "hooks": ["filter"], "enabled": false })).await.ok(200);
        // It is asked although it is not at work.
        let told = admin.patch(&path, json!({ "config": { "patterns": ["("] } })).await;
        told.names("/config/patterns/0", "refused_by_plugin");
        admin.upload(&built_in_as("pii-filter", "0.1.1")).await.ok(201);
        let to = json!({ "plugin_version": "0.1.1", "hooks": ["filter"], "config": { "patterns": ["."] } });
        let told = admin.agent.http.post(&format!("{path}/upgrade"), to).await;
        told.refused(422, "invalid_input");
        told.names("/config/patterns/0", "refused_by_plugin");
        assert_eq!(admin.get(&path).await["plugin_version"], "0.1.0");
    }

    async fn whatever_it_does_when_asked_nothing_is_stored(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&zoo("bad-lifecycle")).await;
        let find = |pointer: &str, detail: &str| {
            json!({ "validate": "find", "findings": [[pointer, detail]] })
        };
        let cases = [
            (json!({ "validate": "trap" }), "/config", "plugin_failed"),
            (json!({ "validate": "loop" }), "/config", "plugin_failed"),
            (json!({ "validate": "many" }), "/config/many", "refused_by_plugin"),
            (json!({ "validate": "find" }), "/config", "plugin_failed"),
            (find("validate", "no pointer"), "/config", "plugin_failed"),
            (find("/a\u{7}", "no text"), "/config", "plugin_failed"),
            (find("/a", " \n"), "/config", "plugin_failed"),
            (find("", "all of it"), "/config", "refused_by_plugin"),
            (find("/a/0~1b", "there"), "/config/a/0~1b", "refused_by_plugin"),
        ];
        for (config, pointer, code) in cases {
            let told = admin.install(body(&plugin, config.clone())).await;
            let problem = told.refused(422, "invalid_input");
            told.names(pointer, code);
            assert!(list(&problem["errors"]).len() <= 50, "{config}");
            assert_eq!(list(&admin.get(INSTALLATIONS).await["items"]), [json!(null); 0], "{config}");
        }
        // Nothing is installed yet, so there is nothing to keep anything in.
        let told = admin.install(body(&plugin, json!({ "validate": "reach" }))).await;
        assert!(told.refused(422, "invalid_input")["errors"][0]["detail"].to_string().contains("Unavailable"));
        admin.install(body(&plugin, json!({}))).await.ok(201);
    }

    async fn one_that_traps_when_it_is_uploaded_is_no_plugin(app) {
        let admin = Admin::of(&app).await;
        let told = admin.upload(&zoo_as("bad-lifecycle", "6.6.6", "")).await;
        told.refused(422, "plugin_refused");
        told.names("/exports/deskbell:lifecycle~1lifecycle@0.1.0", "trial_failed");
        assert_eq!(list(&admin.get(PLUGINS).await["items"]), [json!(null); 0]);
    }

    async fn an_upgrade_is_told_to_the_new_version(app) {
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({})).await;
        let after = upgrade(&admin, &path, json!({ "upgrade": "keep" })).await.ok(200);
        assert_eq!((&after["plugin_version"], &after["previous_version"]), (&json!("0.2.0"), &json!("0.1.0")));
        let (kept, code) = tells(&app, &admin).await;
        assert!(kept.starts_with("0.1.0 -> this is the code of version 0.2.0"), "{kept}");
        assert_eq!(code, "0.2.0");
        app.pass(6_000).await;
        let calls = admin.get(&format!("{path}/invocations")).await;
        let told = list(&calls["items"]).iter().any(|it| it["hook"] == "lifecycle" && it["outcome"] == "ok");
        assert!(told, "{calls}");
        // The way back is nobody's upgrade.
        admin.agent.http.poke(&format!("{path}/rollback")).await.ok(200);
        assert_eq!(codes(&admin, &path).await, [""; 0]);
    }

    async fn an_upgrade_that_fails_is_undone_and_says_so(app) {
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({})).await;
        let before = admin.get(&path).await;
        let mut desk = admin.agent.connect().await;
        for (mode, words) in [
            ("trap", "trapped"),
            ("loop", "CPU time"),
            ("says-error", "the old notes are too old"),
            ("keep-and-fail", "half way"),
        ] {
            let told = upgrade(&admin, &path, json!({ "upgrade": mode })).await;
            let problem = told.refused(422, "upgrade_failed");
            let detail = text(&problem, "detail");
            assert!(detail.contains(words) && detail.ends_with("The desk went back to 0.1.0."), "{detail}");
            let mut after = admin.get(&path).await;
            after["version"] = before["version"].clone();
            assert_eq!(after, before, "{mode}");
            app.settle().await;
            let event = desk.expect_event("plugin.rolled_back").await;
            assert_eq!((&event["actor"]["type"], &event["data"]["from_version"]), (&json!("system"), &json!("0.2.0")));
            assert!(text(&event["data"], "reason").contains(words), "{event}");
        }
        // No step between the answer and what follows from it.
        let (kept, code) = tells(&app, &admin).await;
        assert_eq!(code, "0.1.0");
        // What it kept before it failed stays: a value is its own transaction.
        assert!(kept.contains("0.2.0"), "{kept}");
        app.pass(2_000).await;
        let mut codes = codes(&admin, &path).await;
        codes.sort();
        assert_eq!(codes, ["lifecycle: cpu_exceeded", "lifecycle: plugin_failed", "lifecycle: trapped"]);
        desk.close().await;
    }
}
