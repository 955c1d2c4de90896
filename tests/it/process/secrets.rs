//! A secret is used, and then looked for in every byte the process left behind.

use std::path::Path;

use deskbell_tests::Engine;
use serde_json::json;

use super::binary::Deskbell;
use super::desk::{log_in, text, visit};
use super::place::Place;
use crate::plugins::shop::Shop;

const CANARY: &str = "canary-7f3a9b2c";

/// The files below a folder that hold these bytes.
pub(super) fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else {
            let file = std::fs::read(&path).expect("a file");
            if file.windows(bytes.len()).any(|here| here == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_secret_is_in_no_byte_on_the_disk_and_in_no_log() {
    let place = Place::new(Engine::Sqlite).await;
    let shop = Shop::with(r#"{"status":"marker-5e1d","eta":"soon"}"#).await;
    let settings = [
        ("DESKBELL_EGRESS_ALLOW_PRIVATE", "127.0.0.1"),
        ("DESKBELL_EGRESS_ALLOW_HTTP", "true"),
        ("DESKBELL_LOG_LEVEL", "debug,sqlx=debug"),
    ];
    let server = Deskbell::start(&place, &settings).await;
    let owner = log_in(&server.http, "owner@demo.test").await;
    let all = owner.http.get("/api/v1/installations").await.ok(200);
    let all = all["items"].as_array().cloned().unwrap_or_default();
    let one = all
        .iter()
        .find(|one| one["plugin_key"] == "order-variables");
    let path = format!(
        "/api/v1/installations/{}",
        text(one.expect("it is there"), "id")
    );
    let config = json!({ "config": { "api_url": shop.url() } });
    owner.http.patch(&path, config).await.ok(200);
    let secret = json!({ "value": CANARY });
    owner
        .http
        .put(&format!("{path}/secrets/api_key"), secret)
        .await
        .ok(204);

    let visitor = visit(&server.http).await;
    let body =
        json!({ "client_msg_id": "v1", "text": "Where?", "attributes": { "order_id": "7" } });
    let started = visitor
        .http
        .post("/api/v1/widget/conversations", body)
        .await
        .ok(201);
    let ana = log_in(&server.http, "ana@demo.test").await;
    ana.on(&text(&started, "id"), "assign", json!({}))
        .await
        .ok(200);
    let body = json!({
        "conversation_id": started["id"], "shortcut": "eta", "client_msg_id": "c1", "preview": false,
    });
    let sent = ana.http.post("/api/v1/canned-responses/use", body).await;
    let sent = text(&sent.ok(200), "text");
    assert!(sent.contains("marker-5e1d"), "{sent}");
    assert!(shop.heard()[0].contains(CANARY), "it was used");
    server.stop().await;

    // The search finds what is there: the words the shop told.
    assert!(!holding(place.folder(), b"marker-5e1d").is_empty());
    assert_eq!(holding(place.folder(), CANARY.as_bytes()), [""; 0]);
    place.remove().await;
}
