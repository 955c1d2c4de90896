//! The real sandbox, with a hook `events` whose answers wait until a test lets them
//! go.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_app::Hooks;
use deskbell_app::hooks::{Call, EventRequest, HookError};
use deskbell_domain::integration::Effect;
use deskbell_tests::guests;
use deskbell_tests::socket::bounded;
use deskbell_tests::{Engine, Setup, TestApp};
use tokio::sync::Semaphore;

pub(super) struct Gate {
    inner: Arc<dyn Hooks>,
    /// A permit for each answer that waits.
    put: Semaphore,
    released: Semaphore,
    /// Only answers about a message with this word wait.
    word: &'static str,
}

/// The demo desk behind a gate for messages with this word.
pub(super) async fn gated(engine: Engine, word: &'static str) -> (TestApp, Arc<Gate>) {
    let gate = Arc::new(Gate {
        inner: guests::shared(),
        put: Semaphore::new(0),
        released: Semaphore::new(0),
        word,
    });
    let mut setup = Setup::new(engine);
    setup.hooks = gate.clone();
    (setup.start().await, gate)
}

impl Gate {
    /// Until a plugin has said something that nobody has heard yet.
    pub(super) async fn holds(&self) {
        let put = bounded("a plugin's answer", self.put.acquire()).await;
        put.expect("it is never closed").forget();
    }

    /// Whether one more waits by now.
    pub(super) fn holds_more(&self) -> bool {
        self.put.available_permits() > 0
    }

    pub(super) fn release(&self, answers: usize) {
        self.released.add_permits(answers);
    }
}

#[async_trait]
impl Hooks for Gate {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
    }

    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        let message = request.message.as_ref();
        let waits = message.is_some_and(|it| it.text.contains(self.word));
        let said = self.inner.on_event(call, request).await;
        if waits {
            self.put.add_permits(1);
            let released = self.released.acquire().await;
            released.expect("it is never closed").forget();
        }
        said
    }
}
