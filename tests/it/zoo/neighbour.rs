//! Another tenant beside an attacked one: a conversation that goes on, and data
//! nobody touches.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, TestApp, Visitor};
use serde_json::json;

pub(super) struct Neighbour {
    pub(super) owner: Agent,
    visitor: Visitor,
    id: String,
    said: Vec<String>,
}

/// A tenant `quiet` with a team, and the inbox `quiet-web`; its owner.
pub(super) async fn quiet_tenant(app: &TestApp) -> (Agent, String) {
    let new = NewTenant {
        slug: "quiet".to_owned(),
        name: "Quiet".to_owned(),
        owner_email: "owner@quiet.test".to_owned(),
        owner_name: "Otto".to_owned(),
        owner_password: PASSWORD.to_owned(),
    };
    app.app().create_tenant(new).await.expect("a tenant");
    let owner = app.agent_of("quiet", "owner@quiet.test").await;
    let team = json!({ "name": "All", "strategy": "least_loaded" });
    let team = text(&owner.http.post("/api/v1/teams", team).await.ok(201), "id");
    let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
    owner.http.post("/api/v1/inboxes", inbox).await.ok(201);
    (owner, team)
}

impl Neighbour {
    pub(super) async fn of(app: &TestApp) -> Self {
        let (owner, _) = quiet_tenant(app).await;
        let visitor = app.visitor_at("quiet-web").await;
        let id = visitor.ring("v0", "hello").await;
        Self {
            owner,
            visitor,
            id,
            said: vec!["hello".to_owned()],
        }
    }

    /// Says one thing more; all that was said is there, and nothing else is.
    pub(super) async fn goes_on(&mut self, beside: &str) {
        let words = format!("still here, {}", self.said.len());
        let key = format!("v{}", self.said.len());
        self.visitor.say(&self.id, &key, &words).await;
        self.said.push(words);
        let messages = self.owner.messages(&self.id).await;
        let texts: Vec<_> = messages.iter().map(|it| text(it, "text")).collect();
        assert_eq!(texts, self.said, "beside {beside}");
        for message in &messages {
            assert_eq!(message["attributes"], json!({}), "beside {beside}");
        }
        for path in ["/api/v1/plugins", "/api/v1/installations"] {
            let theirs = self.owner.http.get(path).await.ok(200);
            assert!(
                list(&theirs["items"]).is_empty(),
                "beside {beside}: {theirs}"
            );
        }
    }
}
