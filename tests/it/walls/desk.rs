//! A tenant with one of everything, in which every text carries the tenant's own
//! word: where that word turns up, something of this tenant has got.

use std::collections::BTreeMap;

use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::{Clock as _, Plane};
use deskbell_domain::{EventId, IdSource as _, JobId, Role};
use deskbell_store::StoreError;
use deskbell_store::jobs::NewJob;
use deskbell_tests::guests;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Http, PASSWORD, TestApp, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

use super::routes::Open;

/// Schema name → an id.
pub(super) type Ids = BTreeMap<&'static str, String>;

/// Of the catalogue.
pub(super) const PLUGIN: &str = "skills-router";
/// The plugin at work, which asks for a secret.
const INSTALLED: &str = "order-variables";
/// Of it, and not installed.
pub(super) const OTHER_VERSION: &str = "0.0.1";

pub(super) struct Desk {
    /// The tenant's short name, and its word.
    pub canary: &'static str,
    pub ids: Ids,
    pub tokens: BTreeMap<&'static str, String>,
    pub refresh_token: String,
    /// The visitor of the conversation.
    pub visitor: Visitor,
    /// One who has said nothing yet.
    pub newcomer: Visitor,
}

impl Desk {
    pub(super) async fn make(app: &TestApp, canary: &'static str) -> Self {
        let new = NewTenant {
            slug: canary.to_owned(),
            name: format!("{canary} incorporated"),
            owner_email: format!("owner@{canary}.test"),
            owner_name: format!("{canary} owner"),
            owner_password: PASSWORD.to_owned(),
        };
        let (tenant, _) = app.app().create_tenant(new).await.expect("a tenant");
        let owner = app.agent_of(canary, &format!("owner@{canary}.test")).await;
        let mut ids = Ids::from([("TenantId", tenant.id.to_string())]);
        let mut made = Vec::new();
        let look = json!({ "welcome_text": format!("welcome to {canary}") });
        let furniture = [
            (
                "TeamId",
                "teams",
                json!({ "name": format!("{canary} team"), "strategy": "least_loaded" }),
            ),
            (
                "InboxId",
                "inboxes",
                json!({
                    "key": format!("{canary}-web"), "name": format!("{canary} inbox"), "look": look,
                }),
            ),
            (
                "CannedResponseId",
                "canned-responses",
                json!({
                    "shortcut": format!("{canary}-hi"), "title": format!("{canary} title"),
                    "text": format!("hello from {canary}"),
                }),
            ),
        ];
        for (schema, path, mut body) in furniture {
            if schema == "InboxId" {
                body["default_team_id"] = json!(ids["TeamId"]);
            }
            let entity = owner
                .http
                .post(&format!("/api/v1/{path}"), body)
                .await
                .ok(201);
            ids.insert(schema, text(&entity, "id"));
        }
        plugin(&owner, &mut ids).await;
        parked(app, &owner, &mut ids).await;
        for role in ["agent", "supervisor", "admin"] {
            let body = json!({
                "email": format!("{role}@{canary}.test"), "name": format!("{canary} {role}"),
                "role": role, "password": PASSWORD, "team_ids": [ids["TeamId"]],
            });
            owner.http.post("/api/v1/agents", body).await.ok(201);
            made.push((
                role,
                app.agent_of(canary, &format!("{role}@{canary}.test")).await,
            ));
        }
        made.push(("owner", owner));
        let agent = made[0].1.clone();
        ids.insert("AgentId", agent.id.clone());
        let sessions = agent.http.get("/api/v1/auth/sessions").await.ok(200);
        ids.insert("SessionId", text(&sessions["items"][0], "id"));
        let visitor = app.visitor_at(&format!("{canary}-web")).await;
        ids.insert("VisitorId", visitor.id.clone());
        chat(app, canary, &agent, &visitor, &mut ids).await;
        Self {
            canary,
            ids,
            refresh_token: agent.refresh_token.clone(),
            tokens: made
                .into_iter()
                .map(|(role, agent)| (role, agent.token))
                .collect(),
            newcomer: app.visitor_at(&format!("{canary}-web")).await,
            visitor,
        }
    }

    pub(super) fn email(&self, role: &str) -> String {
        format!("{role}@{}.test", self.canary)
    }

    pub(super) fn inbox_key(&self) -> String {
        format!("{}-web", self.canary)
    }

    /// A client of this desk's agent with that role.
    pub(super) fn of_role(&self, app: &TestApp, role: &str) -> Http {
        app.http.with_token(&self.tokens[role])
    }

    /// The least who may use such a route, freshly logged in: what they do may end
    /// their session.
    pub(super) async fn least(&self, app: &TestApp, open: Open) -> Http {
        match open {
            Open::All => app.http.clone(),
            Open::Visitors => app.http.with_token(&self.visitor.token),
            Open::Agents(permission) => {
                let role = Role::ALL.into_iter().find(|role| role.allows(permission));
                let role = role.expect("somebody may").as_str();
                app.agent_of(self.canary, &self.email(role)).await.http
            }
        }
    }

