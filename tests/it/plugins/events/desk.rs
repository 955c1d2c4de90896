//! What these tests share: a plugin that hears of events, and what it wrote.

use deskbell_tests::TestApp;
use deskbell_tests::guests::zoo_with;
use deskbell_tests::reducer::{list, text};
use serde_json::{Value, json};

use super::super::desk::Admin;

pub(super) const SECOND: i64 = 1_000;
pub(super) const HOUR: i64 = 3_600 * SECOND;
/// Only messages: what else happens in a chat would be noise here.
pub(super) const MESSAGES: &str = "[hooks.events]\ntypes = [\"message.created\"]\n";

pub(super) struct Desk {
    pub(super) admin: Admin,
    pub(super) path: String,
}

impl Desk {
    /// With a plugin that is told of messages.
    pub(super) async fn open(app: &TestApp, config: Value) -> Self {
        let admin = Admin::of(app).await;
        let path = hearing(&admin, "hearing", MESSAGES, config).await;
        app.settle().await;
        Self { admin, path }
    }

    /// Time goes by, and the admin logs in again.
    pub(super) async fn pass(&mut self, app: &TestApp, millis: i64) {
        app.pass(millis).await;
        self.admin = Admin::of(app).await;
    }

    pub(super) async fn set(&self, config: Value) {
        let patch = json!({ "config": config });
        self.admin.patch(&self.path, patch).await.ok(200);
    }

    /// The notes of plugins, in order.
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
        list(
            &self
                .admin
                .get(&format!("{}/parked-events", self.path))
                .await["items"],
        )
    }
}

/// Another plugin that hears of events, under this id; answers its path.
pub(super) async fn hearing(admin: &Admin, id: &str, more: &str, config: Value) -> String {
    let file = zoo_with("bad-integration", id, more);
    admin.at_work(&file, "events", config).await
}
