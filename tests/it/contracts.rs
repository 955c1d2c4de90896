//! Contracts are committed files: the API description, the list of events, the
//! default settings. Each is what the code has, or the change is to be looked at:
//! `make gen` rewrites them.

use std::fs;
use std::path::PathBuf;

use deskbell_server::config::{Config, DEFAULT_FILE};
use deskbell_server::{events_doc, openapi};
use deskbell_tests::both_engines;

fn committed(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn same(path: &str, made: &str) {
    let committed = committed(path);
    let line = made
        .lines()
        .zip(committed.lines())
        .position(|(a, b)| a != b);
    assert!(
        made == committed,
        "{path} is not what the code has (first at line {:?}): run `make gen` and look at the \
         difference",
        line.map(|line| line + 1)
    );
}

#[test]
fn the_api_description_is_committed() {
    same("web/packages/protocol/openapi.json", openapi::text());
}

#[test]
fn the_list_of_events_is_committed() {
    same("docs/events.md", &events_doc::text());
}

#[test]
fn the_default_file_is_the_default() {
    let written: toml::Table = DEFAULT_FILE.parse().expect("the default file is TOML");
    let defaults = toml::Table::try_from(Config::default()).expect("settings as TOML");
    assert_eq!(written, defaults);
}

both_engines! {
    async fn what_is_served_is_what_is_committed(app) {
        let served = app.http.get("/api/v1/openapi.json").await;
        assert_eq!(served.status, 200);
        same("web/packages/protocol/openapi.json", &served.text);
        let description = served.json();
        assert_eq!(description["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
        assert_eq!(app.http.get("/readyz").await.status, 200);
        assert_eq!(app.http.get("/healthz").await.status, 200);
        assert!(app.http.get("/metrics").await.text.contains("deskbell_"));
    }
}
