//! What is at work: at once on the node that was asked, on every other node by
//! its feed, after a restart, and never across the wall between tenants.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::hooks::{Admitted, HookError, NotAdmitted};
use deskbell_app::{App, AppParts, Engine as Background, Hooks, LocalBell, NoOutbound};
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::{IdSource as _, NodeId, TenantId};
use deskbell_store::Faults;
use deskbell_tests::guests::{self, built_in};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{PASSWORD, Setup, TestApp, both_engines};
use serde_json::json;

use super::desk::{Admin, Chat, INSTALLATIONS, PLUGINS, canned, upload};

const STATUS: &str = "It is {{order.status}}.";

/// A node on which code does not run, however good it is.
struct Broken(Arc<dyn Hooks>);

#[async_trait]
impl Hooks for Broken {
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        self.0.admit(file).await
    }

    async fn prepare(&self, _: Digest, _: Bytes) -> Result<(), HookError> {
        Err(HookError::Sandbox("no room".to_owned()))
    }

    fn is_ready(&self, _: Digest) -> bool {
        false
    }
}

/// A second node on the same database.
async fn neighbour(app: &TestApp) -> (App, Background) {
    let parts = AppParts {
        store: app.app().store.clone(),
        bell: Arc::new(LocalBell::default()),
        clock: app.clock.clone(),
        ids: app.ids.clone(),
        secrets: app.secrets.clone(),
        hooks: guests::shared(),
        outbound: Arc::new(NoOutbound),
        sealing: None,
        node: NodeId(app.ids.uuid()),
    };
    let neighbour = App::new(parts);
    let engine = Background::new(neighbour.clone(), vec![], vec![]).await;
    (neighbour, engine.expect("a second engine"))
}

fn at_work(app: &App, tenant: TenantId) -> usize {
    app.installed(tenant, Hook::Variables).len()
}

both_engines! {
    async fn switched_off_is_never_asked_again(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        canned(&admin, "status", STATUS).await;
        let chat = Chat::begin(&app).await;
        // No step between a change and what follows from it.
        chat.use_canned("status", "c1", true).await.ok(200);
        for _ in 0..3 {
            admin.agent.http.poke(&format!("{path}/disable")).await.ok(200);
            let told = chat.use_canned("status", "c1", false).await;
            told.refused(422, "missing_variables");
            admin.agent.http.poke(&format!("{path}/enable")).await.ok(200);
            let shown = chat.use_canned("status", "c1", true).await.ok(200);
            assert_eq!(shown["text"], "It is on its way.");
        }
        admin.agent.http.delete(&path).await.ok(204);
        chat.use_canned("status", "c1", false).await.refused(422, "missing_variables");
    }

    async fn other_nodes_hear_of_it(app) {
        let (node, engine) = neighbour(&app).await;
        let settle = async || while engine.step().await.expect("a step") {};
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        let tenant = app.actor(&admin.agent.token, deskbell_app::Plane::Agent).await.tenant;
        assert_eq!(at_work(&node, tenant), 0);
        settle().await;
        assert_eq!(at_work(&node, tenant), 1);
        admin.agent.http.poke(&format!("{path}/disable")).await.ok(200);
        settle().await;
        assert_eq!(at_work(&node, tenant), 0);
        admin.agent.http.poke(&format!("{path}/enable")).await.ok(200);
        settle().await;
        assert_eq!(at_work(&node, tenant), 1);
        admin.agent.http.delete(&path).await.ok(204);
        settle().await;
        assert_eq!(at_work(&node, tenant), 0);
        engine.retire().await.expect("it goes");
    }

    async fn what_cannot_be_run_is_noted_and_tried_again_later(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.hooks = Arc::new(Broken(guests::shared()));
        let app = setup.start().await;
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        canned(&admin, "status", STATUS).await;
        let chat = Chat::begin(&app).await;
        chat.use_canned("status", "c1", false).await.refused(422, "missing_variables");
        let count = async || {
            app.settle().await;
            let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
            assert_eq!((failures.len(), &failures[0]["code"]), (1, &json!("sandbox_failed")));
            failures[0]["count"].clone()
        };
        assert_eq!(count().await, 1);
        assert_eq!(count().await, 1);
        app.advance(31_000);
        assert_eq!(count().await, 2);
        app.finish().await;
    }

    async fn a_restart_keeps_what_was_installed(engine: Engine) {
        let mut app = Setup::new(engine).start().await;
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        canned(&admin, "status", STATUS).await;
        let before = admin.get(&path).await;
        app.restart(Faults::default()).await;
        let admin = Admin::of(&app).await;
        assert_eq!(admin.get(&path).await, before);
        let chat = Chat::begin(&app).await;
        let shown = chat.use_canned("status", "c1", true).await.ok(200);
        assert_eq!(shown["text"], "It is on its way.");
        app.finish().await;
    }

    async fn each_tenant_has_its_own(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        let plugin = text(&admin.get(&path).await, "plugin_id");
        let new = NewTenant {
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            owner_email: "owner@other.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        let (other, _) = app.app().create_tenant(new).await.expect("a tenant");
        let owner = app.agent_of("other", "owner@other.test").await;
        for path in [&path, &format!("{path}/failures"), &format!("{PLUGINS}/{plugin}")] {
            owner.http.get(path).await.refused(404, "not_found");
        }
        owner.http.delete(&path).await.refused(404, "not_found");
        owner.http.poke(&format!("{path}/disable")).await.refused(404, "not_found");
        let body = json!({ "plugin_id": plugin, "hooks": ["variables"] });
        let told = owner.http.post(INSTALLATIONS, body).await;
        told.refused(422, "invalid_input");
        told.names("/plugin_id", "unknown");
        assert_eq!(list(&owner.http.get(PLUGINS).await.ok(200)["items"]), [json!(null); 0]);
        assert_eq!(at_work(app.app(), other.id), 0);
        // The same file is a plugin of their own.
        let file = built_in("order-variables");
        let theirs = upload(&owner, &file, &[]).await.ok(201);
        assert_ne!(text(&theirs["plugin"], "id"), plugin);
    }
}
