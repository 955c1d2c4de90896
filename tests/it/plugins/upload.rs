//! Uploading: what is taken, what is refused and in which words.

use deskbell_tests::both_engines;
use deskbell_tests::guests::{built_in, built_in_as, fixture, zoo};
use deskbell_tests::reducer::{list, text};
use serde_json::json;

use super::desk::{Admin, INSTALLATIONS, PLUGINS, path_of, upload};

both_engines! {
    async fn a_file_is_taken_once(app) {
        let admin = Admin::of(&app).await;
        let mut desk = admin.agent.connect().await;
        let file = zoo("curious-router");
        let first = admin.upload(&file).await.ok(201);
        assert_eq!(first["plugin"]["key"], "curious-router");
        assert_eq!(first["plugin"]["source"], "upload");
        assert_eq!(first["plugin_version"]["hooks"], json!(["routing"]));
        assert_eq!(first["plugin_version"]["capabilities"], json!(["directory"]));
        assert_eq!(first["plugin_version"]["size"], json!(file.len()));
        let again = admin.upload(&file).await.ok(200);
        assert_eq!(first, again);
        let plugins = admin.get(PLUGINS).await;
        assert_eq!(list(&plugins["items"]), [first["plugin"].clone()]);
        let path = format!("{PLUGINS}/{}", text(&first["plugin"], "id"));
        assert_eq!(admin.get(&path).await, first["plugin"]);
        let versions = admin.get(&format!("{path}/versions")).await;
        let mut expected = first["plugin_version"].clone();
        expected["difference"] = json!(null);
        assert_eq!(list(&versions["items"]), [expected], "nothing is installed");
        admin.agent.http.delete(&path).await.ok(204);
        admin.agent.http.get(&path).await.refused(404, "not_found");
        app.settle().await;
        let told = desk.expect_event("plugin.created").await;
        assert_eq!(told["data"]["plugin"], first["plugin"]);
        let told = desk.expect_event("plugin.deleted").await;
        assert_eq!(told["data"]["plugin_id"], first["plugin"]["id"]);
        desk.close().await;
    }

    async fn the_catalogue_goes_through_the_same_door(app) {
        let admin = Admin::of(&app).await;
        let catalogue = format!("{PLUGINS}/catalogue");
        let entries = list(&admin.get(&catalogue).await["items"]);
        let keys: Vec<_> = entries.iter().map(|entry| text(entry, "key")).collect();
        let built = [
            "crm-sync",
            "order-variables",
            "pii-filter",
            "skills-router",
            "welcome-bot",
        ];
        assert_eq!(keys, built);
        assert_eq!((&entries[1]["hooks"], &entries[1]["uploaded"]), (&json!(["variables"]), &json!(false)));
        let take = json!({ "catalogue": "order-variables" });
        let taken = admin.agent.http.post(PLUGINS, take.clone()).await.ok(201);
        assert_eq!(taken["plugin"]["source"], "catalogue");
        assert_eq!(taken["plugin_version"]["digest"], entries[1]["digest"]);
        let names = list(&taken["plugin_version"]["variables"]);
        assert_eq!(names[0]["name"], "order.status");
        admin.agent.http.post(PLUGINS, take).await.ok(200);
        let entries = list(&admin.get(&catalogue).await["items"]);
        assert_eq!((&entries[1]["uploaded"], &entries[2]["uploaded"]), (&json!(true), &json!(false)));
        let none = json!({ "catalogue": "no-such-plugin" });
        let told = admin.agent.http.post(PLUGINS, none).await;
        told.refused(422, "invalid_input");
        told.names("/catalogue", "unknown");
    }

    async fn what_is_no_plugin_is_refused_in_words(app) {
        let admin = Admin::of(&app).await;
        let good = built_in("order-variables");
        for (what, file) in [
            ("nothing", vec![]),
            ("text", b"hello, I am a plugin".to_vec()),
            ("a core module", b"\0asm\x01\0\0\0".to_vec()),
            ("half a plugin", good[..good.len() / 2].to_vec()),
            ("an empty component", b"\0asm\x0d\0\x01\0".to_vec()),
        ] {
            let problem = admin.upload(&file).await.refused(422, "plugin_refused");
            let errors = list(&problem["errors"]);
            assert!(!errors.is_empty(), "{what}: {problem}");
            for error in &errors {
                assert!(text(error, "pointer").starts_with('/'), "{what}: {error}");
                assert!(text(error, "detail").len() > 10, "{what}: {error}");
            }
        }
        assert_eq!(list(&admin.get(PLUGINS).await["items"]), [json!(null); 0]);
    }

    async fn a_refusal_names_the_interface_and_the_versions(app) {
        let admin = Admin::of(&app).await;
        let cases: [(&str, &str, &[&str]); 6] = [
            ("unknown-import", "/imports/", &["deskbell:host/teleport@0.1.0"]),
            ("wrong-version", "/exports/", &["deskbell:routing/router", "0.2.0", "0.1.0"]),
            ("wrong-signature", "/exports/", &["deskbell:routing/router@0.1.0"]),
            ("no-hook", "/exports", &["deskbell:routing/router@0.1.0", "deskbell:variables/variables@0.1.0"]),
            ("no-manifest", "/manifest", &["deskbell plugin build"]),
            ("no-component", "/component", &["deskbell plugin build"]),
        ];
        for (name, pointer, words) in cases {
            let problem = admin.upload(&fixture(name)).await.refused(422, "plugin_refused");
            let error = problem["errors"][0].clone();
            assert!(text(&error, "pointer").starts_with(pointer), "{name}: {error}");
            for word in words {
                assert!(text(&error, "detail").contains(word), "{name}: {error}");
            }
        }
        assert_eq!(list(&admin.get(PLUGINS).await["items"]), [json!(null); 0]);
    }

    async fn a_version_is_one_file_for_ever(app) {
        let admin = Admin::of(&app).await;
        let key = "order-variables";
        let first = admin.upload(&built_in_as(key, "1.9.0")).await.ok(201);
        let path = format!("{PLUGINS}/{}", text(&first["plugin"], "id"));
        // The same version with something else in it.
        let mut other = built_in_as(key, "1.9.0").to_vec();
        other.extend(b"\0\x03\x01xy");
        admin.upload(&other).await.refused(409, "plugin_version_exists");
        let mut desk = admin.agent.connect().await;
        let newer = admin.upload(&built_in_as(key, "1.10.0")).await.ok(201);
        assert_eq!(newer["plugin"]["id"], first["plugin"]["id"]);
        assert_eq!(newer["plugin"]["latest_version"], "1.10.0");
        app.settle().await;
        let told = desk.expect_event("plugin.updated").await;
        assert_eq!(told["changes"], json!({ "latest_version": ["1.9.0", "1.10.0"], "version": [1, 2] }));
        // An older one is kept beside it.
        let older = admin.upload(&built_in_as(key, "0.1.1")).await.ok(201);
        assert_eq!(older["plugin"]["latest_version"], "1.10.0");
        let versions = list(&admin.get(&format!("{path}/versions")).await["items"]);
        assert_eq!(versions.len(), 3);
        // One installs the latest, or the one that is named.
        let body = json!({
            "plugin_id": first["plugin"]["id"], "hooks": ["variables"], "capabilities": ["http"],
        });
        let installed = admin.install(body.clone()).await.ok(201);
        assert_eq!(installed["plugin_version"], "1.10.0");
        admin.agent.http.delete(&path_of(&installed)).await.ok(204);
        let mut named = body;
        named["plugin_version"] = json!("0.1.1");
        let installed = admin.install(named.clone()).await.ok(201);
        assert_eq!(installed["digest"], older["plugin_version"]["digest"]);
        named["plugin_version"] = json!("7.0.0");
        admin.install(named).await.names("/plugin_version", "unknown");
        desk.close().await;
    }

    async fn size_and_type_are_refused_clearly(app) {
        let admin = Admin::of(&app).await;
        let large = vec![0; 8 * 1024 * 1024 + 1];
        let told = admin.upload(&large).await.refused(413, "too_large");
        assert!(text(&told, "detail").contains("8388608"), "{told}");
        let path = PLUGINS;
        let wrong = [("content-type", "application/octet-stream")];
        let http = &admin.agent.http;
        let told = http.raw(reqwest::Method::POST, path, vec![0; 10], &wrong).await;
        told.refused(415, "unsupported_media_type");
        // Only this route takes so much.
        let big = json!({ "name": "x".repeat(100_000), "strategy": "manual" });
        admin.agent.http.post("/api/v1/teams", big).await.refused(413, "too_large");
    }

    async fn a_keyed_upload_is_done_once(app) {
        let admin = Admin::of(&app).await;
        let (file, key) = (zoo("bad-variables"), [("idempotency-key", "u1")]);
        let first = upload(&admin.agent, &file, &key).await.ok(201);
        assert_eq!(upload(&admin.agent, &file, &key).await.ok(201), first);
        let other = built_in("order-variables");
        upload(&admin.agent, &other, &key).await.refused(422, "idempotency_key_reused");
    }

    async fn what_is_installed_stays(app) {
        let admin = Admin::of(&app).await;
        let installation = admin.order_variables().await;
        let plugin = text(&admin.get(&installation).await, "plugin_id");
        let path = format!("{PLUGINS}/{plugin}");
        admin.agent.http.delete(&path).await.refused(409, "in_use");
        admin.agent.http.delete(&installation).await.ok(204);
        admin.agent.http.delete(&path).await.ok(204);
        assert_eq!(list(&admin.get(INSTALLATIONS).await["items"]), [json!(null); 0]);
    }

    async fn only_admins_see_plugins(app) {
        for name in ["ana", "supervisor"] {
            let agent = app.agent(name).await;
            for path in [PLUGINS, INSTALLATIONS, "/api/v1/plugins/catalogue"] {
                agent.http.get(path).await.refused(403, "forbidden");
            }
            let file = built_in("order-variables");
            upload(&agent, &file, &[]).await.refused(403, "forbidden");
        }
    }
}
