//! Installing: grants, configuration, order, switching, and what is told of it.

use deskbell_tests::both_engines;
use deskbell_tests::guests::{built_in, zoo};
use deskbell_tests::reducer::{list, text};
use serde_json::{Value, json};

use super::desk::{Admin, INSTALLATIONS, path_of};

both_engines! {
    async fn what_is_not_granted_is_named(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&zoo("curious-router")).await;
        let body = |hooks: Value, capabilities: Value| json!({
            "plugin_id": plugin, "hooks": hooks, "capabilities": capabilities, "enabled": false,
        });
        let none = admin.install(body(json!(["routing"]), json!([]))).await;
        let problem = none.refused(422, "grant_missing");
        assert!(text(&problem, "detail").contains("`directory`"), "{problem}");
        none.names("/capabilities", "grant_missing");
        let told = admin.install(body(json!(["variables"]), json!(["directory"]))).await;
        told.refused(422, "invalid_input");
        told.names("/hooks/0", "unknown");
        admin.install(body(json!([]), json!(["directory"]))).await.names("/hooks", "required");
        admin.install(body(json!(["no-hook"]), json!([]))).await.refused(422, "invalid_input");
        let twice = json!(["directory", "directory"]);
        let good = admin.install(body(json!(["routing", "routing"]), twice)).await.ok(201);
        assert_eq!((&good["hooks"], &good["capabilities"]), (&json!(["routing"]), &json!(["directory"])));
        let again = admin.install(body(json!(["routing"]), json!(["directory"]))).await;
        again.refused(409, "taken");
        let path = path_of(&good);
        admin.patch(&path, json!({ "capabilities": [] })).await.refused(422, "grant_missing");
        assert_eq!(admin.get(&path).await, good);
    }

    async fn a_configuration_keeps_to_its_schema(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&built_in("order-variables")).await;
        let body = |config: Value| json!({
            "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["http"],
            "config": config,
        });
        let order = json!({ "order_id": "A-1", "status": "here" });
        let told = admin.install(body(json!({ "orders": [order], "colour": 1 }))).await;
        told.refused(422, "invalid_input");
        told.names("/config/orders/0/eta", "required");
        told.names("/config/colour", "unknown_field");
        let told = admin.install(body(json!({ "orders": "none" }))).await;
        told.names("/config/orders", "wrong_type");
        admin.install(body(json!([]))).await.refused(422, "invalid_input");
        // What the schema has a default for is filled in.
        let good = admin.install(body(json!({}))).await.ok(201);
        assert_eq!(good["config"], json!({ "attribute": "order_id", "orders": [] }));
        let path = path_of(&good);
        let told = admin.patch(&path, json!({ "config": { "attribute": 7 } })).await;
        told.names("/config/attribute", "wrong_type");
        let changed = admin.patch(&path, json!({ "config": { "attribute": "nr" } })).await.ok(200);
        assert_eq!(changed["config"]["attribute"], "nr");
        assert_eq!(changed["version"], 2);
    }

    async fn changes_are_told_each_in_one_event_and_without_configuration(app) {
        let admin = Admin::of(&app).await;
        let mut desk = admin.agent.connect().await;
        let path = admin.order_variables().await;
        app.settle().await;
        desk.fence().await;
        let told = desk.expect_event("plugin.installed").await;
        let summary = &told["data"]["installation"];
        assert_eq!((&summary["plugin_key"], summary.get("config")), (&json!("order-variables"), None));
        let changed = admin.patch(&path, json!({ "position": 7, "enabled": false })).await.ok(200);
        assert_eq!((&changed["version"], &changed["enabled"]), (&json!(2), &json!(false)));
        app.settle().await;
        let updated = desk.expect_event("installation.updated").await;
        assert_eq!(updated["changes"], json!({ "position": [1, 7], "version": [1, 2] }));
        let disabled = desk.expect_event("plugin.disabled").await;
        assert_eq!(disabled["changes"], json!({ "enabled": [true, false] }));
        let enabled = admin.agent.http.poke(&format!("{path}/enable")).await.ok(200);
        assert_eq!(enabled["version"], 3);
        // A second time changes nothing and tells of nothing.
        assert_eq!(admin.agent.http.poke(&format!("{path}/enable")).await.ok(200), enabled);
        app.settle().await;
        let told = desk.expect_event("plugin.enabled").await;
        assert_eq!(told["changes"], json!({ "enabled": [false, true], "version": [2, 3] }));
        let stale = admin.agent.http
            .send(reqwest::Method::PATCH, &path, Some(json!({ "position": 1 })), &[("if-match", "1")])
            .await;
        stale.refused(412, "stale_version");
        admin.agent.http.delete(&path).await.ok(204);
        app.settle().await;
        let told = desk.expect_event("installation.deleted").await;
        assert_eq!(told["data"]["installation_id"], changed["id"]);
        desk.fence().await;
        desk.close().await;
    }

    async fn installations_are_listed_in_the_order_they_are_asked(app) {
        let admin = Admin::of(&app).await;
        let first = admin.order_variables().await;
        let second = admin.bad_variables(json!({ "mode": "empty" })).await;
        let keys = async || -> Vec<String> {
            let all = admin.get(INSTALLATIONS).await;
            list(&all["items"]).iter().map(|one| text(one, "plugin_key")).collect()
        };
        assert_eq!(keys().await, ["order-variables", "bad-variables"]);
        admin.patch(&first, json!({ "position": 3 })).await.ok(200);
        assert_eq!(keys().await, ["bad-variables", "order-variables"]);
        admin.patch(&second, json!({ "position": -1 })).await.names("/position", "out_of_range");
    }
}
