//! The main job of a tenant that has plugins and behaves: a visitor rings, an agent
//! answers, reads, resolves, and is rated. Each step can be counted.

use deskbell_tests::guests::built_in;
use deskbell_tests::reducer::text;
use deskbell_tests::{Agent, PASSWORD, Socket, TestApp, Visitor};
use serde_json::{Value, json};

use super::neighbour::quiet_tenant;
use crate::plugins::desk::{INSTALLATIONS, upload};

/// The steps of the job, in their order.
pub(super) const STEPS: [&str; 8] = [
    "rings",
    "answers",
    "thanks",
    "reads",
    "saved reply",
    "is read",
    "resolves",
    "rates",
];

pub(super) struct Quiet {
    owner: Agent,
    quin: Agent,
    _desk: Socket,
    visitor: Visitor,
    installations: Vec<String>,
    id: String,
    round: usize,
}

impl Quiet {
    pub(super) async fn of(app: &TestApp) -> Self {
        let (owner, team) = quiet_tenant(app).await;
        let agent = json!({
            "email": "quin@quiet.test", "name": "Quin", "role": "agent", "password": PASSWORD,
            "team_ids": [team],
        });
        owner.http.post("/api/v1/agents", agent).await.ok(201);
        let orders = json!({ "orders": [
            { "order_id": "A-1001", "status": "on its way", "eta": "on Friday" },
        ] });
        let mut installations = Vec::new();
        for (name, hook, wants, config) in [
            ("skills-router", "routing", json!([]), json!({})),
            ("pii-filter", "filter", json!([]), json!({ "cards": true })),
            ("order-variables", "variables", json!(["http"]), orders),
        ] {
            let sent = upload(&owner, &built_in(name), &[]).await.ok(201);
            let body = json!({
                "plugin_id": sent["plugin"]["id"], "hooks": [hook], "capabilities": wants,
                "config": config,
            });
            let made = owner.http.post(INSTALLATIONS, body).await.ok(201);
            installations.push(format!("{INSTALLATIONS}/{}", text(&made, "id")));
        }
        let canned = json!({
            "shortcut": "status", "title": "Status", "text": "It is {{order.status}}.",
        });
        owner
            .http
            .post("/api/v1/canned-responses", canned)
            .await
            .ok(201);
        let quin = app.agent_of("quiet", "quin@quiet.test").await;
        let desk = quin.connect().await;
        let visitor = app.visitor_at("quiet-web").await;
        app.settle().await;
        Self {
            owner,
            quin,
            _desk: desk,
            visitor,
            installations,
            id: String::new(),
            round: 0,
        }
    }

    /// One step; it must do what it always does.
    pub(super) async fn does(&mut self, step: &str) {
        let (id, round) = (self.id.clone(), self.round);
        let said = |who: &str, words: &str| json!({ "client_msg_id": format!("{who}{round}"), "text": words });
        match step {
            "rings" => {
                self.round += 1;
                let body = json!({
                    "client_msg_id": format!("r{}", self.round), "text": "Where is it?",
                    "attributes": { "order_id": "A-1001" },
                });
                let path = "/api/v1/widget/conversations";
                self.id = text(&self.visitor.http.post(path, body).await.ok(201), "id");
            }
            "answers" => {
                let told = self.quin.conversation(&id).await;
                assert_eq!(told["assignee"]["name"], "Quin", "{told}");
                self.quin
                    .on(&id, "messages", said("a", "Let me look."))
                    .await
                    .ok(201);
            }
            "thanks" => {
                let body = said("t", "My card is 4111 1111 1111 1111");
                self.visitor.on(&id, "messages", body).await.ok(201);
                let told = self.quin.messages(&id).await;
                let last = told.last().map(|it| text(it, "text"));
                assert_eq!(last.as_deref(), Some("My card is [removed]"));
            }
            "reads" => {
                self.quin.on(&id, "read", json!({ "seq": 3 })).await.ok(200);
            }
            "saved reply" => {
                let body = json!({
                    "conversation_id": id, "shortcut": "status", "client_msg_id": format!("s{round}"),
                });
                let path = "/api/v1/canned-responses/use";
                let used = self.quin.http.post(path, body).await.ok(200);
                assert_eq!(used["text"], "It is on its way.");
            }
            "is read" => {
                self.visitor
                    .on(&id, "read", json!({ "seq": 4 }))
                    .await
                    .ok(200);
            }
            "resolves" => {
                let done = json!({ "reason": "found" });
                let resolved = self.quin.on(&id, "resolve", done).await.ok(200);
                assert_eq!(resolved["status"], "resolved");
            }
            "rates" => {
                let rated = self
                    .visitor
                    .on(&id, "rating", json!({ "score": 5 }))
                    .await
                    .ok(200);
                assert_eq!(rated["rating"]["score"], 5);
                self.quin.on(&id, "close", json!({})).await.ok(200);
            }
            other => panic!("{other} is no step"),
        }
    }

    /// How its plugins' calls ended.
    pub(super) async fn calls(&self) -> Vec<Value> {
        let mut calls = Vec::new();
        for path in &self.installations {
            let figures = self
                .owner
                .http
                .get(&format!("{path}/metrics"))
                .await
                .ok(200);
            calls.push(figures["items"][0]["outcomes"].clone());
            let failures = self
                .owner
                .http
                .get(&format!("{path}/failures"))
                .await
                .ok(200);
            assert_eq!(failures["items"], json!([]), "{path}");
        }
        calls
    }
}
