//! The real sandbox, with a bot whose answers wait until a test lets them go. So do
//! look-ups, before they begin.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_app::Hooks;
use deskbell_app::hooks::{BotReply, BotRequest, Call, ContextRequest, HookError};
use deskbell_domain::integration::Card;
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
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
    }

    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        let said = self.inner.bot_event(call, request).await;
        self.put.add_permits(1);
        let released = self.released.acquire().await;
        released.expect("it is never closed").forget();
        said
    }

    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        self.put.add_permits(1);
        let released = self.released.acquire().await;
        released.expect("it is never closed").forget();
        self.inner.look_up(call, request).await
    }
}
