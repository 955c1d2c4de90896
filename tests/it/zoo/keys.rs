//! Plugins that keep too much, and that look for what others keep.

use std::sync::Arc;

use deskbell_app::Plane;
use deskbell_app::hooks::{Call, VariablesRequest};
use deskbell_app::plugins::Installed;
use deskbell_domain::plugin::Hook;
use deskbell_domain::reach::{KEYS_BYTES, MOST_KEYS};
use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, TestApp, both_engines};
use serde_json::json;

use super::neighbour::{Neighbour, quiet_tenant};
use super::yard::Yard;
use crate::plugins::desk::{INSTALLATIONS, upload};

/// This desk keeps a canary.
async fn keeps(app: &TestApp, admin: &Agent, value: &str) -> Arc<Installed> {
    let plugin = upload(admin, &zoo("keeping-variables"), &[]).await.ok(201);
    let body = json!({
        "plugin_id": plugin["plugin"]["id"], "hooks": ["variables"], "capabilities": ["kv"],
    });
    let made = admin.http.post(INSTALLATIONS, body).await.ok(201);
    let at_work = at_work(app, admin, &text(&made, "id")).await;
    let keys = at_work.call(app.app(), Hook::Variables).keys;
    let value = bytes::Bytes::copy_from_slice(value.as_bytes());
    let anything = deskbell_app::hooks::Expected::Anything;
    let kept = keys
        .change("canary".to_owned(), anything, Some(value))
        .await;
    assert_eq!(kept, Ok(false), "it is new");
    at_work
}

async fn at_work(app: &TestApp, admin: &Agent, id: &str) -> Arc<Installed> {
    let actor = app.actor(&admin.token, Plane::Agent).await;
    let all = app.app().installed(actor.tenant, Hook::Variables);
    let found = all.into_iter().find(|one| one.id.to_string() == id);
    found.expect("it is at work")
}

/// What a guest says that is asked for `zoo.attack` in this conversation.
async fn says(app: &TestApp, admin: &Agent, conversation: &str, call: Call) -> String {
    let tenant = app.actor(&admin.token, Plane::Agent).await.tenant;
    let tx = app.app().store.snapshot(tenant).await.expect("a snapshot");
    let id = conversation.parse().expect("an id");
    let conversation = tx.conversation(id).await.expect("a read").expect("one");
    let contact = tx.contact(conversation.contact.id).await.expect("a read");
    let request = VariablesRequest {
        names: vec!["zoo.attack".to_owned()],
        conversation,
        contact: contact.expect("one"),
        agent: deskbell_domain::AgentRef {
            id: admin.id.parse().expect("an id"),
            name: admin.name.clone(),
        },
    };
    let values = app.app().hooks.resolve_variables(call, request).await;
    values.expect("values")["zoo.attack"].clone()
}

both_engines! {
    async fn a_flood_of_keys_ends_at_the_quota(app) {
        let yard = Yard::of(&app).await;
        let mut neighbour = Neighbour::of(&app).await;
        let path = yard.install("kv-flood", "variables", &["kv"]).await;
        let said = yard.filled().await;
        let full = "39 of large: there is no room for more keys or values; 200 of small";
        assert_eq!(said, full);
        let (call, log) = yard.traces(&path).await;
        assert!(call["host_calls"].as_i64() <= Some(2_000), "{call}");
        let told = log.iter().any(|line| line.contains("keeps at most 10485760 bytes"));
        assert!(told, "{log:?}");
        let mut kept = Vec::new();
        let mut page = yard.admin.get(&format!("{path}/kv?limit=200")).await;
        loop {
            kept.extend(list(&page["items"]));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            page = yard.admin.get(&format!("{path}/kv?limit=200&cursor={cursor}")).await;
        }
        let bytes: i64 = kept.iter().filter_map(|one| one["bytes"].as_i64()).sum();
        assert!(bytes <= KEYS_BYTES && bytes > KEYS_BYTES * 9 / 10, "{bytes}");
        assert!(kept.len() as i64 <= MOST_KEYS, "{}", kept.len());
        neighbour.goes_on("kv-flood").await;
    }

    async fn nobody_finds_what_others_keep(app) {
        let yard = Yard::of(&app).await;
        let (otto, _) = quiet_tenant(&app).await;
        let admin = &yard.admin.agent;
        keeps(&app, admin, "ours").await;
        let theirs = keeps(&app, &otto, "theirs").await;
        let path = yard.install("kv-probe", "variables", &["kv"]).await;
        assert_eq!(yard.filled().await, "found []");
        let (call, log) = yard.traces(&path).await;
        assert_eq!((call["outcome"].as_str(), log[0].as_str()), (Some("ok"), "looking for canaries"));
        // Given another's hand by mistake, it would find it at once.
        let id = path.rsplit('/').next().unwrap_or_default();
        let prober = at_work(&app, admin, id).await;
        let call = Call {
            keys: theirs.call(app.app(), Hook::Variables).keys,
            ..prober.call(app.app(), Hook::Variables)
        };
        let said = says(&app, admin, yard.conversation(), call).await;
        assert!(said.contains("canary") && said.contains("theirs"), "{said}");
        // What they keep is as it was.
        let keys = theirs.call(app.app(), Hook::Variables).keys;
        let kept = keys.get("canary".to_owned()).await.expect("a read");
        assert_eq!(kept.as_deref(), Some(b"theirs".as_slice()));
    }
}
