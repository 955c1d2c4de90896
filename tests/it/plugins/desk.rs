//! What these tests share: an admin at work on plugins, and a chat to send into.

use deskbell_tests::guests::{built_in, zoo};
use deskbell_tests::reducer::text;
use deskbell_tests::{Agent, Answer, Engine, Setup, TestApp, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const PLUGINS: &str = "/api/v1/plugins";
pub(crate) const INSTALLATIONS: &str = "/api/v1/installations";

pub(crate) struct Admin {
    pub(crate) agent: Agent,
}

impl Admin {
    pub(crate) async fn of(app: &TestApp) -> Self {
        Self {
            agent: app.agent("owner").await,
        }
    }

    pub(crate) async fn upload(&self, file: &[u8]) -> Answer {
        upload(&self.agent, file, &[]).await
    }

    /// Uploads a plugin that must be taken, and answers its id.
    pub(crate) async fn uploaded(&self, file: &[u8]) -> String {
        text(&self.upload(file).await.ok(201)["plugin"], "id")
    }

    pub(crate) async fn install(&self, body: Value) -> Answer {
        self.agent.http.post(INSTALLATIONS, body).await
    }

    /// The plugin at work, with this configuration; answers the path.
    pub(crate) async fn at_work(&self, file: &[u8], hook: &str, config: Value) -> String {
        let plugin = self.uploaded(file).await;
        let wants = match hook == "variables" && config.get("orders").is_some() {
            true => json!(["http"]),
            false => json!([]),
        };
        let body = json!({
            "plugin_id": plugin, "hooks": [hook], "capabilities": wants, "config": config,
        });
        path_of(&self.install(body).await.ok(201))
    }

    pub(crate) async fn order_variables(&self) -> String {
        let config = json!({ "orders": [
            { "order_id": "A-1001", "status": "on its way", "eta": "on Friday" },
        ] });
        self.at_work(&built_in("order-variables"), "variables", config)
            .await
    }

    pub(crate) async fn bad_variables(&self, config: Value) -> String {
        self.at_work(&zoo("bad-variables"), "variables", config)
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.agent.http.patch(path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.agent.http.get(path).await.ok(200)
    }
}

pub(crate) fn path_of(installation: &Value) -> String {
    format!("{INSTALLATIONS}/{}", text(installation, "id"))
}

pub(crate) async fn upload(agent: &Agent, file: &[u8], headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("content-type", "application/wasm")];
    all.extend_from_slice(headers);
    let http = &agent.http;
    http.raw(Method::POST, PLUGINS, file.to_vec(), &all).await
}

/// Ana has this visitor's conversation.
pub(crate) struct Chat {
    pub(crate) ana: Agent,
    pub(crate) visitor: Visitor,
    pub(crate) id: String,
}

impl Chat {
    pub(crate) async fn begin(app: &TestApp) -> Self {
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let body = json!({
            "client_msg_id": "v1", "text": "Where is it?", "attributes": { "order_id": "a-1001" },
        });
        let path = "/api/v1/widget/conversations";
        let started = visitor.http.post(path, body).await.ok(201);
        let id = text(&started, "id");
        ana.on(&id, "assign", json!({})).await.ok(200);
        app.settle().await;
        Self { ana, visitor, id }
    }

    pub(crate) async fn use_canned(&self, shortcut: &str, key: &str, preview: bool) -> Answer {
        let body = json!({
            "conversation_id": self.id, "shortcut": shortcut, "client_msg_id": key,
            "preview": preview,
        });
        let path = "/api/v1/canned-responses/use";
        self.ana.http.post(path, body).await
    }

    /// What the visitor can read of the conversation.
    pub(crate) async fn read(&self) -> Vec<String> {
        let path = format!("/api/v1/widget/conversations/{}/messages", self.id);
        let messages = self.visitor.http.get(&path).await.ok(200);
        let items = messages["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|message| text(message, "text")).collect()
    }
}

/// A saved reply with this text.
pub(crate) async fn canned(admin: &Admin, shortcut: &str, words: &str) {
    let body = json!({ "shortcut": shortcut, "title": shortcut, "text": words });
    let path = "/api/v1/canned-responses";
    admin.agent.http.post(path, body).await.ok(201);
}

/// The demo desk with its plugins.
pub(crate) async fn with_plugins(engine: Engine) -> TestApp {
    let mut setup = Setup::new(engine);
    setup.plugins = true;
    setup.start().await
}
