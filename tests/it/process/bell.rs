//! Redis dies under two nodes and comes back: messages go on, a little later than
//! with it; what only Redis carries (signals) pauses and returns by itself.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use deskbell_tests::{Engine, Socket};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::binary::Deskbell;
use super::desk::{log_in, text, until, visit};
use super::place::Place;

/// Nodes without a bell look every 50 ms; the rest is for the machine.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// Until the nodes have found a Redis again that was away.
const BACK_WITHIN: Duration = Duration::from_secs(30);
/// How long a signal may take before it is sent again.
const SIGNAL_WITHIN: Duration = Duration::from_millis(500);

/// A Redis of this test's own, since it is going to be killed.
async fn redis(place: &Place, port: u16) -> Child {
    let port_text = port.to_string();
    let child = Command::new("redis-server")
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port_text,
            "--requirepass",
            "own",
        ])
        .args(["--save", "", "--appendonly", "no"])
        .current_dir(place.folder())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is installed (scripts/setup)");
    until("Redis listens", Duration::from_secs(10), async || {
        TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;
    child
}

/// A message from one socket that the other one hears.
async fn passes(from: &mut Socket, to: &mut Socket, conversation: &str, words: &str) {
    let key = words.replace(' ', "-");
    let params = json!({ "conversation_id": conversation, "client_msg_id": key, "text": words });
    from.command("send_message", params).await;
    let heard = to.frame("event", |frame| {
        frame["event"]["data"]["message"]["text"] == words
    });
    timeout(HEARD_WITHIN, heard)
        .await
        .unwrap_or_else(|_| panic!("{words:?} is not heard in time"));
}

/// Whether a signal gets through.
async fn signal_passes(from: &mut Socket, to: &mut Socket, conversation: &str) -> bool {
    let typing = json!({
        "type": "signal", "name": "typing", "conversation_id": conversation, "data": { "on": true },
    });
    from.send(typing).await;
    timeout(SIGNAL_WITHIN, to.expect_signal("typing"))
        .await
        .is_ok()
}

#[tokio::test]
async fn redis_dies_and_comes_back() {
    let place = Place::new(Engine::Postgres).await;
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("its address").port();
    drop(free);
    let mut bell = redis(&place, port).await;
    let url = format!("redis://:own@127.0.0.1:{port}/");
    let first = Deskbell::node(&place, "first", &url).await;
    let second = Deskbell::node(&place, "second", &url).await;
    let ana = log_in(&second.http, "ana@demo.test").await;
    let mut anas = ana.connect().await;
    let visitor = visit(&first.http).await;
    let mut visitors = visitor.connect().await;
    let id = text(
        &visitors.command("start_conversation", json!({})).await,
        "id",
    );
    visitors.expect_event("conversation.assigned").await;
    passes(&mut visitors, &mut anas, &id, "with the bell").await;
    until("signals pass", BACK_WITHIN, async || {
        signal_passes(&mut visitors, &mut anas, &id)
            .await
            .then_some(())
    })
    .await;

    bell.kill().await.expect("Redis is killed");
    passes(&mut visitors, &mut anas, &id, "without it").await;
    passes(&mut anas, &mut visitors, &id, "nor back").await;
    assert!(
        !signal_passes(&mut visitors, &mut anas, &id).await,
        "signals came through Redis"
    );
    assert_eq!(
        first.http.get("/readyz").await.status,
        200,
        "it does without"
    );

    let _bell = redis(&place, port).await;
    until("signals pass again", BACK_WITHIN, async || {
        signal_passes(&mut visitors, &mut anas, &id)
            .await
            .then_some(())
    })
    .await;
    passes(&mut visitors, &mut anas, &id, "with it again").await;
    assert!(first.stop().await.success());
    assert!(second.stop().await.success());
    place.remove().await;
}
