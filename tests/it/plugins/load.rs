//! An upgrade and a roll-back while a thousand calls are under way: none is lost,
//! and each ends on the version it began with.
//!
//! Two sandboxes are planted that break this, to see that it would be noticed: one
//! lets go of old code as soon as there is new, one runs the newest code for
//! everybody.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{Call, HookError, VariablesRequest};
use deskbell_app::{Hooks, Installed, Plane};
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::{AgentRef, TenantId};
use deskbell_tests::guests;
use deskbell_tests::{Engine, Setup, TestApp, both_engines};
use serde_json::json;
use tokio::sync::watch;

use super::desk::{Admin, Chat};
use super::upgrade::two_versions;

const CALLS: usize = 1_000;
const WORKERS: usize = 16;
const NAME: &str = "version.of";

#[derive(Clone, Copy, PartialEq)]
enum Planted {
    /// Old code is gone as soon as there is new.
    Forgets,
    /// Every call runs the newest code.
    Swaps,
}

struct Bad {
    inner: Arc<dyn Hooks>,
    planted: Planted,
    newest: Mutex<Option<Digest>>,
}

#[async_trait]
impl Hooks for Bad {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
    }

    async fn prepare(&self, digest: Digest, file: Bytes) -> Result<(), HookError> {
        self.inner.prepare(digest, file).await?;
        if self.planted == Planted::Forgets {
            self.inner.keep_only(&HashSet::from([digest]));
        }
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
        Ok(())
    }

    fn is_ready(&self, digest: Digest) -> bool {
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest == Some(digest) && self.inner.is_ready(digest)
    }

    async fn resolve_variables(
        &self,
        mut call: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Planted::Swaps, Some(newest)) = (self.planted, newest) {
            call.digest = newest;
        }
        self.inner.resolve_variables(call, request).await
    }
}

struct Load<'a> {
    app: &'a TestApp,
    tenant: TenantId,
    request: VariablesRequest,
}

impl<'a> Load<'a> {
    async fn of(app: &'a TestApp, admin: &Admin) -> Self {
        let tenant = app.actor(&admin.agent.token, Plane::Agent).await.tenant;
        let chat = Chat::begin(app).await;
        let tx = app.app().store.snapshot(tenant).await.expect("a snapshot");
        let id = chat.id.parse().expect("an id");
        let conversation = tx
            .conversation(id)
            .await
            .expect("a read")
            .expect("it is there");
        let contact = tx.contact(conversation.contact.id).await.expect("a read");
        let request = VariablesRequest {
            names: vec![NAME.to_owned()],
            conversation,
            contact: contact.expect("it is there"),
            agent: AgentRef {
                id: chat.ana.id.parse().expect("an id"),
                name: chat.ana.name.clone(),
            },
        };
        Self {
            app,
            tenant,
            request,
        }
    }

    fn installed(&self) -> Arc<Installed> {
        let all = self.app.app().installed(self.tenant, Hook::Variables);
        all.first().expect("it is at work").clone()
    }

    /// What is wrong with the answer, if anything is.
    async fn call(&self, call: Call, expected: &str) -> Option<String> {
        let hooks = &self.app.app().hooks;
        match hooks.resolve_variables(call, self.request.clone()).await {
            Ok(values) => {
                let said = values.get(NAME).cloned().unwrap_or_default();
                let right = said.contains(&format!("version {expected},"));
                (!right).then(|| format!("wrong: asked {expected}: {said}"))
            }
            Err(error) => Some(format!("lost: {error}")),
        }
    }
}

