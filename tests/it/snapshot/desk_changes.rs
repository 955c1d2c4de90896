//! The same for what admins change: agents, teams, inboxes, canned responses. A
//! snapshot holds them too, so each change must be told in full.

use deskbell_tests::{PASSWORD, both_engines};
use serde_json::json;

use super::watch::Watch;

both_engines! {
    async fn what_admins_change(app) {
        let (owner, ana, ben) =
            (app.agent("owner").await, app.agent("ana").await, app.agent("ben").await);
        let anas = ana.connect().await;
        app.settle().await;
        let visitor = app.visitor().await;
        visitor.ring("v1", "hello").await;
        app.settle().await;
        let mut watch = Watch::new();
        // Ana's own teams stay as they are: a change of them ends in a resync.
        watch.agent("agent", &ana).await;
        watch.agent("owner", &owner).await;
        watch.begin(&app).await;

        let http = &owner.http;
        let team = json!({ "name": "Second line", "strategy": "round_robin" });
        let team = http.post("/api/v1/teams", team).await.ok(201);
        let team_id = team["id"].as_str().unwrap_or_default();
        watch.compare(&app, "a team is made").await;
        let path = format!("/api/v1/teams/{team_id}");
        http.patch(&path, json!({ "name": "Third line", "strategy": "manual" })).await.ok(200);
        watch.compare(&app, "a team is changed").await;

        let new = json!({
            "email": "cleo@demo.test", "name": "Cleo", "role": "agent", "password": PASSWORD,
            "team_ids": [team_id],
        });
        let cleo = http.post("/api/v1/agents", new).await.ok(201);
        watch.compare(&app, "an agent is made").await;
        let cleo = format!("/api/v1/agents/{}", cleo["id"].as_str().unwrap_or_default());
        http.patch(&cleo, json!({ "name": "Cleopatra", "capacity": 2 })).await.ok(200);
        watch.compare(&app, "an agent is renamed").await;
        http.patch(&cleo, json!({ "team_ids": [] })).await.ok(200);
        watch.compare(&app, "an agent leaves a team").await;
        http.patch(&cleo, json!({ "team_ids": [team_id] })).await.ok(200);
        watch.compare(&app, "an agent joins a team").await;
        http.patch(&cleo, json!({ "role": "supervisor" })).await.ok(200);
        watch.compare(&app, "a role is changed").await;
        http.patch(&cleo, json!({ "deactivated": true })).await.ok(200);
        watch.compare(&app, "an agent is deactivated").await;
        let bens = format!("/api/v1/agents/{}", ben.id);
        http.patch(&bens, json!({ "name": "Benedict" })).await.ok(200);
        watch.compare(&app, "a colleague is renamed").await;
        http.delete(&path).await.ok(204);
        watch.compare(&app, "a team is deleted").await;

        let inbox = json!({
            "key": "second-web", "name": "Second", "default_team_id": team_of(&ana.snapshot().await),
            "look": { "brand_color": "#112233" },
        });
        let inbox = http.post("/api/v1/inboxes", inbox).await.ok(201);
        watch.compare(&app, "an inbox is made").await;
        let path = format!("/api/v1/inboxes/{}", inbox["id"].as_str().unwrap_or_default());
        http.patch(&path, json!({ "allowed_origins": ["https://shop.test"] })).await.ok(200);
        watch.compare(&app, "an inbox is changed").await;

        let canned = json!({ "shortcut": "sorry", "title": "Sorry", "text": "We are sorry." });
        let canned = http.post("/api/v1/canned-responses", canned).await.ok(201);
        watch.compare(&app, "a canned response is made").await;
        let path = format!("/api/v1/canned-responses/{}", canned["id"].as_str().unwrap_or_default());
        http.patch(&path, json!({ "enabled": false })).await.ok(200);
        watch.compare(&app, "a canned response is changed").await;
        http.delete(&path).await.ok(204);
        watch.compare(&app, "a canned response is deleted").await;
        // No snapshot holds plugins, and their events disturb none.
        let plugin = json!({ "catalogue": "order-variables" });
        let plugin = http.post("/api/v1/plugins", plugin).await.ok(201);
        let installed = json!({
            "plugin_id": plugin["plugin"]["id"], "hooks": ["variables"], "capabilities": ["http"],
        });
        let installed = http.post("/api/v1/installations", installed).await.ok(201);
        watch.compare(&app, "a plugin is installed").await;
        let path = format!("/api/v1/installations/{}", installed["id"].as_str().unwrap_or_default());
        http.patch(&path, json!({ "enabled": false, "position": 3 })).await.ok(200);
        http.delete(&path).await.ok(204);
        watch.compare(&app, "a plugin is taken out of work").await;
        watch.leave().await;
        anas.close().await;
    }
}

fn team_of(snapshot: &serde_json::Value) -> serde_json::Value {
    snapshot["self"]["team_ids"][0].clone()
}
