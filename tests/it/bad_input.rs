//! Bad input over REST: each refusal names what is wrong, has the shape of a
//! problem (which the client checks on every answer), and changes nothing.

use deskbell_tests::{Agent, Http, TestApp, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// Some writes of each plane, with a body each would take.
async fn routes(app: &TestApp, owner: &Agent) -> Vec<(Http, Method, String, Value)> {
    let visitor = app.visitor().await;
    let id = visitor.ring("v0", "hello").await;
    let conversation = format!("/api/v1/conversations/{id}");
    let said = json!({ "client_msg_id": "k", "text": "words" });
    let team = json!({ "name": "Team", "strategy": "manual" });
    let log_in = json!({ "tenant": "demo", "email": "a@demo.test", "password": "wrong" });
    vec![
        (
            owner.http.clone(),
            Method::POST,
            format!("{conversation}/messages"),
            said.clone(),
        ),
        (
            owner.http.clone(),
            Method::PATCH,
            conversation.clone(),
            json!({ "subject": "s" }),
        ),
        (
            owner.http.clone(),
            Method::POST,
            format!("{conversation}/assign"),
            json!({}),
        ),
        (
            owner.http.clone(),
            Method::POST,
            "/api/v1/teams".to_owned(),
            team,
        ),
        (
            visitor.http.clone(),
            Method::POST,
            "/api/v1/widget/conversations".to_owned(),
            said.clone(),
        ),
        (
            visitor.http,
            Method::POST,
            format!("/api/v1/widget/conversations/{id}/messages"),
            said,
        ),
        (
            app.http.clone(),
            Method::POST,
            "/api/v1/widget/sessions".to_owned(),
            json!({ "inbox": "demo-web" }),
        ),
        (
            app.http.clone(),
            Method::POST,
            "/api/v1/auth/login".to_owned(),
            log_in,
        ),
    ]
}

fn deep(levels: usize) -> String {
    format!(
        "{{\"attributes\":{}1{}}}",
        "{\"a\":".repeat(levels),
        "}".repeat(levels)
    )
}

both_engines! {
    async fn what_cannot_be_read(app) {
        let owner = app.agent("owner").await;
        let before = owner.snapshot().await;
        let many = format!("[{}]", "0,".repeat(40_000));
        let bodies: Vec<(Vec<u8>, u16)> = vec![
            (b"{".to_vec(), 400),
            (b"{} {}".to_vec(), 400),
            (b"{\"text\":NaN}".to_vec(), 400),
            (b"{\"text\":1e999}".to_vec(), 400),
            (b"{\"text\":Infinity}".to_vec(), 400),
            (b"{'text':'x'}".to_vec(), 400),
            (b"\xff\xfe{}".to_vec(), 400),
            (b"{\"text\":\"\xc3\x28\"}".to_vec(), 400),
            (b"{\"text\":\"\\ud800\"}".to_vec(), 400),
            (b"{\"a\":1,\"a\":2}".to_vec(), 400),
            (b"{\"a\":{\"b\":1,\"b\":2}}".to_vec(), 400),
            (deep(40).into_bytes(), 400),
            (deep(30_000).into_bytes(), 413),
            ("[".repeat(20_000).into_bytes(), 400),
            (many.into_bytes(), 413),
            (vec![b' '; 70_000], 413),
        ];
        for (http, method, path, _) in routes(&app, &owner).await {
            for (body, status) in &bodies {
                let answer = http.raw(method.clone(), &path, body.clone(), JSON).await;
                let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                let expected = if body.len() > 65_536 { 413 } else { *status };
                assert_eq!(answer.status, expected, "{method} {path} {start:?}: {}", answer.text);
            }
            let kinds: [&[(&str, &str)]; 3] = [
                &[],
                &[("content-type", "text/plain")],
                &[("content-type", "application/json; charset=latin1")],
            ];
            for kind in kinds {
                let answer = http.raw(method.clone(), &path, b"{}".to_vec(), kind).await;
                assert_eq!(answer.status, 415, "{method} {path} {kind:?}: {}", answer.text);
            }
        }
        let after = owner.snapshot().await;
        assert_eq!(after["teams"], before["teams"]);
    }

    async fn fields_are_named(app) {
        let owner = app.agent("owner").await;
        for (http, method, path, good) in routes(&app, &owner).await {
            let mut unknown = good.clone();
            unknown["colour"] = json!("red");
            let answer = http.send(method.clone(), &path, Some(unknown), &[]).await;
            answer.refused(422, "invalid_input");
            answer.names("/colour", "unknown_field");
            for (field, _) in good.as_object().expect("an object") {
                let mut wrong = good.clone();
                wrong[field] = json!([["x"]]);
                let answer = http.send(method.clone(), &path, Some(wrong), &[]).await;
                let problem = answer.refused(422, "invalid_input");
                let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
                assert!(pointer.starts_with(&format!("/{field}")), "{field}: {problem}");
            }
            for whole in [json!([]), json!("text"), json!(7), json!(null)] {
                let answer = http.send(method.clone(), &path, Some(whole.clone()), &[]).await;
                let optional = whole.is_null() && path.ends_with("/assign");
                assert!(answer.status == 422 || optional, "{path} {whole}: {}", answer.text);
            }
        }
        // Limits, each by its field, all at once.
        let http = &owner.http;
        let agent = json!({
            "email": "no address", "name": " ", "role": "agent", "password": "short",
            "capacity": 101,
        });
        let answer = http.post("/api/v1/agents", agent).await;
        for (pointer, code) in [
            ("/email", "bad_email"), ("/name", "required"), ("/password", "bad_length"),
            ("/capacity", "out_of_range"),
        ] {
            answer.names(pointer, code);
        }
        let visitor = app.visitor().await;
        let rows = [
            (json!({ "client_msg_id": "two words", "text": "x" }), "/client_msg_id", "bad_key"),
            (json!({ "client_msg_id": "k".repeat(65), "text": "x" }), "/client_msg_id", "bad_key"),
            (json!({ "client_msg_id": "k", "text": " \n" }), "/text", "required"),
            (json!({ "client_msg_id": "k", "text": "é".repeat(4_001) }), "/text", "too_long"),
            (json!({ "client_msg_id": "k", "text": "a\u{0}b" }), "/text", "control_character"),
            (json!({ "text": "x" }), "/client_msg_id", "required"),
            (json!({ "client_msg_id": "k" }), "/text", "required"),
            (json!({ "attributes": { "a b": 1 } }), "/attributes/a b", "bad_name"),
            (json!({ "attributes": { "a": null } }), "/attributes/a", "bad_type"),
            (json!({ "subject": "s".repeat(201) }), "/subject", "too_long"),
            (json!({ "form": { "email": "x" } }), "/form/email", "bad_email"),
            (json!({ "form": { "nane": "x" } }), "/form/nane", "unknown_field"),
            (json!({ "team_id": "team_1" }), "/team_id", "bad_value"),
        ];
        for (body, pointer, code) in rows {
            let answer = visitor.http.post("/api/v1/widget/conversations", body).await;
            answer.refused(422, "invalid_input");
            answer.names(pointer, code);
        }
        assert_eq!(visitor.snapshot().await["conversations"], json!([]), "nothing was begun");
    }

    async fn ids_queries_and_addresses(app) {
        let owner = app.agent("owner").await;
        let http = &owner.http;
        let garbage = [
            "x", "conv_", "conv_0", "conv_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ", "%00", "%2e%2e",
            "msg_00000000000000000000000000000001", "conv_00000000000000000000000000000001",
            "conv_019B8D627A8070008000000000000043", "'%20OR%201=1--", "%F0%9F%92%A9",
        ];
        for id in garbage {
            for rest in ["", "/messages", "/decisions"] {
                let answer = http.get(&format!("/api/v1/conversations/{id}{rest}")).await;
                assert_eq!(answer.status, 404, "{id}{rest}: {}", answer.text);
            }
            let answer = http.post(&format!("/api/v1/conversations/{id}/resolve"), json!({})).await;
            assert_eq!(answer.status, 404, "{id}: {}", answer.text);
        }
        let queries = [
            ("conversations?colour=red", "/colour"), ("conversations?limit=0", "/limit"),
            ("conversations?limit=201", "/limit"), ("conversations?limit=-1", "/limit"),
            ("conversations?status=open", "/status"), ("conversations?team_id=team_1", "/team_id"),
            ("conversations?limit=1&limit=2", "/limit"), ("conversations?cursor=%00", "/cursor"),
            ("agents?cursor=nowhere", "/cursor"), ("queue?limit=many", "/limit"),
            ("search?q=x&limit=999", "/limit"), ("search?q=x&cursor=~", "/cursor"),
        ];
        for (query, pointer) in queries {
            let answer = http.get(&format!("/api/v1/{query}")).await;
            let problem = answer.refused(422, "invalid_input");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}: {problem}");
        }
        http.get("/api/v1/nothing").await.refused(404, "no_such_route");
        http.get("/api/v2/agents").await.refused(404, "no_such_route");
        let wrong = http.delete("/api/v1/agents").await;
        wrong.refused(405, "method_not_allowed");
        let allowed = wrong.headers.get("allow").and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
        let patch = |tag: &'static str| {
            let path = "/api/v1/conversations/conv_00000000000000000000000000000001";
            async move {
                let headers = [("if-match", tag)];
                http.send(Method::PATCH, path, Some(json!({})), &headers).await
            }
        };
        patch("W/\"1\"").await.refused(400, "bad_if_match");
        patch("7").await.refused(404, "not_found");
    }

    async fn pages_of_foreign_origins(app) {
        let owner = app.agent("owner").await;
        let sessions = "/api/v1/widget/sessions";
        let body = || Some(json!({ "inbox": "demo-web" }));
        let evil = [("origin", "https://evil.test")];
        let refused = app.http.send(Method::POST, sessions, body(), &evil).await;
        refused.refused(403, "origin_not_allowed");
        let own = [("origin", app.http.base.as_str())];
        app.http.send(Method::POST, sessions, body(), &own).await.ok(201);
        let visitor = app.visitor().await;
        let refused = visitor.http.send(Method::GET, "/api/v1/widget/snapshot", None, &evil).await;
        refused.refused(403, "origin_not_allowed");
        let inbox = owner.snapshot().await["inboxes"][0]["id"].clone();
        let path = format!("/api/v1/inboxes/{}", inbox.as_str().unwrap_or_default());
        let listed = json!({ "allowed_origins": ["https://shop.test"] });
        owner.http.patch(&path, listed).await.ok(200);
        let shop = [("origin", "https://shop.test")];
        app.http.send(Method::POST, sessions, body(), &shop).await.ok(201);
        let answer = visitor.http.send(Method::GET, "/api/v1/widget/snapshot", None, &shop).await;
        let allowed = answer.headers.get("access-control-allow-origin");
        assert_eq!(allowed.and_then(|v| v.to_str().ok()), Some("https://shop.test"));
        answer.ok(200);
        for origin in ["*", "https://shop.test/", "shop.test", "https://Shop.test", "null"] {
            let answer = owner.http.patch(&path, json!({ "allowed_origins": [origin] })).await;
            answer.refused(422, "invalid_input");
            answer.names("/allowed_origins/0", "bad_origin");
        }
    }
}