/// All that went wrong with a thousand calls across an upgrade and a roll-back.
async fn under_load(app: &TestApp) -> Vec<String> {
    let admin = Admin::of(app).await;
    let path = two_versions(&admin, json!({})).await;
    let load = Load::of(app, &admin).await;
    let (started, stable) = (Cell::new(0), Cell::new(Some("0.1.0")));
    let over = Cell::new(false);
    let (ended, mut heard) = watch::channel(0_usize);
    let worker = async || {
        let mut wrong = Vec::new();
        while started.get() < CALLS || !over.get() {
            let number = started.replace(started.get() + 1);
            let one = load.installed();
            if stable
                .get()
                .is_some_and(|version| version != one.plugin_version)
            {
                wrong.push(format!("stale: {} is asked", one.plugin_version));
            }
            // Some take their time between learning whom to ask and asking.
            for _ in 0..number % 64 {
                tokio::task::yield_now().await;
            }
            let call = one.call(load.app.app(), Hook::Variables);
            wrong.extend(load.call(call, &one.plugin_version).await);
            ended.send_modify(|count| *count += 1);
        }
        wrong
    };
    let body = json!({ "plugin_version": "0.2.0", "hooks": ["variables"] });
    let operator = async {
        heard
            .wait_for(|ended| *ended >= CALLS / 3)
            .await
            .expect("calls end");
        stable.set(None);
        admin
            .agent
            .http
            .post(&format!("{path}/upgrade"), body)
            .await
            .ok(200);
        stable.set(Some("0.2.0"));
        heard
            .wait_for(|ended| *ended >= 2 * CALLS / 3)
            .await
            .expect("calls end");
        stable.set(None);
        admin
            .agent
            .http
            .poke(&format!("{path}/rollback"))
            .await
            .ok(200);
        stable.set(Some("0.1.0"));
        over.set(true);
    };
    let workers = futures_util::future::join_all((0..WORKERS).map(|_| worker()));
    let (wrong, ()) = tokio::join!(workers, operator);
    assert_eq!(*ended.borrow(), started.get());
    assert!(started.get() >= CALLS);
    wrong.concat()
}

async fn with(engine: Engine, hooks: Arc<dyn Hooks>) -> TestApp {
    let mut setup = Setup::new(engine);
    setup.hooks = hooks;
    setup.start().await
}

async fn with_planted(engine: Engine, planted: Planted) -> Vec<String> {
    let bad = Bad {
        inner: guests::own(),
        planted,
        newest: Mutex::default(),
    };
    let app = with(engine, Arc::new(bad)).await;
    let wrong = under_load(&app).await;
    app.finish().await;
    wrong
}

both_engines! {
    async fn none_is_lost_and_none_is_on_the_wrong_version(engine: Engine) {
        let app = with(engine, guests::own()).await;
        let wrong = under_load(&app).await;
        assert_eq!(wrong, [""; 0]);
        app.finish().await;
    }

    async fn code_that_goes_too_soon_loses_calls(engine: Engine) {
        let wrong = with_planted(engine, Planted::Forgets).await;
        assert!(wrong.iter().any(|it| it.starts_with("lost")), "{wrong:?}");
    }

    async fn swapped_code_is_noticed(engine: Engine) {
        let wrong = with_planted(engine, Planted::Swaps).await;
        assert!(wrong.iter().any(|it| it.starts_with("wrong")), "{wrong:?}");
    }

    async fn old_code_stays_until_its_last_call_and_no_longer(engine: Engine) {
        let app = with(engine, guests::own()).await;
        let admin = Admin::of(&app).await;
        let path = two_versions(&admin, json!({})).await;
        let load = Load::of(&app, &admin).await;
        let old = load.installed();
        let (digest, begun) = (old.digest, old.call(app.app(), Hook::Variables));
        let body = json!({ "plugin_version": "0.2.0", "hooks": ["variables"] });
        admin.agent.http.post(&format!("{path}/upgrade"), body).await.ok(200);
        app.settle().await;
        let hooks = app.app().hooks.clone();
        assert!(hooks.is_ready(digest), "somebody may still call it");
        let call = old.call(app.app(), Hook::Variables);
        assert_eq!(load.call(call, "0.1.0").await, None);
        drop(old);
        app.settle().await;
        assert_eq!(load.call(begun, "0.1.0").await, None, "begun before the upgrade");
        app.settle().await;
        assert!(!hooks.is_ready(digest), "nobody can call it any more");
        app.finish().await;
    }
}
