//! What these tests share: a plugin that is told by others, and somebody who posts.

use deskbell_tests::crm::sign;
use deskbell_tests::guests::zoo_named;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Answer, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use super::super::desk::Admin;

pub(super) const SECOND: i64 = 1_000;
pub(super) const HOUR: i64 = 3_600 * SECOND;
pub(super) const KEY: &str = "canary-key-1";

pub(super) struct Desk {
    pub(super) admin: Admin,
    pub(super) path: String,
    /// Of its webhook that wants a signature.
    pub(super) address: String,
}

/// A post, before it is sent.
pub(super) struct Post<'a> {
    pub(super) body: String,
    pub(super) at: i64,
    pub(super) delivery: &'a str,
    pub(super) key: &'a str,
}

impl Post<'_> {
    pub(super) async fn to(&self, app: &TestApp, address: &str) -> Answer {
        let (at, body) = (self.at.to_string(), self.body.clone());
        let signature = format!("sha256={}", sign(self.key, &format!("{at}.{body}")));
        let headers = [
            ("x-signature", signature.as_str()),
            ("x-timestamp", at.as_str()),
            ("x-delivery", self.delivery),
            ("x-kind", "test"),
            ("x-other", "not listed"),
        ];
        let http = &app.http;
        http.raw(Method::POST, address, body.into_bytes(), &headers)
            .await
    }
}

impl Desk {
    pub(super) async fn open(app: &TestApp, config: Value) -> Self {
        Self::with(app, Admin::of(app).await, config).await
    }

    pub(super) async fn with(app: &TestApp, admin: Admin, config: Value) -> Self {
        let file = zoo_named("bad-integration", "told");
        let path = admin.at_work(&file, "webhook", config).await;
        for (name, value) in [("webhook_key", KEY), ("webhook_token", "canary-token-1")] {
            let secret = format!("{path}/secrets/{name}");
            admin
                .agent
                .http
                .put(&secret, json!({ "value": value }))
                .await
                .ok(204);
        }
        app.settle().await;
        let address = address(&admin, &path, "signed").await;
        Self {
            admin,
            path,
            address,
        }
    }

    /// Tells it to leave a note with this text in this conversation.
    pub(super) async fn post(&self, app: &TestApp, conversation: &str, text: &str) -> Answer {
        self.wish(
            app,
            json!({ "conversation": conversation, "text": text }),
            text,
        )
        .await
    }

    pub(super) async fn wish(&self, app: &TestApp, wish: Value, delivery: &str) -> Answer {
        let post = Post {
            body: wish.to_string(),
            at: now(app),
            delivery,
            key: KEY,
        };
        post.to(app, &self.address).await
    }

    pub(super) async fn set(&self, config: Value) {
        self.admin
            .patch(&self.path, json!({ "config": config }))
            .await
            .ok(200);
    }

    /// Time goes by, and the admin logs in again.
    pub(super) async fn pass(&mut self, app: &TestApp, millis: i64) {
        app.pass(millis).await;
        self.admin = Admin::of(app).await;
    }

    pub(super) async fn notes(&self, conversation: &str) -> Vec<String> {
        let all = self.admin.agent.messages(conversation).await;
        let notes = all.iter().filter(|it| it["sender"]["type"] == "plugin");
        notes.map(|it| text(it, "text")).collect()
    }

    pub(super) async fn failures(&self) -> Vec<(String, String)> {
        let all = self.admin.get(&format!("{}/failures", self.path)).await;
        let all = list(&all["items"]);
        all.iter()
            .map(|it| (text(it, "code"), text(it, "detail")))
            .collect()
    }

    pub(super) async fn parked(&self) -> Vec<Value> {
        let all = self
            .admin
            .get(&format!("{}/parked-events", self.path))
            .await;
        list(&all["items"])
    }
}

pub(super) fn now(app: &TestApp) -> i64 {
    use deskbell_app::Clock as _;
    app.clock.now().0 / SECOND
}

pub(super) async fn address(admin: &Admin, path: &str, name: &str) -> String {
    let all = list(&admin.get(&format!("{path}/webhooks")).await["items"]);
    let one = all.iter().find(|it| it["name"] == name);
    text(one.expect("a webhook of this name"), "path")
}