    /// Everything of the desk that its owner can read, by path.
    pub(super) async fn whole(&self, app: &TestApp) -> BTreeMap<String, Value> {
        let owner = self.of_role(app, "owner");
        let conversation = format!("/api/v1/conversations/{}", self.ids["ConversationId"]);
        let paths = [
            "/api/v1/agents".to_owned(),
            "/api/v1/teams".to_owned(),
            "/api/v1/inboxes".to_owned(),
            "/api/v1/canned-responses".to_owned(),
            "/api/v1/plugins".to_owned(),
            "/api/v1/installations".to_owned(),
            "/api/v1/conversations".to_owned(),
            format!("/api/v1/contacts/{}", self.ids["ContactId"]),
            format!("{conversation}/messages"),
            format!("{conversation}/decisions"),
        ];
        let mut whole = BTreeMap::new();
        for path in paths {
            let answer = owner.get(&path).await.ok(200);
            whole.insert(path, answer);
        }
        // Nobody else may end it either.
        self.of_role(app, "agent")
            .get("/api/v1/agent/snapshot")
            .await
            .ok(200);
        whole
    }

    /// What of this desk is in a text: its word, or one of its ids.
    pub(super) fn found_in(&self, told: &str) -> Option<String> {
        let words = std::iter::once(self.canary.to_owned());
        words
            .chain(self.ids.values().cloned())
            .find(|word| told.contains(word.as_str()))
    }
}

/// A plugin at work, and another version of it.
async fn plugin(owner: &Agent, ids: &mut Ids) {
    let take = json!({ "catalogue": PLUGIN });
    let taken = owner.http.post("/api/v1/plugins", take).await.ok(201);
    ids.insert("PluginId", text(&taken["plugin"], "id"));
    let take = json!({ "catalogue": INSTALLED });
    let taken = owner.http.post("/api/v1/plugins", take).await.ok(201);
    let manifest = format!(
        "id = \"{INSTALLED}\"\nname = \"Orders\"\nversion = \"{OTHER_VERSION}\"\n\
         publisher = \"Deskbell tests\"\nlicense = \"Apache-2.0\"\n[config]\ntype = \"object\"\n"
    );
    let file = deskbell_package::pack(&guests::built_in(PLUGIN), &manifest).expect("a plugin");
    let kind = [("content-type", "application/wasm")];
    let sent = owner
        .http
        .raw(Method::POST, "/api/v1/plugins", file.0, &kind);
    sent.await.ok(201);
    let body = json!({
        "plugin_id": taken["plugin"]["id"], "hooks": ["variables"], "capabilities": ["http"],
    });
    let installed = owner.http.post("/api/v1/installations", body).await;
    ids.insert("InstallationId", text(&installed.ok(201), "id"));
}

/// An event that this plugin did not take.
async fn parked(app: &TestApp, owner: &Agent, ids: &mut Ids) {
    let tenant = app.actor(&owner.token, Plane::Agent).await.tenant;
    let told = json!({
        "id": EventId(app.ids.uuid()), "kind": "message.created", "occurred_at": app.clock.now(),
        "conversation": null, "contact": null, "seq": null, "attributes": {}, "depth": 0,
    });
    let job = NewJob {
        id: JobId(app.ids.uuid()),
        queue: format!("events/{}", ids["InstallationId"]),
        destination: "nobody".to_owned(),
        payload: told.to_string(),
        due_at: app.clock.now(),
        created_at: app.clock.now(),
    };
    ids.insert("JobId", job.id.to_string());
    let now = app.clock.now();
    let parked = app.app().store.system(move |sys| {
        let job = job.clone();
        Box::pin(async move {
            let queue = job.queue.clone();
            sys.enqueue_jobs(&[(tenant, job)]).await?;
            for job in sys.claim_jobs(&queue, now, 1, 1).await? {
                sys.put_off_job(&job, now, "it did not take it", None)
                    .await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    parked.await.expect("a parked event");
}

/// A conversation that the agent has, with words of both sides and a note.
async fn chat(app: &TestApp, canary: &str, agent: &Agent, visitor: &Visitor, ids: &mut Ids) {
    let body = json!({
        "client_msg_id": "v1", "text": format!("a question for {canary}"),
        "subject": format!("{canary} subject"), "category": format!("{canary} category"),
        "attributes": { "order": format!("{canary}-1") },
        "form": { "name": format!("{canary} visitor"), "email": format!("visitor@{canary}.test") },
    });
    let started = visitor
        .http
        .post("/api/v1/widget/conversations", body)
        .await
        .ok(201);
    let id = text(&started, "id");
    agent.on(&id, "assign", json!({})).await.ok(200);
    for (key, private) in [("a1", false), ("a2", true)] {
        let body =
            json!({ "client_msg_id": key, "text": format!("{canary} says"), "private": private });
        agent.on(&id, "messages", body).await.ok(201);
    }
    app.settle().await;
    let conversation = agent.conversation(&id).await;
    ids.insert("ContactId", text(&conversation["contact"], "id"));
    let messages = list(
        &agent
            .http
            .get(&format!("/api/v1/conversations/{id}/messages"))
            .await
            .ok(200)["items"],
    );
    ids.insert("MessageId", text(&messages[0], "id"));
    ids.insert("ConversationId", id);
}
