//! The whole zoo in one tenant, and another one's main job beside it: it costs what
//! it costs without the zoo, in statements, syncs and calls of plugins.

use std::sync::Arc;

use deskbell_app::hooks::{Call, NoSink, RouteRequest};
use deskbell_app::{NoOutbound, Plane};
use deskbell_domain::TenantId;
use deskbell_domain::plugin::Hook;
use deskbell_tests::guests::{self, fixture, zoo};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Engine, Setup, Socket, TestApp, Visitor, both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::quiet::{Quiet, STEPS};
use crate::plugins::desk::{Admin, canned, upload};

/// At work in every hook at once.
const EVERYWHERE: [&str; 13] = [
    "infinite-loop",
    "host-call-loop",
    "memory-growth",
    "deep-recursion",
    "huge-string",
    "log-flood",
    "huge-output",
    "panic-everywhere",
    "ungranted-imports",
    "kv-flood",
    "kv-probe",
    "oversleeping",
    "private-egress",
];

/// What a step costs: statements of writing transactions, and syncs. What runs beside
/// requests is not in it, as leases and heartbeats go by the real clock; what it does
/// for the job is seen by its next step.
type Cost = (u64, u64);

struct Zoo<'a> {
    app: &'a TestApp,
    admin: Admin,
    tenant: TenantId,
    ana: Agent,
    _there: Socket,
    visitor: Visitor,
    /// How many of its installations there are.
    size: usize,
    turn: usize,
}

fn others() -> Vec<(&'static str, &'static str, Value, Value)> {
    let loops = json!({ "mode": "loop" });
    vec![
        ("bad-router", "routing", json!([]), loops.clone()),
        ("bad-filter", "filter", json!([]), loops),
        ("bad-bot", "bot", json!([]), json!({ "mode": "grow" })),
        (
            "bad-variables",
            "variables",
            json!([]),
            json!({ "mode": "huge-value" }),
        ),
        (
            "curious-router",
            "routing",
            json!(["directory"]),
            json!({ "agent": "x", "times": 300 }),
        ),
        (
            "asking-variables",
            "variables",
            json!(["http"]),
            json!({ "urls": ["http://127.0.0.1/"] }),
        ),
        (
            "keeping-variables",
            "variables",
            json!(["kv"]),
            json!({ "steps": [{ "fill": ["k", 9, 9] }] }),
        ),
        (
            "versions",
            "variables",
            json!([]),
            json!({ "mode": "log", "lines": 500 }),
        ),
        ("table-growth", "routing", json!([]), json!({})),
    ]
}

impl<'a> Zoo<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let admin = Admin::of(app).await;
        let ana = app.agent("ana").await;
        let there = ana.connect().await;
        let path = format!("/api/v1/agents/{}", ana.id);
        admin.patch(&path, json!({ "capacity": 100 })).await.ok(200);
        let words = "{{zoo.attack}}{{bad.one}}{{asked.all}}{{kept.all}}{{version.of}}";
        canned(&admin, "attack", words).await;
        let mut size = 0;
        let all = json!(["routing", "variables", "filter", "bot"]);
        for name in EVERYWHERE {
            let wants = match name {
                "ungranted-imports" => json!(["directory", "kv"]),
                "kv-flood" | "kv-probe" => json!(["kv"]),
                "oversleeping" | "private-egress" => json!(["http"]),
                _ => json!([]),
            };
            install(&admin, name, &all, &wants, &json!({})).await;
            size += 1;
        }
        let mut bot = json!(null);
        for (name, hook, wants, config) in others() {
            let id = install(&admin, name, &json!([hook]), &wants, &config).await;
            if hook == "bot" {
                bot = json!(id);
            }
            size += 1;
        }
        for name in [
            "trap-in-start",
            "handle-leak",
            "wrong-signature",
            "unknown-import",
        ] {
            upload(&admin.agent, &fixture(name), &[])
                .await
                .refused(422, "plugin_refused");
        }
        let inboxes = list(&admin.get("/api/v1/inboxes").await["items"]);
        let inbox = inboxes
            .iter()
            .find(|it| it["key"] == "demo-web")
            .expect("the demo's inbox");
        let path = format!("/api/v1/inboxes/{}", text(inbox, "id"));
        admin.patch(&path, json!({ "bot": bot })).await.ok(200);
        let tenant = app.actor(&admin.agent.token, Plane::Agent).await.tenant;
        app.settle().await;
        Self {
            app,
            tenant,
            ana,
            _there: there,
            visitor: app.visitor().await,
            admin,
            size,
            turn: 0,
        }
    }

    /// Somebody rings, and is told things by the bot, the filters and the router.
    async fn has_traffic(&mut self) {
        self.turn += 1;
        let key = format!("z{}", self.turn);
        let id = self.visitor.ring(&key, "hello").await;
        self.app.settle().await;
        let there = self.ana.conversation(&id).await;
        assert_eq!(there["assignee"]["name"], "Ana", "{there}");
        let body = json!({
            "conversation_id": id, "shortcut": "attack", "client_msg_id": key,
        });
        let path = "/api/v1/canned-responses/use";
        self.ana
            .http
            .post(path, body)
            .await
            .refused(422, "missing_variables");
        self.ana.on(&id, "close", json!({})).await.ok(200);
        self.app.settle().await;
    }

    /// Calls that burn what they may, without a desk that would write of them.
    fn burning(&self) -> Vec<Call> {
        let app = self.app.app();
        let all = app.installed_for(self.tenant, Hook::Routing);
        let quiet = |call: Call| Call {
            sink: Arc::new(NoSink),
            ..call
        };
        let burns = all.iter().filter(|one| {
            [
                "infinite-loop",
                "host-call-loop",
                "memory-growth",
                "huge-string",
            ]
            .contains(&one.key.as_str())
        });
        burns
            .map(|one| quiet(one.call(app, Hook::Routing)))
            .collect()
    }

    async fn request(&self) -> RouteRequest {
        let tx = self
            .app
            .app()
            .store
            .snapshot(self.tenant)
            .await
            .expect("a snapshot");
        let open = self.admin.get("/api/v1/conversations?status=closed").await;
        let id = text(&open["items"][0], "id").parse().expect("an id");
        let conversation = tx.conversation(id).await.expect("a read").expect("one");
        let contact = tx.contact(conversation.contact.id).await.expect("a read");
        RouteRequest {
            team_id: conversation.team_id.expect("a team"),
            conversation,
            contact: contact.expect("one"),
            waiting_ms: 1_000,
            team_name: "Support".to_owned(),
            waiting: 1,
            position: 1,
            candidates: Vec::new(),
            candidates_total: 0,
            retry_of: None,
        }
    }
}

