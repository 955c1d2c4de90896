//! The plugin `crm-sync` from end to end: out of the catalogue, against a CRM with
//! tokens and limits of its own.

use deskbell_tests::crm::{CLIENT_SECRET, Crm, Telling, WEBHOOK_KEY};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, PLUGINS, path_of};
use super::outside::open;

const MIA: &str = "mia@example.com";
const SECOND: i64 = 1_000;

async fn installed(admin: &Admin, crm: &Crm) -> String {
    let taken = admin
        .agent
        .http
        .post(PLUGINS, json!({ "catalogue": "crm-sync" }))
        .await
        .ok(201);
    let body = json!({
        "plugin_id": taken["plugin"]["id"], "hooks": ["events", "context", "webhook"],
        "capabilities": ["http", "kv"], "config": crm.config(),
    });
    let path = path_of(&admin.install(body).await.ok(201));
    for (name, value) in [
        ("client_secret", CLIENT_SECRET),
        ("webhook_key", WEBHOOK_KEY),
    ] {
        let secret = format!("{path}/secrets/{name}");
        let put = admin.agent.http.put(&secret, json!({ "value": value }));
        put.await.ok(204);
    }
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

/// The clock moves on until nothing is tried again any more.
async fn later(app: &TestApp) {
    for _ in 0..6 {
        app.pass(10 * SECOND).await;
    }
}

fn bodies(crm: &Crm, email: &str) -> Vec<String> {
    crm.notes(email)
        .iter()
        .map(|note| text(note, "hs_note_body"))
        .collect()
}

both_engines! {
    async fn a_chat_is_in_the_crm_and_the_crm_beside_the_chat(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        let path = installed(&admin, &crm).await;
        // First nothing works; then all but the last step does.
        crm.fail_next(&[503, 0, 0, 503]);
        let id = ring(&app, "Mallory", MIA).await;
        app.settle().await;
        assert_eq!(bodies(&crm, MIA), [""; 0], "not yet");
        later(&app).await;
        let began = format!(
            "<strong>Chat began: A broken cup</strong><br>Order: A-1001<br>\
             The visitor typed this address; nobody has checked it.<br>\
             <a href=\"https://desk.example/#/mine/{id}\">Open the chat in Deskbell</a>"
        );
        assert_eq!(bodies(&crm, MIA), [began.as_str()], "once, though it was tried three times");
        let tries = crm.asked().iter().filter(|one| one.path.ends_with("/notes/batch/upsert")).count();
        assert_eq!((tries, crm.count("notes")), (2, 1), "written twice, and there once");
        assert_eq!(crm.contact(MIA).unwrap_or_default()["firstname"], "Mia", "a claim changes no name");

        let ana = app.agent("ana").await;
        ana.on(&id, "assign", json!({})).await.ok(200);
        app.settle().await;
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

        ana.on(&id, "resolve", json!({ "reason": "A new cup is on its way" })).await.ok(200);
        later(&app).await;
        let all = bodies(&crm, MIA);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[1].starts_with("<strong>Chat resolved: A broken cup</strong><br>"), "{}", all[1]);
        assert!(all[1].contains("With: Ana"), "{}", all[1]);
        assert_eq!(crm.tokens().len(), 1, "one token for all of it");

        // A name more is only nicer. Why it is missing is in the log, and not what the
        // CRM repeats of the token it was asked with.
        crm.be_careless();
        crm.fail_next(&[0, 422]);
        let shown = cards(&ana, &id, "?fresh=true").await;
        assert_eq!((&shown[0]["cards"][0]["title"], &shown[0]["failure"]), (&json!("Mia Lund"), &Value::Null));
        app.settle().await;
        let logs = admin.get(&format!("{path}/logs")).await.to_string();
        assert!(logs.contains("The owner's name is missing"), "{logs}");
        assert!(!logs.contains("canary") && !shown[0].to_string().contains("canary"), "{logs}");
        app.finish().await;
    }

    async fn a_deal_that_is_closed_is_a_note_in_the_chat_once(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        let path = installed(&admin, &crm).await;
        let id = ring(&app, "Mia Lund", MIA).await;
        later(&app).await;
        let addresses = admin.get(&format!("{path}/webhooks")).await;
        let address = text(&addresses["items"][0], "path");
        let tell = async |telling: &Telling| {
            let headers = telling.headers.iter().map(|(name, value)| (*name, value.as_str()));
            let headers: Vec<_> = headers.collect();
            let body = telling.body.clone().into_bytes();
            app.http.raw(reqwest::Method::POST, &address, body, &headers).await
        };
        let notes = async || {
            let all = admin.agent.messages(&id).await;
            let notes = all.iter().filter(|it| it["sender"]["type"] == "plugin");
            notes.map(|it| text(it, "text")).collect::<Vec<_>>()
        };
        let now = deskbell_app::Clock::now(&*app.clock).0 / SECOND;
        // The stage changed, and the deal is still open: no news.
        tell(&Telling::of_deal("102", "contractsent", "d-1", now)).await.ok(202);
        app.settle().await;
        assert_eq!(notes().await, [""; 0]);
        let deal = crm.close_deal("Second kiln", "closedwon");
        let telling = Telling::of_deal(&deal, "closedwon", "d-2", now);
        // The CRM fails just then; and it tells twice, as it does not trust the first.
        crm.fail_next(&[503]);
        tell(&telling).await.ok(202);
        tell(&telling).await.ok(202);
        app.settle().await;
        assert_eq!(notes().await, [""; 0]);
        later(&app).await;
        let note = format!("The deal Second kiln was closed: 12,500 EUR, Closed won.\n{}/deals/{deal}", crm.url());
        assert_eq!(notes().await, [note]);
        // Somebody who does not have the key tells nothing.
        let mut forged = Telling::of_deal(&deal, "closedwon", "d-3", now);
        forged.body = forged.body.replace("102", "103");
        tell(&forged).await.refused(401, "webhook_turned_away");
        let logs = admin.get(&format!("{path}/logs")).await;
        assert!(!logs.to_string().contains("canary"), "{logs}");
        app.finish().await;
    }

    async fn a_stranger_becomes_a_contact_and_one_without_an_address_does_not(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        installed(&admin, &crm).await;
        let id = ring(&app, "Jonas Weber", "Jonas@example.com").await;
        let nameless = app.visitor().await.ring("v1", "Hello").await;
        later(&app).await;
        let known = crm.contact("jonas@example.com").unwrap_or_default();
        let names = (&known["firstname"], &known["lastname"]);
        assert_eq!(names, (&json!("Jonas"), &json!("Weber")));
        assert_eq!(bodies(&crm, "jonas@example.com").len(), 1);
        let ana = app.agent("ana").await;
        let shown = cards(&ana, &id, "").await;
        assert_eq!(shown[0]["cards"][0]["title"], "Jonas Weber");
        assert_eq!(cards(&ana, &nameless, "").await[0]["cards"], json!([]));
        app.finish().await;
    }

    async fn a_crm_that_fails_is_told_of_and_asked_again(engine: Engine) {
        let app = open(engine).await;
        let (admin, crm) = (Admin::of(&app).await, Crm::start().await);
        installed(&admin, &crm).await;
        let id = ring(&app, "Mia Lund", MIA).await;
        later(&app).await;
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
