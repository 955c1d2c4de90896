//! What these tests share: a bot at work in the demo's inbox, and a visitor at it.

use deskbell_tests::guests::{built_in, zoo};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Answer, TestApp, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

const WIDGET: &str = "/api/v1/widget/conversations";

pub(super) struct Desk {
    pub(super) owner: Agent,
    pub(super) installation: String,
    pub(super) inbox: String,
}

impl Desk {
    /// The zoo's bot answers first at `demo-web`, in this mode.
    pub(super) async fn bad(app: &TestApp, config: Value) -> Self {
        Self::with(app, zoo("bad-bot").to_vec(), config).await
    }

    pub(super) async fn welcome(app: &TestApp, config: Value) -> Self {
        Self::with(app, built_in("welcome-bot").to_vec(), config).await
    }

    async fn with(app: &TestApp, file: Vec<u8>, config: Value) -> Self {
        let owner = app.agent("owner").await;
        let installation = install(&owner, file, config).await;
        let inboxes = owner.http.get("/api/v1/inboxes").await.ok(200);
        let inbox = list(&inboxes["items"])
            .iter()
            .find(|inbox| inbox["key"] == "demo-web")
            .map(|inbox| text(inbox, "id"));
        let desk = Self {
            owner,
            installation,
            inbox: inbox.expect("the demo's inbox"),
        };
        desk.answers_first(json!(desk.installation)).await.ok(200);
        app.settle().await;
        desk
    }

    /// Logged in anew, after a while.
    pub(super) async fn back(self, app: &TestApp) -> Self {
        Self {
            owner: app.agent("owner").await,
            ..self
        }
    }

    pub(super) async fn answers_first(&self, bot: Value) -> Answer {
        let path = format!("/api/v1/inboxes/{}", self.inbox);
        self.owner.http.patch(&path, json!({ "bot": bot })).await
    }

    pub(super) fn path(&self) -> String {
        format!("/api/v1/installations/{}", self.installation)
    }

    pub(super) async fn status(&self, id: &str) -> String {
        text(&self.owner.conversation(id).await, "status")
    }

    /// Who said what, as the desk sees it.
    pub(super) async fn thread(&self, id: &str) -> Vec<(String, String)> {
        let of = |message: &Value| (text(&message["sender"], "type"), text(message, "text"));
        self.owner.messages(id).await.iter().map(of).collect()
    }

    /// The codes of what went wrong with it.
    pub(super) async fn failures(&self) -> Vec<String> {
        let path = format!("{}/failures", self.path());
        let failures = self.owner.http.get(&path).await.ok(200);
        let all = list(&failures["items"]);
        all.iter().map(|it| text(it, "code")).collect()
    }
}

pub(super) async fn install(owner: &Agent, file: Vec<u8>, config: Value) -> String {
    install_as(owner, "bot", file, config).await
}

pub(super) async fn install_as(owner: &Agent, hook: &str, file: Vec<u8>, config: Value) -> String {
    let kind = [("content-type", "application/wasm")];
    let sent = owner.http.raw(Method::POST, "/api/v1/plugins", file, &kind);
    let plugin = text(&sent.await.ok(201)["plugin"], "id");
    let body = json!({ "plugin_id": plugin, "hooks": [hook], "config": config });
    let made = owner.http.post("/api/v1/installations", body).await;
    text(&made.ok(201), "id")
}

/// What a visitor can read of a conversation.
pub(super) async fn read(visitor: &Visitor, id: &str) -> Vec<Value> {
    let path = format!("{WIDGET}/{id}/messages");
    list(&visitor.http.get(&path).await.ok(200)["items"])
}

/// The bot's last question.
pub(super) async fn asked(visitor: &Visitor, id: &str) -> Value {
    let all = read(visitor, id).await;
    let asks = |it: &&Value| it["attributes"]["question"].is_object();
    let last = all.iter().rev().find(asks);
    last.cloned().expect("a question")
}

pub(super) async fn answer(
    visitor: &Visitor,
    id: &str,
    key: &str,
    to: &Value,
    values: Value,
) -> Answer {
    let body = json!({
        "client_msg_id": key, "answer": { "message_id": to["id"], "values": values },
    });
    visitor.on(id, "messages", body).await
}
