//! Who talks to the server: agents and visitors, as their pages would.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::http::{Http, quoted};
use crate::reducer::{Picture, Plane, text};
use crate::socket::Socket;

/// The password of everybody in the demo and of those tests make.
pub const PASSWORD: &str = "deskbell-demo";

/// An agent who is logged in.
#[derive(Clone)]
pub struct Agent {
    pub http: Http,
    pub id: String,
    pub name: String,
    pub token: String,
    pub refresh_token: String,
    /// The answer of the log-in.
    pub logged_in: Value,
}

/// A visitor with a session.
#[derive(Clone)]
pub struct Visitor {
    pub http: Http,
    pub id: String,
    pub token: String,
    pub secret: String,
}

impl TestApp {
    /// Logs an agent of the demo desk in: `"ana"`, `"owner"`, …
    pub async fn agent(&self, name: &str) -> Agent {
        self.agent_of("demo", &format!("{name}@demo.test")).await
    }

    pub async fn agent_of(&self, tenant: &str, email: &str) -> Agent {
        let body = json!({ "tenant": tenant, "email": email, "password": PASSWORD });
        let answer = self.http.post("/api/v1/auth/login", body).await;
        Agent::logged_in(&self.http, answer.ok(200))
    }

    /// Makes an agent, as the owner does.
    pub async fn new_agent(&self, owner: &Agent, name: &str, more: Value) -> Agent {
        let mut body = json!({
            "email": format!("{name}@demo.test"), "name": name, "role": "agent",
            "password": PASSWORD,
        });
        for (field, value) in more.as_object().cloned().unwrap_or_default() {
            body[field] = value;
        }
        owner.http.post("/api/v1/agents", body).await.ok(201);
        self.agent(name).await
    }

    /// Somebody new at the demo shop.
    pub async fn visitor(&self) -> Visitor {
        self.visitor_at("demo-web").await
    }

    pub async fn visitor_at(&self, inbox: &str) -> Visitor {
        Visitor::arrive(&self.http, json!({ "inbox": inbox })).await
    }
}

impl Agent {
    #[must_use]
    pub fn logged_in(http: &Http, answer: Value) -> Self {
        let token = text(&answer, "access_token");
        Self {
            http: http.with_token(&token),
            id: text(&answer["agent"], "id"),
            name: text(&answer["agent"], "name"),
            refresh_token: text(&answer, "refresh_token"),
            token,
            logged_in: answer,
        }
    }

    /// Connects; being connected makes the agent online.
    pub async fn connect(&self) -> Socket {
        self.resume(None).await
    }

    pub async fn resume(&self, cursor: Option<&str>) -> Socket {
        let mut socket = Socket::open(&self.http.base, "/api/v1/agent/socket", &[]).await;
        socket.hello(&self.token, cursor).await;
        socket
    }

    pub async fn snapshot(&self) -> Value {
        self.http.get("/api/v1/agent/snapshot").await.ok(200)
    }

    pub async fn picture(&self) -> Picture {
        Picture::of(Plane::Agent, &self.snapshot().await)
    }

    pub async fn conversation(&self, id: &str) -> Value {
        self.http
            .get(&format!("/api/v1/conversations/{id}"))
            .await
            .ok(200)
    }

    /// Newest window, ascending.
    pub async fn messages(&self, id: &str) -> Vec<Value> {
        let answer = self
            .http
            .get(&format!("/api/v1/conversations/{id}/messages"))
            .await;
        crate::reducer::list(&answer.ok(200)["items"])
    }

    /// Of all agents as this one sees them, the one with this id.
    pub async fn colleague(&self, id: &str) -> Value {
        let snapshot = self.snapshot().await;
        let all = crate::reducer::list(&snapshot["agents"]);
        all.into_iter()
            .find(|agent| agent["id"] == id)
            .unwrap_or_default()
    }

    pub async fn availability(&self) -> String {
        text(&self.snapshot().await["self"], "availability")
    }

    /// POST to a conversation's sub-resource.
    pub async fn on(&self, conversation: &str, action: &str, body: Value) -> crate::Answer {
        self.http
            .post(
                &format!("/api/v1/conversations/{conversation}/{action}"),
                body,
            )
            .await
    }

    pub async fn search(&self, q: &str) -> Vec<Value> {
        let answer = self
            .http
            .get(&format!("/api/v1/search?q={}", quoted(q)))
            .await;
        crate::reducer::list(&answer.ok(200)["items"])
    }
}

impl Visitor {
    pub async fn arrive(http: &Http, body: Value) -> Self {
        let answer = http.post("/api/v1/widget/sessions", body).await.ok(201);
        let token = text(&answer, "token");
        Self {
            http: http.with_token(&token),
            id: text(&answer["visitor"], "id"),
            secret: text(&answer, "secret"),
            token,
        }
    }

    pub async fn connect(&self) -> Socket {
        self.resume(None).await
    }

    pub async fn resume(&self, cursor: Option<&str>) -> Socket {
        let mut socket = Socket::open(&self.http.base, "/api/v1/widget/socket", &[]).await;
        socket.hello(&self.token, cursor).await;
        socket
    }

    pub async fn snapshot(&self) -> Value {
        self.http.get("/api/v1/widget/snapshot").await.ok(200)
    }

    pub async fn picture(&self) -> Picture {
        Picture::of(Plane::Widget, &self.snapshot().await)
    }

    /// Rings with a first message; answers the new conversation's id.
    pub async fn ring(&self, key: &str, words: &str) -> String {
        let body = json!({ "client_msg_id": key, "text": words });
        let answer = self.http.post("/api/v1/widget/conversations", body).await;
        text(&answer.ok(201), "id")
    }

    /// POST to a conversation's sub-resource.
    pub async fn on(&self, conversation: &str, action: &str, body: Value) -> crate::Answer {
        let path = format!("/api/v1/widget/conversations/{conversation}/{action}");
        self.http.post(&path, body).await
    }

    pub async fn say(&self, conversation: &str, key: &str, words: &str) -> Value {
        let body = json!({ "client_msg_id": key, "text": words });
        self.on(conversation, "messages", body).await.ok(201)
    }
}
