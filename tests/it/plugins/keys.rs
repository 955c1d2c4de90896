//! What plugins keep, from outside: read again, under a quota, and each
//! installation's own.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, INSTALLATIONS, canned, path_of, upload};

/// The plugin at work with these steps.
async fn keeping(admin: &Agent, hook: &str, steps: Value) -> String {
    let plugin = upload(admin, &zoo("keeping-variables"), &[]).await.ok(201);
    let body = json!({
        "plugin_id": plugin["plugin"]["id"], "hooks": [hook], "capabilities": ["kv"],
        "config": { "steps": steps },
    });
    path_of(&admin.http.post(INSTALLATIONS, body).await.ok(201))
}

/// What came of these steps, line by line.
async fn told(admin: &Admin, chat: &Chat, path: &str, steps: Value) -> Vec<String> {
    let config = json!({ "config": { "steps": steps } });
    admin.patch(path, config).await.ok(200);
    let shown = chat.use_canned("kept", "c1", true).await.ok(200);
    text(&shown, "text").lines().map(str::to_owned).collect()
}

both_engines! {
    async fn what_is_kept_is_there_at_the_next_call(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "kept", "{{kept.all}}").await;
        let path = keeping(&admin.agent, "variables", json!([])).await;
        let chat = Chat::begin(&app).await;
        let first = json!([
            { "get": "a" }, { "set": ["a", "one"] }, { "set": ["a", "two"] }, { "set": ["b", "three"] },
            { "set": ["aa", "four"] }, { "swap": ["b", "other", "lost"] }, { "swap": ["b", "three", "won"] },
            { "swap": ["c", null, "new"] }, { "swap": ["c", null, "late"] }, { "swap": ["x", null, null] },
        ]);
        let said = told(&admin, &chat, &path, first).await;
        let expected = ["nothing", "set", "set", "set", "set", "false", "true", "true", "false", "true"];
        assert_eq!(said, expected);
        let second = json!([
            { "get": "a" }, { "get": "b" }, { "get": "c" }, { "list": "a" }, { "list": "" },
            { "delete": "a" }, { "delete": "a" }, { "list": "" },
        ]);
        let said = told(&admin, &chat, &path, second).await;
        assert_eq!(said, ["two", "won", "new", "a,aa", "a,aa,b,c", "true", "false", "aa,b,c"]);
        let wrong = json!([
            { "set": ["", "x"] }, { "set": ["a\nb", "x"] }, { "set": ["k".repeat(257), "x"] },
            { "fill": ["v", 1, 262_145] }, { "fill": ["v", 1, 262_144] },
        ]);
        let said = told(&admin, &chat, &path, wrong).await;
        let unfit = "this key or value cannot be kept";
        assert_eq!(said, [unfit, unfit, unfit, &format!("{unfit} at 0"), "filled"]);

        let kept = list(&admin.get(&format!("{path}/kv")).await["items"]);
        let keys: Vec<_> = kept.iter().map(|one| (text(one, "key"), one["bytes"].clone())).collect();
        let sizes = [("aa", 4), ("b", 3), ("c", 3), ("v000000", 262_144)];
        assert_eq!(keys, sizes.map(|(key, bytes)| (key.to_owned(), json!(bytes))));
        let some = list(&admin.get(&format!("{path}/kv?prefix=v")).await["items"]);
        assert_eq!(some.len(), 1);
        app.agent("ana").await.http.get(&format!("{path}/kv")).await.refused(403, "forbidden");
        // With its installation it goes too.
        admin.agent.http.delete(&path).await.ok(204);
        let path = keeping_again(&admin).await;
        assert_eq!(list(&admin.get(&format!("{path}/kv")).await["items"]), [json!(null); 0]);
    }

    async fn a_flood_ends_at_the_quota(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "kept", "{{kept.all}}").await;
        let path = keeping(&admin.agent, "variables", json!([])).await;
        let chat = Chat::begin(&app).await;
        // 40 of 256 KiB are 10 MiB, and their keys come on top.
        let flood = json!([{ "fill": ["f", 41, 262_144] }]);
        let said = told(&admin, &chat, &path, flood).await;
        assert_eq!(said, ["there is no room for more keys or values at 39"]);
        // What is there may change, and make room.
        let after = json!([{ "delete": "f000000" }, { "set": ["small", "x"] }, { "get": "small" }]);
        assert_eq!(told(&admin, &chat, &path, after).await, ["true", "set", "x"]);
    }

    async fn nobody_reads_what_another_tenant_keeps(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "kept", "{{kept.all}}").await;
        let path = keeping(&admin.agent, "variables", json!([])).await;
        let chat = Chat::begin(&app).await;
        told(&admin, &chat, &path, json!([{ "set": ["mine", "canary"] }])).await;
        let new = NewTenant {
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            owner_email: "owner@other.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let owner = app.agent_of("other", "owner@other.test").await;
        let theirs = keeping(&owner, "variables", json!([])).await;
        owner.http.get(&format!("{path}/kv")).await.refused(404, "not_found");
        let kept = owner.http.get(&format!("{theirs}/kv")).await.ok(200);
        assert_eq!(list(&kept["items"]), [json!(null); 0]);
        // Their plugin, asked by theirs: the key of the same name is another one.
        let actor = app.actor(&owner.token, deskbell_app::Plane::Agent).await;
        let at_work = app.app().installed(actor.tenant, deskbell_domain::plugin::Hook::Variables);
        let call = at_work[0].call(app.app(), deskbell_domain::plugin::Hook::Variables);
        assert_eq!(call.keys.get("mine".to_owned()).await, Ok(None));
        assert_eq!(call.keys.list(String::new(), None).await, Ok(vec![]));
        let said = told(&admin, &chat, &path, json!([{ "get": "mine" }])).await;
        assert_eq!(said, ["canary"]);
    }

    async fn a_hook_in_everybodys_way_reads_and_changes_nothing(app) {
        let admin = Admin::of(&app).await;
        let steps = json!([{ "get": "a" }, { "set": ["a", "x"] }, { "list": "" }]);
        let path = keeping(&admin.agent, "routing", steps).await;
        let mut ana = app.agent("ana").await.connect().await;
        app.settle().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let decisions = admin.get(&format!("/api/v1/conversations/{id}/decisions")).await;
        let consulted = list(&decisions["items"]).iter().flat_map(|one| list(&one["consulted"])).collect::<Vec<_>>();
        let reason = text(&consulted[0], "reason");
        assert_eq!(reason, "nothing this hook may only read what is kept");
        assert_eq!(list(&admin.get(&format!("{path}/kv")).await["items"]), [json!(null); 0]);
        ana.fence().await;
        ana.close().await;
    }
}

async fn keeping_again(admin: &Admin) -> String {
    let plugins = list(&admin.get("/api/v1/plugins").await["items"]);
    let plugin = plugins.iter().find(|one| one["key"] == "keeping-variables");
    let body = json!({
        "plugin_id": plugin.map(|one| one["id"].clone()), "hooks": ["variables"],
        "capabilities": ["kv"],
    });
    path_of(&admin.install(body).await.ok(201))
}
