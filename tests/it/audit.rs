//! The audit log: what is in it, who did it and from where, who may read it, and
//! what is never in it.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_domain::time::{DAY, HOUR, MINUTE};
use deskbell_tests::guests::{built_in, zoo, zoo_as};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, Setup, both_engines};
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
            "installation.limited", "installation.secret_changed",
            "installation.secret_changed", "plugin.disabled", "installation.deleted", "plugin.deleted",
        ];
        assert_eq!(actions(&done), expected);
        let one = |action: &str| done.iter().find(|it| it["action"] == action).expect("an entry").clone();
        assert_eq!(one("team.updated")["details"], json!({ "name": ["Second", "Third"] }));
        assert_eq!(one("inbox.updated")["details"], json!({ "changed": ["look"] }));
        assert_eq!(one("agent.updated")["details"], json!({ "role": ["agent", "supervisor"] }));
        assert_eq!(one("agent.updated")["target"], json!({ "kind": "agent", "id": cleo.id, "name": cleo.name }));
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

    async fn whoever_tries_on_and_on_is_one_entry_a_minute(app) {
        let owner = app.agent("owner").await;
        let tries = async |email: &str| {
            let body = json!({ "tenant": "demo", "email": email, "password": "wrong" });
            app.http.post("/api/v1/auth/login", body).await.refused(401, "bad_credentials");
        };
        let failed = async || {
            let all = entries(&owner, "action=agent.log_in_failed").await;
            let facts = all.iter().map(|it| (it["target"]["id"].clone(), it["details"]["attempts"].clone()));
            facts.collect::<Vec<_>>()
        };
        let ana = json!(app.agent("ana").await.id);
        for n in 0..20 {
            tries("ana@demo.test").await;
            // Nobody's account is nobody's, whatever was typed.
            tries(&format!("nobody-{n}@demo.test")).await;
        }
        let nobody = Value::Null;
        assert_eq!(failed().await, [(nobody.clone(), json!(20)), (ana.clone(), json!(20))]);
        app.advance(MINUTE);
        tries("ana@demo.test").await;
        assert_eq!(failed().await.len(), 2, "to the last millisecond");
        app.advance(1);
        tries("ana@demo.test").await;
        let after = failed().await;
        assert_eq!(after, [(ana.clone(), nobody.clone()), (nobody, json!(20)), (ana, json!(21))]);
    }

    async fn an_entry_is_kept_for_as_long_as_the_operator_says(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.config.audit.keep_days = 30;
        let app = setup.start().await;
        // Access tokens end meanwhile.
        let made = async |name: &str| {
            let team = json!({ "name": name, "strategy": "manual" });
            app.agent("owner").await.http.post("/api/v1/teams", team).await.ok(201);
        };
        let there = async || {
            let owner = app.agent("owner").await;
            let all = entries(&owner, "action=team.created").await;
            all.iter().filter(|it| it["actor"]["type"] == "agent").count()
        };
        made("First").await;
        app.advance(DAY);
        made("Second").await;
        app.advance(29 * DAY - HOUR);
        app.settle().await;
        assert_eq!(there().await, 2);
        app.advance(2 * HOUR);
        app.settle().await;
        assert_eq!(there().await, 1, "the first is older than thirty days");
        app.advance(DAY);
        app.settle().await;
        assert_eq!(there().await, 0);
        app.finish().await;
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

    async fn it_is_asked_for_by_kind_and_by_time(app) {
        let owner = app.agent("owner").await;
        let body = json!({ "tenant": "demo", "email": "ana@demo.test", "password": "wrong" });
        app.http.post("/api/v1/auth/login", body).await.refused(401, "bad_credentials");
        let mut made = vec![];
        for n in 0..3 {
            app.advance(60_000);
            let team = json!({ "name": format!("Team {n}"), "strategy": "manual" });
            made.push(text(&owner.http.post("/api/v1/teams", team).await.ok(201), "id"));
        }
        let canned = json!({ "shortcut": "so-long", "title": "Bye", "text": "Bye" });
        let canned = text(&owner.http.post("/api/v1/canned-responses", canned).await.ok(201), "id");
        owner.http.delete(&format!("/api/v1/canned-responses/{canned}")).await.ok(204);
        owner.http.delete(&format!("/api/v1/teams/{}", made[2])).await.ok(204);

        let mine = format!("actor_id={}", owner.id);
        let some = entries(&owner, &format!("{mine}&action=canned_response.*,team.deleted")).await;
        assert_eq!(actions(&some), ["team.deleted", "canned_response.deleted", "canned_response.created"]);
        // `_` stands for itself.
        assert_eq!(entries(&owner, &format!("{mine}&action=t_am.*")).await, [json!(null); 0]);
        let teams = entries(&owner, &format!("{mine}&action=team.*")).await;
        assert_eq!(actions(&teams), ["team.deleted", "team.created", "team.created", "team.created"]);
        // By what they were called last, though two are gone.
        let names: Vec<_> = teams.iter().chain(&some[1..2]).map(|it| text(&it["target"], "name")).collect();
        assert_eq!(names, ["Team 2", "Team 2", "Team 1", "Team 0", "/so-long"]);

        let at = |n: usize| text(&teams[n], "at");
        let between = format!("{mine}&action=team.*&from={}&to={}", at(2), at(1));
        assert_eq!(entries(&owner, &between).await, teams[2..3], "the first is in it, the last is not");
        assert_eq!(entries(&owner, &format!("{mine}&action=team.*&to={}", at(3))).await, [json!(null); 0]);
        let nobody = entries(&owner, "actor_type=system&action=agent.log_in_failed").await;
        assert_eq!(nobody.len(), 1);
        assert!(entries(&owner, "actor_type=agent").await.iter().all(|it| it["actor"]["type"] == "agent"));

        let backwards = format!("from={}&to={}", at(1), at(2));
        let many = format!("action={}", vec!["team.*"; 21].join(","));
        let wrong = ["from=today", "actor_type=nobody", "action=team", "action=team.%25", &backwards, &many];
        for query in wrong {
            owner.http.get(&format!("{AUDIT}?{query}")).await.refused(422, "invalid_input");
            owner.http.get(&format!("{AUDIT}.csv?{query}")).await.refused(422, "invalid_input");
        }
    }

    async fn a_file_holds_what_was_asked_for(app) {
        let owner = app.agent("owner").await;
        let team = json!({ "name": "=HYPERLINK(\"x\")", "strategy": "manual" });
        let team = text(&owner.http.post("/api/v1/teams", team).await.ok(201), "id");
        // More than are read at once.
        for n in 0..260 {
            let strategy = if n % 2 == 0 { "round_robin" } else { "manual" };
            owner.http.patch(&format!("/api/v1/teams/{team}"), json!({ "strategy": strategy })).await.ok(200);
        }
        let query = format!("target_id={team}");
        let file = async |query: &str| {
            let answer = owner.http.get(&format!("{AUDIT}.csv?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let header = |name: &str| answer.headers.get(name).map(|it| it.to_str().expect("text").to_owned());
            assert_eq!(header("content-type").as_deref(), Some("text/csv; charset=utf-8; header=present"));
            assert_eq!(header("content-disposition").as_deref(), Some("attachment; filename=\"audit.csv\""));
            let text = answer.text.strip_prefix('\u{feff}').expect("the mark").to_owned();
            let mut lines: Vec<String> = text.split_terminator("\r\n").map(str::to_owned).collect();
            assert!(lines.remove(0).starts_with("\"at\",\"actor_type\""));
            (lines, header("next-cursor"))
        };
        let (whole, next) = file(&query).await;
        assert_eq!((whole.len(), next), (261, None));
        let expected = entries(&owner, &query).await;
        for (line, entry) in whole.iter().zip(&expected) {
            let details = entry["details"].to_string().replace('"', "\"\"");
            let begin = format!("\"{}\",\"agent\",\"{}\"", text(entry, "at"), owner.id);
            let end = format!("\"{team}\",\"'=HYPERLINK(\"\"x\"\")\",\"{details}\",\"127.0.0.1\"");
            assert!(line.starts_with(&begin) && line.ends_with(&end), "{line}");
        }
        // In parts, it is the same.
        let (mut joined, mut cursor, mut files) = (vec![], String::new(), 0);
        loop {
            let (lines, next) = file(&format!("{query}&limit=100{cursor}")).await;
            files += 1;
            joined.extend(lines);
            let Some(next) = next else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!((files, &joined), (3, &whole));
        assert_eq!(file(&format!("{query}&limit=261")).await.1, None);

        for wrong in ["limit=0", "limit=50001", "cursor=x"] {
            owner.http.get(&format!("{AUDIT}.csv?{wrong}")).await.refused(422, "invalid_input");
        }
        let ana = app.agent("ana").await;
        ana.http.get(&format!("{AUDIT}.csv")).await.refused(403, "forbidden");
        app.http.get(&format!("{AUDIT}.csv")).await.refused(401, "token_missing");
    }
}
