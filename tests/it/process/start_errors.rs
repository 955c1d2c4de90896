//! A server that cannot start says why in one line that names the setting, soon,
//! and does not exit with 0.

use std::net::TcpListener;
use std::process::Output;
use std::time::Duration;

use deskbell_tests::Engine;
use tokio::time::timeout;

use super::binary::{command, path};
use super::place::Place;

/// A database that does not answer is given up after five seconds.
const WITHIN: Duration = Duration::from_secs(20);

/// Starts with these settings and waits for the end.
async fn start(place: &Place, settings: &[(&str, &str)]) -> Output {
    let mut command = command(place, path());
    command
        .arg("serve")
        .env("DESKBELL_LOG_LEVEL", "warn")
        .envs(settings.iter().copied())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("the binary starts");
    timeout(WITHIN, child.wait_with_output())
        .await
        .expect("an end in time")
        .expect("its output")
}

/// Exactly one line, which begins with the setting.
async fn refuses(settings: &[(&str, &str)], named: &str) {
    let place = Place::new(Engine::Sqlite).await;
    let output = start(&place, settings).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success(),
        "{settings:?}: exit code 0: {said}"
    );
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 1, "{settings:?}: {said}");
    let expected = format!("deskbell: {named}: ");
    assert!(
        lines[0].starts_with(&expected),
        "{settings:?}: {expected}… is not in {said}"
    );
    assert!(!said.contains("hunter2"), "no password is shown: {said}");
    assert!(output.stdout.is_empty(), "it did not say that it runs");
}

#[tokio::test]
async fn a_busy_port() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = busy.local_addr().expect("its address").to_string();
    refuses(&[("DESKBELL_LISTEN", &address)], "listen").await;
}

#[tokio::test]
async fn an_unreachable_database() {
    // Bound, so that nobody else can be there, and not listening to PostgreSQL.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let nobody = format!("postgres://deskbell:hunter2@127.0.0.1:{port}/deskbell");
    refuses(&[("DESKBELL_DATABASE_URL", &nobody)], "database_url").await;
    drop(silent);
    refuses(&[("DESKBELL_DATABASE_URL", &nobody)], "database_url").await;
}

#[tokio::test]
async fn an_address_that_is_none() {
    for url in [
        "mysql://root:hunter2@localhost/x",
        "postgres://deskbell:hunter2@:nonsense/x",
        "sqlite:",
    ] {
        refuses(&[("DESKBELL_DATABASE_URL", url)], "database_url").await;
    }
    refuses(
        &[("DESKBELL_REDIS_URL", "http://:hunter2@localhost")],
        "redis_url",
    )
    .await;
    refuses(&[("DESKBELL_LISTEN", "everywhere")], "listen").await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written() {
    let place = Place::new(Engine::Sqlite).await;
    let file = place.folder().join("a file");
    std::fs::write(&file, "no folder").expect("a file");
    let below = file.join("data").display().to_string();
    // Not even an administrator can make a folder below a file.
    refuses(
        &[("DESKBELL_DATABASE_URL", ""), ("DESKBELL_DATA_DIR", &below)],
        "data_dir",
    )
    .await;
}

#[tokio::test]
async fn settings_that_are_wrong() {
    refuses(
        &[("DESKBELL_LIMITS_BODY_BYTES", "many")],
        "DESKBELL_LIMITS_BODY_BYTES",
    )
    .await;
    refuses(&[("DESKBELL_LIMITS_BODY_BYTES", "0")], "limits.body_bytes").await;
    refuses(&[("DESKBELL_LOG_LEVEL", "loud=quiet=loud")], "log.level").await;
    refuses(&[("DESKBELL_LOG_FORMAT", "xml")], "log.format").await;
    refuses(
        &[("DESKBELL_PUBLIC_ADDRESS", "chat.example.com")],
        "public_address",
    )
    .await;
    refuses(
        &[("DESKBELL_CONFIG", "/there/is/no/such.toml")],
        "DESKBELL_CONFIG",
    )
    .await;
}

#[tokio::test]
async fn settings_in_a_file() {
    let place = Place::new(Engine::Sqlite).await;
    let file = place.folder().join("deskbell.toml");
    let path = file.display().to_string();
    let rows = [
        ("lissten = \"127.0.0.1:0\"", "lissten"),
        ("[limits]\nbody = 1", "limits.body"),
        (
            "[search]\ncommit_interval_ms = \"soon\"",
            "search.commit_interval_ms",
        ),
        ("listen = ", path.as_str()),
    ];
    for (text, named) in rows {
        std::fs::write(&file, text).expect("a settings file");
        refuses(&[("DESKBELL_CONFIG", &path)], named).await;
    }
}
