//! A sandbox whose routing plugins say what a test tells them, when it tells them.
//! Files are admitted by the real one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::Hooks;
use deskbell_app::hooks::{
    Admitted, Call, ConfigFinding, FilterDecision, FilterRequest, FilterVerdict, HookError,
    NotAdmitted, Opinion, RouteRequest, UpgradeRequest, ValidateRequest, VariablesRequest, Verdict,
};
use deskbell_domain::plugin::Digest;
use deskbell_tests::guests;
use deskbell_tests::socket::bounded;
use tokio::sync::Semaphore;

type Say = dyn Fn(&Call, &RouteRequest) -> Verdict + Send + Sync;

pub(super) struct Script {
    say: Mutex<Box<Say>>,
    asked: Mutex<Vec<RouteRequest>>,
    /// A permit for each question that was put.
    put: Semaphore,
    /// Answers of an installation with the mode `held` wait for one of these.
    released: Semaphore,
}

impl Script {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            say: Mutex::new(Box::new(|_, _| Verdict::NoOpinion)),
            asked: Mutex::default(),
            put: Semaphore::new(0),
            released: Semaphore::new(0),
        })
    }

    pub(super) fn say(
        &self,
        say: impl Fn(&Call, &RouteRequest) -> Verdict + Send + Sync + 'static,
    ) {
        *self.say.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(say);
    }

    /// Until a question was put that nobody waited for yet.
    pub(super) async fn is_asked(&self) {
        let put = bounded("a question to a plugin", self.put.acquire()).await;
        put.expect("it is never closed").forget();
    }

    pub(super) fn release(&self) {
        self.released.add_permits(1);
    }

    /// What was asked since the last look.
    pub(super) fn asked(&self) -> Vec<RouteRequest> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Hooks for Script {
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        guests::shared().admit(file).await
    }

    async fn prepare(&self, _: Digest, _: Bytes) -> Result<(), HookError> {
        Ok(())
    }

    fn is_ready(&self, _: Digest) -> bool {
        true
    }

    async fn route(&self, call: Call, request: RouteRequest) -> Result<Opinion, HookError> {
        let verdict = (self.say.lock().unwrap_or_else(PoisonError::into_inner))(&call, &request);
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        self.put.add_permits(1);
        if call.config.get("mode").is_some_and(|mode| mode == "held") {
            let released = self.released.acquire().await;
            released.expect("it is never closed").forget();
        }
        Ok(Opinion {
            verdict,
            reason: Some("as\u{0} scripted".to_owned()),
        })
    }

    async fn resolve_variables(
        &self,
        _: Call,
        _: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        Ok(BTreeMap::new())
    }

    async fn filter(&self, _: Call, _: FilterRequest) -> Result<FilterDecision, HookError> {
        Ok(FilterDecision {
            verdict: FilterVerdict::Allow,
            reason: None,
        })
    }

    async fn validate_config(
        &self,
        _: Call,
        _: ValidateRequest,
    ) -> Result<Vec<ConfigFinding>, HookError> {
        Ok(vec![])
    }

    async fn upgraded(&self, _: Call, _: UpgradeRequest) -> Result<(), HookError> {
        Ok(())
    }
}
