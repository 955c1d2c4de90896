//! What the tests of filters share: one at work, and a chat to talk in.

use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Answer, TestApp};
use serde_json::{Value, json};

use super::super::desk::{Admin, Chat};

pub(super) struct Talk {
    pub(super) admin: Admin,
    pub(super) chat: Chat,
    /// Of the filter's installation.
    pub(super) path: String,
    said: std::cell::Cell<u32>,
}

impl Talk {
    /// A chat under way, and then the bad filter at work.
    pub(super) async fn with(app: &TestApp, config: Value) -> Self {
        let admin = Admin::of(app).await;
        let chat = Chat::begin(app).await;
        let path = admin.at_work(&zoo("bad-filter"), "filter", config).await;
        Self {
            admin,
            chat,
            path,
            said: std::cell::Cell::new(0),
        }
    }

    pub(super) async fn set(&self, patch: Value) {
        self.admin.patch(&self.path, patch).await.ok(200);
    }

    /// The visitor says something new.
    pub(super) async fn say(&self, words: &str) -> Answer {
        self.said.set(self.said.get() + 1);
        let key = format!("f{}", self.said.get());
        self.say_as(&key, words).await
    }

    pub(super) async fn say_as(&self, key: &str, words: &str) -> Answer {
        let body = json!({ "client_msg_id": key, "text": words });
        self.chat.visitor.on(&self.chat.id, "messages", body).await
    }

    /// The last message as the desk sees it: its text, and what filters said.
    pub(super) async fn last(&self) -> (String, Value) {
        let messages = self.chat.ana.messages(&self.chat.id).await;
        let last = messages.last().cloned().unwrap_or_default();
        (text(&last, "text"), last["attributes"]["filter"].clone())
    }

    /// The codes of the filter's failures.
    pub(super) async fn failures(&self, app: &TestApp) -> Vec<(String, String)> {
        app.settle().await;
        let path = format!("{}/failures", self.path);
        let all = list(&self.admin.get(&path).await["items"]);
        all.iter()
            .map(|one| (text(one, "hook"), text(one, "code")))
            .collect()
    }
}
