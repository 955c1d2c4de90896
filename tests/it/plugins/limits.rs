//! A tenant lowers what one call of an installation may use.

use deskbell_tests::guests::{self, Faults, zoo};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Setup, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned, path_of};
use super::shop::Shop;

/// What each limit is when nobody has lowered it.
const NONE: [&str; 6] = [
    "cpu_ms",
    "wall_ms",
    "memory_mib",
    "host_calls",
    "http_requests",
    "log_kib",
];

both_engines! {
    async fn a_lowered_limit_holds_for_the_next_call(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&zoo("signing-variables")).await;
        canned(&admin, "signed", "{{signed.all}}").await;
        let body = json!({
            "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["crypto"],
            "config": { "steps": [{ "flood": 100 }] },
        });
        let made = admin.install(body).await.ok(201);
        for name in NONE {
            assert_eq!(made["limits"][name], json!(null), "{name}");
        }
        let path = path_of(&made);
        let chat = Chat::begin(&app).await;
        let tells = async || {
            let shown = chat.use_canned("signed", "c1", true).await.ok(200);
            (text(&shown, "text"), shown["missing"].clone())
        };
        assert_eq!(tells().await.0, "flooded");
        let lower = async |limits: Value| admin.patch(&path, json!({ "limits": limits })).await;
        let after = lower(json!({ "host_calls": 10 })).await.ok(200);
        assert_eq!((&after["limits"]["host_calls"], &after["limits"]["cpu_ms"]), (&json!(10), &json!(null)));
        assert_eq!(admin.get(&path).await["limits"]["host_calls"], 10);
        // The configuration was read first.
        assert_eq!(tells().await.0, "this call has used up its host calls at 9");
        // All of them are set at once: this one is lifted again.
        lower(json!({ "memory_mib": 1 })).await.ok(200);
        let (said, missing) = tells().await;
        assert_eq!((said.as_str(), missing), ("{{signed.all}}", json!(["signed.all"])), "a Rust guest starts with more");
        app.pass(2_000).await;
        let failures = admin.get(&format!("{path}/failures")).await;
        assert_eq!(failures["items"][0]["code"], "memory_exceeded", "{failures}");
        lower(json!({})).await.ok(200);
        assert_eq!(tells().await.0, "flooded");
    }

    async fn each_lowered_limit_bites_and_only_as_it_was_lowered(engine: Engine) {
        for lowered in [true, false] {
            let mut setup = Setup::new(engine);
            setup.hooks = guests::with(Faults { no_lowered_limits: !lowered, ..Faults::NONE });
            setup.config.egress.allow_private = vec!["127.0.0.1".to_owned()];
            setup.config.egress.allow_http = true;
            let app = setup.start().await;
            let (admin, shop) = (Admin::of(&app).await, Shop::with("hi").await);
            for (shortcut, words) in [("bad", "{{bad.one}}"), ("asked", "{{asked.all}}"), ("zoo", "{{zoo.attack}}")] {
                canned(&admin, shortcut, words).await;
            }
            let chat = Chat::begin(&app).await;
            let why = async |path: &str| {
                app.pass(2_000).await;
                let calls = admin.get(&format!("{path}/invocations")).await;
                text(&calls["items"][0], "detail")
            };
            let lower = async |path: &str, limits: Value| {
                admin.patch(path, json!({ "limits": limits })).await.ok(200);
            };
            // An endless loop: what ends it is said.
            let path = admin.bad_variables(json!({ "mode": "loop" })).await;
            lower(&path, json!({ "cpu_ms": 30 })).await;
            chat.use_canned("bad", "c1", true).await.ok(200);
            let cpu = why(&path).await;
            lower(&path, json!({ "wall_ms": 40 })).await;
            chat.use_canned("bad", "c2", true).await.ok(200);
            let wall = why(&path).await;
            let said = match lowered {
                true => ("it used up its CPU time of 30 ms", "it gave no answer within 40 ms"),
                false => ("it used up its CPU time of 250 ms", "it used up its CPU time of 250 ms"),
            };
            assert_eq!((cpu.as_str(), wall.as_str()), said);
            // Eight requests, of which three are answered.
            let plugin = admin.uploaded(&zoo("asking-variables")).await;
            let body = json!({
                "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["http"],
                "config": { "home": shop.url(), "urls": [shop.url().replace("{order_id}", "1")], "times": 8 },
            });
            let path = path_of(&admin.install(body).await.ok(201));
            lower(&path, json!({ "http_requests": 3 })).await;
            let shown = chat.use_canned("asked", "c3", true).await.ok(200);
            let answered = text(&shown, "text").matches("200 hi").count();
            assert_eq!((answered, shop.heard().len()), if lowered { (3, 3) } else { (8, 8) });
            // As much log as there is room for.
            let body = json!({ "plugin_id": admin.uploaded(&zoo("log-flood")).await, "hooks": ["variables"] });
            let path = path_of(&admin.install(body).await.ok(201));
            lower(&path, json!({ "log_kib": 2 })).await;
            chat.use_canned("zoo", "c4", true).await.ok(200);
            app.pass(2_000).await;
            let lines = list(&admin.get(&format!("{path}/logs?limit=200")).await["items"]);
            let logged: usize = lines.iter().map(|line| text(line, "text").len()).sum();
            let fits = if lowered { 1_024..=2 * 1_024 + 16 } else { 31 * 1_024..=32 * 1_024 + 16 };
            assert!(fits.contains(&logged), "{logged}");
            app.finish().await;
        }
    }

    async fn a_limit_is_lowered_and_never_raised(app) {
        let admin = Admin::of(&app).await;
        let path = admin.bad_variables(json!({ "mode": "text", "text": "x" })).await;
        let before = admin.get(&path).await;
        // Interactive is its class.
        for (limits, name) in [
            (json!({ "cpu_ms": 251 }), "cpu_ms"),
            (json!({ "cpu_ms": 0 }), "cpu_ms"),
            (json!({ "wall_ms": 10_001 }), "wall_ms"),
            (json!({ "memory_mib": 65 }), "memory_mib"),
            (json!({ "host_calls": 2_001 }), "host_calls"),
            (json!({ "http_requests": 9, "cpu_ms": 10 }), "http_requests"),
            (json!({ "log_kib": 33 }), "log_kib"),
        ] {
            let told = admin.patch(&path, json!({ "limits": limits })).await;
            told.refused(422, "invalid_input");
            told.names(&format!("/limits/{name}"), "out_of_range");
        }
        admin.patch(&path, json!({ "limits": { "fuel": 1 } })).await.names("/limits/fuel", "unknown_field");
        admin.patch(&path, json!({ "limits": { "cpu_ms": -1 } })).await.refused(422, "invalid_input");
        assert_eq!(admin.get(&path).await, before, "nothing changed");
        let most = json!({ "cpu_ms": 250, "wall_ms": 10_000, "memory_mib": 64, "host_calls": 2_000, "http_requests": 8, "log_kib": 32 });
        let after = admin.patch(&path, json!({ "limits": most })).await.ok(200);
        assert_eq!(after["limits"], most);
        let least = json!({ "cpu_ms": 1, "wall_ms": 1, "memory_mib": 1, "host_calls": 0, "http_requests": 0, "log_kib": 0 });
        assert_eq!(admin.patch(&path, json!({ "limits": least })).await.ok(200)["limits"], least);
        app.agent("ana").await.http.patch(&path, json!({ "limits": {} })).await.refused(403, "forbidden");
    }
}
