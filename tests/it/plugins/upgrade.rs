//! Other versions of what is installed: what is different, going there, and back.
//! Under load, in `load.rs`.

use deskbell_tests::both_engines;
use deskbell_tests::guests::{zoo, zoo_as};
use deskbell_tests::reducer::{list, text};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, INSTALLATIONS, PLUGINS, canned};

const TELL: &str = "{{version.of}}";
/// What the second version's manifest says beside the first's.
const MORE: &str = "[config.properties.colour]\ntype = \"string\"\ndefault = \"blue\"\n";

/// Version 0.1.0 at work, and 0.2.0 uploaded; answers the path.
pub(super) async fn two_versions(admin: &Admin, config: Value) -> String {
    let path = admin.at_work(&zoo("versions"), "variables", config).await;
    let second = zoo_as("versions", "0.2.0", MORE);
    admin.upload(&second).await.ok(201);
    path
}

pub(super) async fn tells(chat: &Chat) -> String {
    let shown = chat.use_canned("tell", "c1", true).await.ok(200);
    let words = text(&shown, "text");
    let mut words = words.split("version ").skip(1);
    words.next().unwrap_or_default().chars().take(5).collect()
}

both_engines! {
    async fn an_upgrade_and_the_way_back(app) {
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({ "mode": "tell" })).await;
        let before = admin.get(&path).await;
        assert_eq!((&before["plugin_version"], &before["previous_version"]), (&json!("0.1.0"), &json!(null)));
        canned(&admin, "tell", TELL).await;
        let chat = Chat::begin(&app).await;
        assert_eq!(tells(&chat).await, "0.1.0");
        let mut desk = admin.agent.connect().await;
        let versions = admin.get(&format!("{PLUGINS}/{}/versions", text(&before, "plugin_id"))).await;
        let differences: Vec<_> = list(&versions["items"])
            .iter()
            .map(|one| (text(one, "plugin_version"), one["difference"].clone()))
            .collect();
        let words = json!(["Its configuration may have `colour`."]);
        assert_eq!(differences, [("0.2.0".to_owned(), words), ("0.1.0".to_owned(), json!([]))]);
        let body = json!({ "plugin_version": "0.2.0", "hooks": ["variables"], "capabilities": [] });
        let after = admin.agent.http.post(&format!("{path}/upgrade"), body).await.ok(200);
        // No step between the answer and what follows from it.
        assert_eq!(tells(&chat).await, "0.2.0");
        assert_eq!((&after["plugin_version"], &after["previous_version"]), (&json!("0.2.0"), &json!("0.1.0")));
        assert_eq!(after["config"], json!({ "mode": "tell", "colour": "blue" }), "by its own schema");
        app.settle().await;
        let told = desk.expect_event("plugin.upgraded").await;
        assert_eq!(told["data"]["from_version"], "0.1.0");
        assert_eq!(told["changes"]["plugin_version"], json!(["0.1.0", "0.2.0"]));
        assert_eq!(told["changes"]["previous_version"], json!([null, "0.1.0"]));
        let back = admin.agent.http.poke(&format!("{path}/rollback")).await.ok(200);
        assert_eq!(tells(&chat).await, "0.1.0");
        assert_eq!((&back["config"], &back["previous_version"]), (&before["config"], &json!(null)));
        assert_eq!((&back["digest"], &back["version"]), (&before["digest"], &json!(3)));
        app.settle().await;
        let told = desk.expect_event("plugin.rolled_back").await;
        assert_eq!((&told["data"]["from_version"], &told["data"]["reason"]), (&json!("0.2.0"), &json!(null)));
        admin.agent.http.poke(&format!("{path}/rollback")).await.refused(409, "no_previous_version");
        desk.close().await;
    }

    async fn what_a_version_wants_more_is_told_and_must_be_granted(app) {
        let admin = Admin::of(&app).await;
        // Other code under the same name: it wants the directory.
        let first = zoo("bad-router");
        let manifest = "id = \"curious-router\"\nname = \"Curious router\"\nversion = \"0.0.1\"\n\
            publisher = \"Deskbell tests\"\nlicense = \"Apache-2.0\"\ndescription = \"Small.\"\n\
            [config]\ntype = \"object\"\nrequired = [\"mode\"]\n[config.properties.mode]\ntype = \"string\"\n";
        let first = deskbell_package::pack(&first, manifest).expect("a plugin").0;
        let config = json!({ "mode": "no-opinion" });
        let path = admin.at_work(&first, "routing", config.clone()).await;
        admin.upload(&zoo("curious-router")).await.ok(201);
        let before = admin.get(&path).await;
        let versions = admin.get(&format!("{PLUGINS}/{}/versions", text(&before, "plugin_id"))).await;
        let difference = list(&versions["items"][0]["difference"]);
        let wants = "It also wants the capability `directory` and does not start without it.";
        assert!(difference.contains(&json!(wants)), "{difference:?}");
        assert!(difference.contains(&json!("Its configuration need no longer have `mode`.")), "{difference:?}");
        let upgrade = async |body: Value| admin.agent.http.post(&format!("{path}/upgrade"), body).await;
        let body = |version: &str, hooks: Value, capabilities: Value, config: Value| json!({
            "plugin_version": version, "hooks": hooks, "capabilities": capabilities, "config": config,
        });
        let (routing, agent) = (json!(["routing"]), json!({ "agent": "ana@demo.test" }));
        let told = upgrade(body("0.1.0", routing.clone(), json!([]), agent.clone())).await;
        told.refused(422, "grant_missing");
        told.names("/capabilities", "grant_missing");
        let all = json!(["directory"]);
        upgrade(body("0.1.0", json!(["variables"]), all.clone(), agent.clone())).await.names("/hooks/0", "unknown");
        upgrade(body("0.1.0", routing.clone(), all.clone(), json!({ "agent": 7 }))).await.refused(422, "invalid_input");
        upgrade(body("9.9.9", routing.clone(), all.clone(), agent.clone())).await.names("/plugin_version", "unknown");
        upgrade(body("0.0.1", routing.clone(), json!([]), config)).await.names("/plugin_version", "unchanged");
        assert_eq!(admin.get(&path).await, before, "nothing changed");
        let stale = admin.agent.http.send(
            reqwest::Method::POST, &format!("{path}/upgrade"),
            Some(body("0.1.0", routing.clone(), all.clone(), agent.clone())), &[("if-match", "7")],
        ).await;
        stale.refused(412, "stale_version");
        let after = upgrade(body("0.1.0", routing, all.clone(), agent)).await.ok(200);
        assert_eq!(after["capabilities"], all);
        let back = admin.agent.http.poke(&format!("{path}/rollback")).await.ok(200);
        assert_eq!((&back["capabilities"], &back["config"]), (&json!([]), &before["config"]));
    }

    async fn only_admins_change_versions(app) {
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({})).await;
        let ana = app.agent("ana").await;
        let body = json!({ "plugin_version": "0.2.0", "hooks": ["variables"] });
        for (path, body) in [(format!("{path}/upgrade"), body.clone()), (format!("{path}/rollback"), json!({}))] {
            ana.http.post(&path, body).await.refused(403, "forbidden");
        }
        let nobody = format!("{INSTALLATIONS}/ins_00000000000000000000000000000bad/upgrade");
        admin.agent.http.post(&nobody, body).await.refused(404, "not_found");
    }
}
