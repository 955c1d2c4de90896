//! A filter that takes its time over held messages: other tenants' deadlines go on
//! meanwhile. The server's own loops run here, as they would.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::Hooks;
use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::hooks::{
    Admitted, BotReply, BotRequest, Call, ConfigFinding, ContextRequest, EventRequest,
    FilterDecision, FilterRequest, HookError, NotAdmitted, Opinion, RouteRequest, UpgradeRequest,
    ValidateRequest, VariablesRequest,
};
use deskbell_domain::integration::{Card, Effect};
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_server::tasks::Tasks;
use deskbell_tests::guests;
use deskbell_tests::socket::bounded;
use deskbell_tests::{PASSWORD, Setup, both_engines};
use serde_json::json;
use tokio::sync::Semaphore;

use super::desk::Talk;

/// The real sandbox, with filters that answer when they are let.
struct Stuck {
    inner: Arc<dyn Hooks>,
    is_stuck: AtomicBool,
    asked: Semaphore,
    released: Semaphore,
}

#[async_trait]
impl Hooks for Stuck {
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        self.inner.admit(file).await
    }

    async fn prepare(&self, digest: Digest, file: Bytes) -> Result<(), HookError> {
        self.inner.prepare(digest, file).await
    }

    fn is_ready(&self, digest: Digest) -> bool {
        self.inner.is_ready(digest)
    }

    fn keep_only(&self, _: &HashSet<Digest>) {}

    async fn route(&self, call: Call, request: RouteRequest) -> Result<Opinion, HookError> {
        self.inner.route(call, request).await
    }

    async fn resolve_variables(
        &self,
        call: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        self.inner.resolve_variables(call, request).await
    }

    async fn filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> Result<FilterDecision, HookError> {
        if self.is_stuck.load(Ordering::SeqCst) {
            self.asked.add_permits(1);
            let released = self.released.acquire().await;
            released.expect("it is never closed").forget();
        }
        self.inner.filter(call, request).await
    }

    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        self.inner.bot_event(call, request).await
    }

    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        self.inner.on_event(call, request).await
    }

    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        self.inner.look_up(call, request).await
    }

    async fn validate_config(
        &self,
        call: Call,
        request: ValidateRequest,
    ) -> Result<Vec<ConfigFinding>, HookError> {
        self.inner.validate_config(call, request).await
    }

    async fn upgraded(&self, call: Call, request: UpgradeRequest) -> Result<(), HookError> {
        self.inner.upgraded(call, request).await
    }

    fn limits_of(&self, hook: Hook) -> CallLimits {
        self.inner.limits_of(hook)
    }
}

both_engines! {
    async fn held_messages_keep_nobodys_timers_waiting(engine: Engine) {
        let stuck = Arc::new(Stuck {
            inner: guests::shared(),
            is_stuck: AtomicBool::new(false),
            asked: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        let mut setup = Setup::new(engine);
        setup.hooks = stuck.clone();
        let app = setup.start().await;
        let new = NewTenant {
            slug: "quiet".to_owned(),
            name: "Quiet".to_owned(),
            owner_email: "owner@quiet.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let otto = app.agent_of("quiet", "owner@quiet.test").await;
        otto.connect().await.close().await;
        let talk = Talk::with(&app, json!({ "mode": "hold" })).await;
        assert_eq!(talk.say("hello").await.status, 202);
        app.settle().await;
        assert_eq!(otto.availability().await, "online");

        // Both are due: what is held in one tenant, and Otto's going offline.
        stuck.is_stuck.store(true, Ordering::SeqCst);
        app.advance(5 * 60_000);
        let tasks = Tasks::default();
        for (name, job) in app.server().engine.jobs(&tasks.stop()) {
            if ["timers", "held messages"].contains(&name) {
                tasks.spawn(name, job);
            }
        }
        let asked = bounded("the filter's question", stuck.asked.acquire()).await;
        asked.expect("it is never closed").forget();
        bounded("Otto's going offline", async {
            while otto.availability().await != "offline" {}
        })
        .await;
        stuck.is_stuck.store(false, Ordering::SeqCst);
        stuck.released.add_permits(100);
        assert!(tasks.finish(std::time::Duration::from_secs(30)).await);
        app.finish().await;
    }
}
