//! What these tests ask of a desk over and over: people, lists, histories.

use std::time::Duration;

use deskbell_tests::{Agent, Http, PASSWORD, Visitor};
use serde_json::{Value, json};
use tokio::time::{Instant, interval};

/// How often a condition outside is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(super) async fn log_in(http: &Http, email: &str) -> Agent {
    let body = json!({ "tenant": "demo", "email": email, "password": PASSWORD });
    let answer = http.post("/api/v1/auth/login", body).await;
    Agent::logged_in(http, answer.ok(200))
}

pub(super) async fn visit(http: &Http) -> Visitor {
    Visitor::arrive(http, json!({ "inbox": "demo-web" })).await
}

/// The same party at another server, or at the same one started anew.
pub(super) fn at(http: &Http, base: &str) -> Http {
    let mut http = http.clone();
    base.clone_into(&mut http.base);
    http
}

/// Everything of a list, page by page. `path` has a query already.
pub(super) async fn all(http: &Http, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut page = http.get(&format!("/api/v1{path}{cursor}")).await.ok(200);
        items.append(page["items"].as_array_mut().expect("a list has items"));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// A conversation's messages after a number, page by page, as they come.
pub(super) async fn history(http: &Http, conversation: &str, after: i64) -> Vec<Value> {
    const PAGE: usize = 200;
    let (mut all, mut after) = (Vec::new(), after);
    loop {
        let path =
            format!("/api/v1/conversations/{conversation}/messages?after_seq={after}&limit={PAGE}");
        let mut page = http.get(&path).await.ok(200);
        let items = page["items"].as_array_mut().expect("a list has items");
        let full = items.len() == PAGE;
        after = items.last().map_or(after, |last| number(last, "seq"));
        all.append(items);
        if !full {
            return all;
        }
    }
}

pub(super) fn text(value: &Value, field: &str) -> String {
    let found = value[field].as_str();
    found
        .unwrap_or_else(|| panic!("no text {field} in {value}"))
        .to_owned()
}

pub(super) fn number(value: &Value, field: &str) -> i64 {
    let found = value[field].as_i64();
    found.unwrap_or_else(|| panic!("no number {field} in {value}"))
}

/// Looks at `condition` until it answers something, at most for `bound`.
pub(super) async fn until<T>(
    what: &str,
    bound: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    let mut look = interval(LOOK_EVERY);
    loop {
        look.tick().await;
        if let Some(found) = condition().await {
            return found;
        }
        assert!(begun.elapsed() < bound, "not within {bound:?}: {what}");
    }
}