async fn install(
    admin: &Admin,
    name: &str,
    hooks: &Value,
    wants: &Value,
    config: &Value,
) -> String {
    let plugin = admin.uploaded(&zoo(name)).await;
    let body = json!({
        "plugin_id": plugin, "hooks": hooks, "capabilities": wants, "config": config,
    });
    text(&admin.install(body).await.ok(201), "id")
}

/// What each step costs, and how the plugins' calls ended.
async fn main_job(engine: Engine, with_zoo: bool) -> (Vec<Cost>, Vec<Value>) {
    let mut setup = Setup::new(engine);
    setup.hooks = guests::own();
    setup.outbound = Some(Arc::new(NoOutbound));
    let app = setup.start().await;
    let mut quiet = Quiet::of(&app).await;
    let mut zoo = match with_zoo {
        true => Some(Zoo::of(&app).await),
        false => None,
    };
    let mut costs = Vec::new();
    for step in STEPS {
        let mut burning = Vec::new();
        if let Some(zoo) = &mut zoo {
            zoo.has_traffic().await;
            let request = zoo.request().await;
            let calls = zoo.burning().into_iter();
            burning = calls.map(|call| (call, request.clone())).collect();
            assert_eq!(burning.len(), 4);
        }
        app.settle().await;
        let before = app.app().store.counters().look();
        let hooks = &app.app().hooks;
        let burns = burning
            .into_iter()
            .map(|(call, request)| hooks.route(call, request));
        tokio::join!(join_all(burns), quiet.does(step));
        let cost = app.app().store.counters().look().since(before);
        costs.push((cost.statements, cost.commits));
        app.settle().await;
    }
    let calls = quiet.calls().await;
    if let Some(zoo) = &zoo {
        all_of_it_was_called(zoo).await;
    }
    drop(zoo);
    drop(quiet);
    app.finish().await;
    (costs, calls)
}

/// There was a zoo: each of it was asked, and hardly any has done its work.
async fn all_of_it_was_called(zoo: &Zoo<'_>) {
    let all = list(&zoo.admin.get("/api/v1/installations?limit=200").await["items"]);
    assert_eq!(all.len(), zoo.size);
    for one in all {
        let path = format!("/api/v1/installations/{}", text(&one, "id"));
        let figures = list(&zoo.admin.get(&format!("{path}/metrics")).await["items"]);
        assert!(!figures.is_empty(), "nobody called {one}");
    }
}

both_engines! {
    async fn another_tenants_job_costs_what_it_costs_without(engine: Engine) {
        let (alone, calls_alone) = main_job(engine, false).await;
        let (beside, calls_beside) = main_job(engine, true).await;
        assert!(alone.iter().all(|(_, syncs)| *syncs > 0), "{alone:?}");
        assert_eq!(beside, alone);
        assert_eq!(calls_beside, calls_alone);
        assert!(calls_alone.iter().all(|calls| calls["ok"].as_i64() > Some(0)), "{calls_alone:?}");
    }
}
