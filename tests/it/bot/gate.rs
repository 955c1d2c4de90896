//! The real sandbox, with a bot whose answers wait until a test lets them go. So do
//! look-ups, before they begin.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::Hooks;
use deskbell_app::hooks::{
    Admitted, BotReply, BotRequest, Call, ConfigFinding, ContextRequest, EventRequest,
    FilterDecision, FilterRequest, HookError, NotAdmitted, Opinion, RouteRequest, UpgradeRequest,
    ValidateRequest, VariablesRequest,
};
use deskbell_domain::integration::{Card, Effect};
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_tests::guests;
use deskbell_tests::socket::bounded;
use deskbell_tests::{Engine, Setup, TestApp};
use tokio::sync::Semaphore;

pub(crate) struct Gate {
    inner: Arc<dyn Hooks>,
    /// A permit for each answer that waits.
    put: Semaphore,
    released: Semaphore,
}

/// The demo desk behind a gate.
pub(crate) async fn gated(engine: Engine) -> (TestApp, Arc<Gate>) {
    let gate = Arc::new(Gate {
        inner: guests::shared(),
        put: Semaphore::new(0),
        released: Semaphore::new(0),
    });
    let mut setup = Setup::new(engine);
    setup.hooks = gate.clone();
    (setup.start().await, gate)
}

impl Gate {
    /// Until a bot has said something that nobody has heard yet.
    pub(crate) async fn holds(&self) {
        let put = bounded("a bot's answer", self.put.acquire()).await;
        put.expect("it is never closed").forget();
    }

    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }
}

#[async_trait]
impl Hooks for Gate {
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        self.inner.admit(file).await
    }

    async fn prepare(&self, digest: Digest, file: Bytes) -> Result<(), HookError> {
        self.inner.prepare(digest, file).await
    }

    fn is_ready(&self, digest: Digest) -> bool {
        self.inner.is_ready(digest)
    }

    fn keep_only(&self, digests: &HashSet<Digest>) {
        self.inner.keep_only(digests);
    }

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
        self.inner.filter(call, request).await
    }

    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        let said = self.inner.bot_event(call, request).await;
        self.put.add_permits(1);
        let released = self.released.acquire().await;
        released.expect("it is never closed").forget();
        said
    }

    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        self.inner.on_event(call, request).await
    }

    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        self.put.add_permits(1);
        let released = self.released.acquire().await;
        released.expect("it is never closed").forget();
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
