//! The plugin `crm-sync` from end to end: out of the catalogue, against a CRM with
//! tokens and limits of its own.

use deskbell_tests::crm::{CLIENT_SECRET, Crm};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, PLUGINS, path_of};
use super::outside::open;

const MIA: &str = "mia@example.com";

async fn installed(admin: &Admin, crm: &Crm) -> String {
    let taken = admin
        .agent
        .http
        .post(PLUGINS, json!({ "catalogue": "crm-sync" }))
        .await
        .ok(201);
    let body = json!({
        "plugin_id": taken["plugin"]["id"], "hooks": ["events", "context"],
        "capabilities": ["http"], "config": crm.config(),
    });
    let path = path_of(&admin.install(body).await.ok(201));
    let secret = format!("{path}/secrets/client_secret");
    admin
        .agent
        .http
        .put(&secret, json!({ "value": CLIENT_SECRET }))
        .await
        .ok(204);
    path
}

/// A visitor who says who they are, and what it is about.
async fn ring(app: &TestApp, name: &str, email: &str) -> String {
    let visitor = app.visitor().await;
    let body = json!({
        "client_msg_id": "v1", "text": "One of the cups is broken.", "subject": "A broken cup",
        "attributes": { "order_id": "A-1001" }, "form": { "name": name, "email": email },
    });
    let started = visitor
        .http
        .post("/api/v1/widget/conversations", body)
        .await
        .ok(201);
    text(&started, "id")
}

async fn cards(ana: &Agent, id: &str, how: &str) -> Vec<Value> {
    let path = format!("/api/v1/conversations/{id}/cards{how}");
    list(&ana.http.get(&path).await.ok(200)["items"])
}

both_engines! {
    async fn the_crm_is_beside_the_chat(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        let path = installed(&admin, &crm).await;
        let id = ring(&app, "Mallory", MIA).await;
        app.settle().await;
        let ana = app.agent("ana").await;
        let shown = cards(&ana, &id, "").await;
        let url = crm.url();
        let expected = json!([
            { "title": "Mia Lund", "link": format!("{url}/contacts/101"), "fields": [
                { "label": "Company", "value": "Lund Ceramics", "link": null },
                { "label": "Owner", "value": "Sam Reed", "link": null },
                { "label": "Lifecycle stage", "value": "Customer", "link": null },
            ] },
            { "title": "Open deals", "link": null, "fields": [
                { "label": "Glazes for the spring", "value": "840.50 EUR, Qualified to buy, closes 30\u{a0}Nov\u{a0}2026", "link": format!("{url}/deals/103") },
                { "label": "Second kiln", "value": "12,500 EUR, Contract sent, closes 7\u{a0}Dec\u{a0}2026", "link": format!("{url}/deals/102") },
            ] },
        ]);
        assert_eq!((shown.len(), &shown[0]["cards"], &shown[0]["failure"]), (1, &expected, &Value::Null));
        assert_eq!(shown[0]["plugin"]["name"], "CRM sync");

        assert_eq!(crm.tokens().len(), 1, "one token for all of it");
        let nameless = app.visitor().await.ring("v1", "Hello").await;
        assert_eq!(cards(&ana, &nameless, "").await[0]["cards"], json!([]));
        let logs = admin.get(&format!("{path}/logs")).await;
        assert!(!logs.to_string().contains("canary"), "{logs}");
        app.finish().await;
    }

    async fn a_crm_that_fails_is_told_of_and_asked_again(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        installed(&admin, &crm).await;
        let id = ring(&app, "Mia Lund", MIA).await;
        let ana = app.agent("ana").await;
        crm.limit(Some(0));
        let shown = cards(&ana, &id, "?fresh=true").await;
        assert_eq!(shown[0]["cards"], json!([]));
        let message = text(&shown[0]["failure"], "message");
        assert!(message.contains("The CRM is asked too often just now."), "{message}");
        crm.limit(None);
        let shown = cards(&ana, &id, "?fresh=true").await;
        assert_eq!((&shown[0]["failure"], &shown[0]["cards"][0]["title"]), (&Value::Null, &json!("Mia Lund")));
        app.finish().await;
    }
}
