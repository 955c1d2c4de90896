//! A disk that is full while the server runs: sends answer "unavailable", nothing
//! is half written, reading goes on; and when there is room again, so does
//! writing, without a restart.
//!
//! The disk is made full by the limit for the size of a file, which needs no
//! rights: a shell sets it and then becomes the server.

use std::time::Duration;

use deskbell_tests::{Engine, Http};
use serde_json::{Value, json};
use tokio::process::Command;

use super::binary::{Deskbell, command, path};
use super::desk::{at, history, log_in, text, until, visit};
use super::journal::Journal;
use super::place::Place;

/// Blocks of 512 bytes: the log of the database must not grow beyond this. Its
/// checkpoint comes at 4 MB, so it gets there.
const BLOCKS: usize = 4_096;
/// Enough sends to fill it several times.
const MOST: usize = 4_000;

/// The server with a limit that may be lifted later. A signal would end it at the
/// first write too many; ignored, the write fails like on a full disk.
async fn limited(place: &Place) -> Deskbell {
    let mut shell = command(place, "sh");
    let script = format!("trap '' XFSZ; ulimit -S -f {BLOCKS}; exec \"$0\" serve --demo");
    shell.arg("-c").arg(script).arg(path());
    // The log is a file too, and has the same limit.
    shell.stderr(std::process::Stdio::null());
    Deskbell::run(shell).await
}

struct Sender {
    http: Http,
    conversation: String,
    sent: usize,
}

impl Sender {
    /// Status and body.
    async fn send(&mut self, journal: &mut Journal) -> (u16, Value) {
        self.sent += 1;
        let key = format!("m{}", self.sent);
        let words = format!("{key} {}", "x".repeat(3_000));
        journal.sends(&key, &self.conversation, &words);
        let path = format!(
            "/api/v1/widget/conversations/{}/messages",
            self.conversation
        );
        let body = json!({ "client_msg_id": key, "text": words });
        let answer = self.http.post(&path, body).await;
        if answer.status == 201 {
            journal.acked(&key, serde_json::from_value(answer.json()).expect("an ack"));
        }
        (answer.status, answer.json())
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let place = Place::new(Engine::Sqlite).await;
    // The demo is made before the limit is there.
    assert!(Deskbell::start(&place, &[]).await.stop().await.success());
    let server = limited(&place).await;
    let desk = log_in(&server.http, "supervisor@demo.test").await;
    let visitor = visit(&server.http).await;
    let started = visitor
        .http
        .post("/api/v1/widget/conversations", json!({}))
        .await;
    let conversation = text(&started.ok(201), "id");
    let mut journal = Journal::default();
    let mut sender = Sender {
        http: visitor.http.clone(),
        conversation: conversation.clone(),
        sent: 0,
    };
    let mut refused = Value::Null;
    while sender.sent < MOST {
        let (status, body) = sender.send(&mut journal).await;
        if status != 201 {
            assert_eq!(
                (status, &body["code"]),
                (503, &json!("unavailable")),
                "{body}"
            );
            refused = body;
            break;
        }
    }
    assert!(refused.is_object(), "{MOST} sends did not fill the disk");
    // Again and again the same answer; and what is there can be read.
    for _ in 0..20 {
        assert_eq!(sender.send(&mut journal).await.0, 503);
        journal.read(
            &conversation,
            &history(&desk.http, &conversation, journal.read_up_to(&conversation)).await,
        );
    }
    journal.nothing_lost();
    let before = journal.acks;
    assert_eq!(
        journal.read_up_to(&conversation),
        before as i64,
        "nothing else is there"
    );
    assert_eq!(server.http.get("/healthz").await.status, 200);

    // Room again.
    let pid = server.pid().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:"])
        .status()
        .await;
    assert!(lifted.expect("prlimit is there").success());
    until(
        "sends are taken again",
        Duration::from_secs(10),
        async || (sender.send(&mut journal).await.0 == 201).then_some(()),
    )
    .await;
    for _ in 0..50 {
        assert_eq!(sender.send(&mut journal).await.0, 201);
    }
    check(&mut journal, &desk.http, &conversation).await;
    // And after a kill, everything is still there.
    server.kill().await;
    let server = Deskbell::start(&place, &[]).await;
    let http = at(&desk.http, &server.http.base);
    check(&mut journal, &http, &conversation).await;
    eprintln!(
        "full disk: {before} messages before it, {} in the end",
        journal.acks
    );
    assert!(server.stop().await.success());
    place.remove().await;
}

async fn check(journal: &mut Journal, http: &Http, conversation: &str) {
    let after = journal.read_up_to(conversation);
    journal.read(conversation, &history(http, conversation, after).await);
    journal.nothing_lost();
    journal.same_again(conversation, &history(http, conversation, 0).await);
    assert!(journal.complaints.is_empty(), "{:#?}", journal.complaints);
    assert_eq!(
        journal.read_up_to(conversation),
        journal.acks as i64,
        "nothing refused is there"
    );
}
