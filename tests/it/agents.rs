//! Agents and the desk's furniture as admins change them, and what that does to
//! those who are there: sockets, chats, the last owner.

use deskbell_tests::reducer::text;
use deskbell_tests::{PASSWORD, both_engines};
use serde_json::json;

const AGENTS: &str = "/api/v1/agents";
const SNAPSHOT: &str = "/api/v1/agent/snapshot";

both_engines! {
    async fn a_change_of_teams_or_role_resyncs(app) {
        let (owner, ana) = (app.agent("owner").await, app.agent("ana").await);
        let team = json!({ "name": "Second line", "strategy": "manual" });
        let team = owner.http.post("/api/v1/teams", team).await.ok(201);
        let path = format!("{AGENTS}/{}", ana.id);
        let teams = list_with(&ana.snapshot().await["self"]["team_ids"], &team["id"]);
        for patch in [json!({ "team_ids": teams }), json!({ "role": "supervisor" })] {
            let mut desk = ana.connect().await;
            app.settle().await;
            desk.fence().await;
            let cursor = desk.cursor.clone();
            owner.http.patch(&path, patch).await.ok(200);
            app.settle().await;
            let closed = desk.expect_close().await;
            assert_eq!(closed.code, 4009, "{closed:?}");
            // The old cursor is of another sight.
            let again = ana.resume(Some(&cursor)).await;
            assert_eq!(again.welcome["resumed"], false);
            again.close().await;
        }
        // A new name or capacity is no reason to go.
        let mut desk = ana.connect().await;
        owner.http.patch(&path, json!({ "name": "Anabel", "capacity": 3 })).await.ok(200);
        app.settle().await;
        let event = desk.frame("event", |f| f["event"]["data"]["agent"]["name"] == "Anabel").await;
        assert_eq!(event["event"]["type"], "agent.updated");
        desk.fence().await;
        desk.close().await;
    }

    async fn who_is_deactivated_is_out_and_their_chats_wait_again(app) {
        let (owner, ana) = (app.agent("owner").await, app.agent("ana").await);
        let mut desk = ana.connect().await;
        app.settle().await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(owner.conversation(&id).await["assignee"]["name"], "Ana");
        let path = format!("{AGENTS}/{}", ana.id);
        owner.http.patch(&path, json!({ "deactivated": true })).await.ok(200);
        ana.http.get(SNAPSHOT).await.refused(401, "session_revoked");
        app.settle().await;
        assert_eq!(desk.expect_close().await.code, 4003);
        let conversation = owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["assignee"]), (&json!("queued"), &json!(null)));
        let log_in = json!({ "tenant": "demo", "email": "ana@demo.test", "password": PASSWORD });
        app.http.post("/api/v1/auth/login", log_in).await.refused(401, "bad_credentials");
        let assign = json!({ "agent_id": ana.id });
        owner.on(&id, "assign", assign).await.refused(409, "agent_deactivated");
        // And in again.
        owner.http.patch(&path, json!({ "deactivated": false })).await.ok(200);
        let ana = app.agent("ana").await;
        let desk = ana.connect().await;
        app.settle().await;
        assert_eq!(owner.conversation(&id).await["assignee"]["name"], "Ana");
        desk.close().await;
    }

    async fn owners_are_made_and_unmade_by_owners(app) {
        let owner = app.agent("owner").await;
        let admin = app.new_agent(&owner, "adam", json!({ "role": "admin" })).await;
        let new = json!({ "email": "o2@demo.test", "name": "O", "role": "owner", "password": PASSWORD });
        admin.http.post(AGENTS, new.clone()).await.refused(403, "forbidden");
        let owners = format!("{AGENTS}/{}", owner.id);
        admin.http.patch(&owners, json!({ "role": "agent" })).await.refused(403, "forbidden");
        admin.http.patch(&owners, json!({ "deactivated": true })).await.refused(403, "forbidden");
        let own = format!("{AGENTS}/{}", admin.id);
        admin.http.patch(&own, json!({ "role": "owner" })).await.refused(403, "forbidden");
        admin.http.patch(&own, json!({ "deactivated": true })).await.refused(422, "invalid_input");
        owner.http.patch(&owners, json!({ "role": "admin" })).await.refused(409, "in_use");
        owner.http.post(AGENTS, new.clone()).await.ok(201);
        owner.http.post(AGENTS, new).await.refused(409, "taken");
        owner.http.patch(&owners, json!({ "role": "admin" })).await.ok(200);
    }

    async fn furniture_is_kept_whole(app) {
        let owner = app.agent("owner").await;
        let http = &owner.http;
        let desk = owner.snapshot().await;
        let team = text(&desk["teams"][0], "id");
        http.delete(&format!("/api/v1/teams/{team}")).await.refused(409, "in_use");
        let inbox = json!({ "key": "demo-web", "name": "Again", "default_team_id": team });
        http.post("/api/v1/inboxes", inbox).await.refused(409, "taken");
        let canned = json!({ "shortcut": "greeting", "title": "Hello", "text": "Hello" });
        http.post("/api/v1/canned-responses", canned.clone()).await.refused(409, "taken");
        let other = json!({ "shortcut": "hello2", "title": "Hello", "text": "Hello" });
        let made = http.post("/api/v1/canned-responses", other).await.ok(201);
        let path = format!("/api/v1/canned-responses/{}", text(&made, "id"));
        http.patch(&path, json!({ "shortcut": "greeting" })).await.refused(409, "taken");
        // Each resource takes the version it was read at, once.
        let patch = json!({ "title": "Good day" });
        let version = made["version"].to_string();
        let if_match = [("if-match", version.as_str())];
        let method = reqwest::Method::PATCH;
        http.send(method.clone(), &path, Some(patch.clone()), &if_match).await.ok(200);
        let late = json!({ "title": "Good night" });
        http.send(method, &path, Some(late), &if_match).await.refused(412, "stale_version");
        let twice = json!({
            "email": "t@demo.test", "name": "T", "role": "agent", "password": PASSWORD,
            "team_ids": [team, team],
        });
        let answer = http.post(AGENTS, twice).await;
        answer.refused(422, "invalid_input");
        answer.names("/team_ids", "duplicate");
    }
}

fn list_with(list: &serde_json::Value, more: &serde_json::Value) -> serde_json::Value {
    let mut all = deskbell_tests::reducer::list(list);
    all.push(more.clone());
    all.into()
}
