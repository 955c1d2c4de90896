//! The audit log: what is in it, who did it and from where, who may read it, and
//! what is never in it.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::guests::{built_in, zoo, zoo_as};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

const AUDIT: &str = "/api/v1/audit";

async fn entries(reader: &Agent, query: &str) -> Vec<Value> {
    let path = format!("{AUDIT}?limit=200&{query}");
    list(&reader.http.get(&path).await.ok(200)["items"])
}

fn actions(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|it| text(it, "action")).collect()
}

async fn upload(owner: &Agent, file: &[u8]) -> String {
    let kind = [("content-type", "application/wasm")];
    let sent = owner
        .http
        .raw(Method::POST, "/api/v1/plugins", file.to_vec(), &kind);
    text(&sent.await.ok(201)["plugin"], "id")
}

both_engines! {
    async fn what_admins_do_is_in_it(app) {
        let owner = app.agent("owner").await;
        let post = async |path: &str, body: Value| owner.http.post(path, body).await.ok(201);
        let team = text(&post("/api/v1/teams", json!({ "name": "Second", "strategy": "manual" })).await, "id");
        owner.http.patch(&format!("/api/v1/teams/{team}"), json!({ "name": "Third" })).await.ok(200);
        let inbox = json!({ "key": "more", "name": "More", "default_team_id": team });
        let inbox = text(&post("/api/v1/inboxes", inbox).await, "id");
        let look = json!({ "look": { "welcome_text": "canary-text" } });
        owner.http.patch(&format!("/api/v1/inboxes/{inbox}"), look).await.ok(200);
        let cleo = app.new_agent(&owner, "cleo", json!({})).await;
        owner.http.patch(&format!("/api/v1/agents/{}", cleo.id), json!({ "role": "supervisor" })).await.ok(200);
        let canned = json!({ "shortcut": "so-long", "title": "Bye", "text": "canary-text" });
        let canned = text(&post("/api/v1/canned-responses", canned).await, "id");
        let canned = format!("/api/v1/canned-responses/{canned}");
        owner.http.patch(&canned, json!({ "text": "canary-text-2" })).await.ok(200);
        owner.http.delete(&canned).await.ok(204);
        let plugin = upload(&owner, &built_in("order-variables")).await;
        let body = json!({ "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["http"] });
        let path = format!("/api/v1/installations/{}", text(&post("/api/v1/installations", body).await, "id"));
        let config = json!({ "orders": [{ "order_id": "canary-text", "status": "x", "eta": "y" }] });
        owner.http.patch(&path, json!({ "config": config, "limits": { "cpu_ms": 10 } })).await.ok(200);
        owner.http.put(&format!("{path}/secrets/api_key"), json!({ "value": "canary-secret" })).await.ok(204);
        owner.http.delete(&format!("{path}/secrets/api_key")).await.ok(204);
        owner.http.poke(&format!("{path}/disable")).await.ok(200);
        owner.http.delete(&path).await.ok(204);
        owner.http.delete(&format!("/api/v1/plugins/{plugin}")).await.ok(204);

        let mut done = entries(&owner, &format!("actor_id={}", owner.id)).await;
        done.reverse();
        let expected = [
            "agent.logged_in", "team.created", "team.updated", "inbox.created", "inbox.updated",
            "agent.created", "agent.updated", "canned_response.created", "canned_response.updated",
            "canned_response.deleted", "plugin.created", "plugin.installed", "installation.configured",
            "installation.limited", "installation.updated", "installation.secret_changed",
            "installation.secret_changed", "plugin.disabled", "installation.deleted", "plugin.deleted",
        ];
        assert_eq!(actions(&done), expected);
        let one = |action: &str| done.iter().find(|it| it["action"] == action).expect("an entry").clone();
        assert_eq!(one("team.updated")["details"], json!({ "name": ["Second", "Third"] }));
        assert_eq!(one("inbox.updated")["details"], json!({ "changed": ["look"] }));
        assert_eq!(one("agent.updated")["details"], json!({ "role": ["agent", "supervisor"] }));
        assert_eq!(one("agent.updated")["target"], json!({ "kind": "agent", "id": cleo.id }));
        assert_eq!(one("installation.configured")["details"], json!({ "changed": ["orders"], "key": "order-variables" }));
        assert_eq!(one("installation.limited")["details"]["limits"][1]["cpu_ms"], 10);
        assert_eq!(one("installation.secret_changed")["details"], json!({ "secret": "api_key", "set": true }));
        for entry in &done {
            assert_eq!(entry["actor"], json!({ "type": "agent", "id": owner.id, "name": owner.name }));
            assert_eq!(entry["address"], "127.0.0.1", "{entry}");
            assert!(text(entry, "id").starts_with("aud_") && entry["at"].is_string(), "{entry}");
            let words = entry.to_string();
            assert!(!words.contains("canary") && !words.contains(PASSWORD) && !words.contains("argon2"), "{words}");
        }
        // A refused change is none.
        owner.http.patch(&format!("/api/v1/teams/{team}"), json!({ "name": "" })).await.refused(422, "invalid_input");
        let query = format!("action=team.updated&target_id={team}");
        assert_eq!(entries(&owner, &query).await.len(), 1);
    }

    async fn who_came_in_and_who_did_not(app) {
        let owner = app.agent("owner").await;
        let log_in = async |email: &str, password: &str| {
            let body = json!({ "tenant": "demo", "email": email, "password": password });
            app.http.post("/api/v1/auth/login", body).await
        };
        log_in("ana@demo.test", "canary-wrong").await.refused(401, "bad_credentials");
        log_in("canary-nobody@demo.test", PASSWORD).await.refused(401, "bad_credentials");
        let ana = app.agent("ana").await;
        ana.http.poke("/api/v1/auth/logout").await.ok(204);
        let ana = app.agent("ana").await;
        let sessions = list(&ana.http.get("/api/v1/auth/sessions").await.ok(200)["items"]);
        let other = app.agent("ana").await;
        other.http.delete(&format!("/api/v1/auth/sessions/{}", text(&sessions[0], "id"))).await.ok(204);
        let mut hers = entries(&owner, &format!("target_id={}", ana.id)).await;
        hers.reverse();
        let expected = [
            "agent.log_in_failed", "agent.logged_in", "agent.logged_out", "agent.logged_in",
            "agent.logged_in", "session.revoked",
        ];
        // The demo made her.
        assert_eq!(hers.remove(0)["action"], "agent.created");
        assert_eq!(actions(&hers), expected);
        assert_eq!((&hers[0]["actor"]["type"], &hers[0]["address"]), (&json!("system"), &json!("127.0.0.1")));
        assert_eq!(hers[1]["actor"]["id"], ana.id);
        let failed = entries(&owner, "action=agent.log_in_failed").await;
        let targets: Vec<_> = failed.iter().map(|it| it["target"]["id"].clone()).collect();
        assert_eq!(targets, [json!(null), json!(ana.id)]);
        assert!(!json!(failed).to_string().contains("canary"), "what was typed is not kept");
    }

    async fn the_desk_itself_is_in_it(app) {
        let owner = app.agent("owner").await;
        let plugin = upload(&owner, &zoo("bad-lifecycle")).await;
        let body = json!({ "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["kv"] });
        let id = text(&owner.http.post("/api/v1/installations", body).await.ok(201), "id");
        upload(&owner, &zoo_as("bad-lifecycle", "0.2.0", "")).await;
        let body = json!({
            "plugin_version": "0.2.0", "hooks": ["variables"], "capabilities": ["kv"],
            "config": { "upgrade": "says-error" },
        });
        let path = format!("/api/v1/installations/{id}/upgrade");
        owner.http.post(&path, body).await.refused(422, "upgrade_failed");
        let mut done = entries(&owner, &format!("target_id={id}")).await;
        done.reverse();
        assert_eq!(actions(&done), ["plugin.installed", "plugin.upgraded", "plugin.rolled_back"]);
        assert_eq!((&done[1]["actor"]["id"], &done[1]["details"]["from_version"]), (&json!(owner.id), &json!("0.1.0")));
        let undone = &done[2];
        assert_eq!((&undone["actor"]["type"], &undone["address"]), (&json!("system"), &json!(null)));
        assert!(text(&undone["details"], "reason").contains("too old"), "{undone}");
    }

    async fn pages_join_up_and_nobody_else_reads_it(app) {
        let owner = app.agent("owner").await;
        for n in 0..5 {
            let team = json!({ "name": format!("Team {n}"), "strategy": "manual" });
            owner.http.post("/api/v1/teams", team).await.ok(201);
        }
        let all = entries(&owner, "action=team.created").await;
        let (mut seen, mut cursor) = (vec![], String::new());
        loop {
            let path = format!("{AUDIT}?action=team.created&limit=2{cursor}");
            let page = owner.http.get(&path).await.ok(200);
            seen.extend(list(&page["items"]));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert!(seen.len() >= 5);
        assert_eq!(seen, all);
        for wrong in ["cursor=x", "limit=0", "limit=201"] {
            owner.http.get(&format!("{AUDIT}?{wrong}")).await.refused(422, "invalid_input");
        }
        let ana = app.agent("ana").await;
        ana.http.get(AUDIT).await.refused(403, "forbidden");
        app.http.get(AUDIT).await.refused(401, "token_missing");
        for answer in [owner.http.delete(AUDIT).await, owner.http.post(AUDIT, json!({})).await] {
            answer.refused(405, "method_not_allowed");
        }
        let new = NewTenant {
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            owner_email: "owner@other.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let theirs = app.agent_of("other", "owner@other.test").await;
        let seen = entries(&theirs, "").await;
        let words = json!(seen).to_string();
        assert!(!words.contains(&owner.id) && !words.contains("Team "), "{words}");
        assert_eq!(entries(&theirs, &format!("actor_id={}", owner.id)).await, [json!(null); 0]);
        assert!(!json!(entries(&owner, "").await).to_string().contains(&theirs.id));
    }
}
