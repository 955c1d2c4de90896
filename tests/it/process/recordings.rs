//! A production call is recorded, searched for the secret that went along, and
//! replayed with the author's command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use deskbell_domain::Timestamp;
use deskbell_domain::time::MINUTE;
use deskbell_tests::Engine;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use super::binary::{self, Deskbell};
use super::desk::{log_in, text, until, visit};
use super::place::Place;
use super::secrets::holding;
use crate::plugins::shop::Shop;

const CANARY: &str = "canary-7f3a9b2c";
/// Only in what the shop answers, and nowhere else.
const SEALED: &str = "sealed-marker-41d0";

fn in_repository(path: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = here.parent().expect("the tests lie in the repository");
    repository.join(path)
}

async fn replay(recording: &Path, plugin: &str) -> (Output, String) {
    let child = Command::new(binary::path())
        .args(["plugin", "replay"])
        .args([recording, &in_repository(plugin)])
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_secs(120), child).await;
    let output = output.expect("an end in time").expect("it starts");
    let said = [output.stdout.clone(), output.stderr.clone()].concat();
    (output, String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_recorded_call_is_replayed_and_no_secret_is_in_it() {
    let place = Place::new(Engine::Sqlite).await;
    // A shop that answers with the key it was asked with.
    let order = json!({ "status": "packed", "note": SEALED, "key": CANARY }).to_string();
    let shop = Shop::with(&order).await;
    let settings = [
        ("DESKBELL_EGRESS_ALLOW_PRIVATE", "127.0.0.1"),
        ("DESKBELL_EGRESS_ALLOW_HTTP", "true"),
    ];
    let server = Deskbell::start(&place, &settings).await;
    let owner = log_in(&server.http, "owner@demo.test").await;
    let all = owner.http.get("/api/v1/installations").await.ok(200);
    let all = all["items"].as_array().cloned().unwrap_or_default();
    let mut all = all.iter();
    let one = all.find(|one| one["plugin_key"] == "order-variables");
    let path = format!(
        "/api/v1/installations/{}",
        text(one.expect("it is there"), "id")
    );
    let visitor = visit(&server.http).await;
    let body =
        json!({ "client_msg_id": "v1", "text": "Where?", "attributes": { "order_id": "7" } });
    let ring = "/api/v1/widget/conversations";
    let started = visitor.http.post(ring, body).await.ok(201);
    // By the server's clock.
    let begun: Timestamp = serde_json::from_value(started["created_at"].clone()).expect("a time");
    let soon = begun.plus(30 * MINUTE);
    let change = json!({ "config": { "api_url": shop.url() }, "recording": { "until": soon } });
    let changed = owner.http.patch(&path, change).await.ok(200);
    assert_eq!(changed["recorded_until"], json!(soon));
    let secret = json!({ "value": CANARY });
    let entered = owner
        .http
        .put(&format!("{path}/secrets/api_key"), secret)
        .await;
    entered.ok(204);

    let ana = log_in(&server.http, "ana@demo.test").await;
    let chat = text(&started, "id");
    ana.on(&chat, "assign", json!({})).await.ok(200);
    let body = json!({
        "conversation_id": chat, "shortcut": "eta", "client_msg_id": "c1", "preview": true,
    });
    ana.http.post("/api/v1/canned-responses/use", body).await;
    assert!(shop.heard()[0].contains(CANARY), "it was used");
    let recordings = format!("{path}/recordings");
    let variables = |listed: &Value| {
        let items = listed["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().find(|one| one["hook"] == "variables")
    };
    let kept = until("it is written down", Duration::from_secs(10), async || {
        variables(&owner.http.get(&recordings).await.ok(200))
    })
    .await;
    let one = format!("{recordings}/{}", text(&kept, "id"));
    let recording = owner.http.get(&one).await.ok(200);
    let whole = recording.to_string();
    assert!(whole.contains(SEALED), "{whole}");
    assert!(whole.contains("[secret api_key]"), "{whole}");
    assert!(
        !whole.contains(CANARY) && !whole.contains("Bearer"),
        "{whole}"
    );
    ana.http.get(&one).await.refused(403, "forbidden");
    server.stop().await;
    assert_eq!(holding(place.folder(), CANARY.as_bytes()), [""; 0]);
    assert_eq!(holding(place.folder(), SEALED.as_bytes()), [""; 0]);

    let file = place.folder().join("recording.json");
    fs::write(&file, &whole).expect("written");
    let (output, said) = replay(&file, "plugins/dist/order-variables.wasm").await;
    assert!(output.status.success(), "{said}");
    assert!(said.contains("It does the same again."), "{said}");
    // What another plugin makes of the same call is shown.
    let (output, said) = replay(&file, "tests/zoo/dist/keeping-variables.wasm").await;
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("another file"), "{said}");
    assert!(said.contains("it did not ask GET"), "{said}");
    // And a change of the same plugin by the answer it is known for.
    fs::write(&file, whole.replace("packed", "on its way")).expect("written");
    let (output, _) = replay(&file, "plugins/dist/order-variables.wasm").await;
    assert!(
        output.status.success(),
        "both the answer and what came of it"
    );
    let mut wrong: Value = serde_json::from_str(&whole).expect("JSON");
    wrong["expect"]["answer"] = json!({ "order.status": "lost" });
    fs::write(&file, wrong.to_string()).expect("written");
    let (output, said) = replay(&file, "plugins/dist/order-variables.wasm").await;
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("answer[\"order.status\"]"), "{said}");
    place.remove().await;
}
