//! A filter that takes its time over held messages: other tenants' deadlines go on
//! meanwhile. The server's own loops run here, as they would.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use deskbell_app::Hooks;
use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::hooks::{Call, FilterDecision, FilterRequest, HookError};
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
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
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
