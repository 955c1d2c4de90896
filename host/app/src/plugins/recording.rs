//! Recording calls of an installation, as an admin asked for: the question, what the
//! plugin found around it, and its answer, in the form of a scenario, so that its
//! author can replay it.
//!
//! `Recording` stands around the sandbox and does nothing while nobody records. What
//! a call reads and asks is watched by `recording/watching.rs`; secrets are taken out
//! by `recording/scrub.rs` before anything is kept. A recording waits in memory until
//! the keeper writes it down, sealed.

mod scrub;
mod watching;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::Timestamp;
use deskbell_domain::integration::{Card, Effect};
use deskbell_domain::plugin::{Capability, Digest, Hook};
use deskbell_domain::webhook::Change;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::hooks::{
    BotReply, BotRequest, Call, ContextRequest, EventRequest, FilterDecision, FilterRequest,
    HookError, Hooks, Opinion, RouteRequest, VariablesRequest, WebhookRequest,
};
use crate::scenario::{Expect, Failure, Ids, Recorded, Scenario, Written};
pub(super) use scrub::Scrub;
use watching::Watched;

/// Of one recording, before it is sealed.
pub(crate) const RECORDING_BYTES: usize = 1024 * 1024;

/// Takes the recordings of one installation.
pub trait Recorder: Send + Sync {
    /// Whose calls these are, without the configuration's secrets.
    fn about(&self) -> Recorded;

    /// The configuration as it may be kept.
    fn config(&self) -> Map<String, Value>;

    /// The secrets of the installation, open: nothing of them may be kept.
    fn secrets(&self) -> Vec<(String, String)>;

    /// One call: never waits.
    fn keep(&self, call: Kept);
}

/// A recorded call, on its way into the database.
#[derive(Debug, Clone)]
pub struct Kept {
    pub call_id: Uuid,
    pub at: Timestamp,
    pub hook: Hook,
    pub plugin_version: String,
    pub outcome: String,
    /// The scenario as JSON.
    pub plain: Vec<u8>,
}

/// The hooks, with a recorder's eyes on those calls that have one. What an admin does
/// is not recorded: they have it before them.
pub struct Recording(Arc<dyn Hooks>);

impl Recording {
    #[must_use]
    pub fn around(hooks: Arc<dyn Hooks>) -> Arc<dyn Hooks> {
        Arc::new(Self(hooks))
    }
}

#[async_trait]
impl Hooks for Recording {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.0)
    }

    async fn route(&self, call: Call, request: RouteRequest) -> Result<Opinion, HookError> {
        let ask = |call, request| self.0.route(call, request);
        recorded(call, request, ask).await
    }

    async fn resolve_variables(
        &self,
        call: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        let ask = |call, request| self.0.resolve_variables(call, request);
        recorded(call, request, ask).await
    }

    async fn filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> Result<FilterDecision, HookError> {
        let ask = |call, request| self.0.filter(call, request);
        recorded(call, request, ask).await
    }

    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        let ask = |call, request| self.0.bot_event(call, request);
        recorded(call, request, ask).await
    }

    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        let ask = |call, request| self.0.on_event(call, request);
        recorded(call, request, ask).await
    }

    async fn handle_webhook(
        &self,
        call: Call,
        request: WebhookRequest,
    ) -> Result<Vec<Change>, HookError> {
        let ask = |call, request| self.0.handle_webhook(call, request);
        recorded(call, request, ask).await
    }

    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        let ask = |call, request| self.0.look_up(call, request);
        recorded(call, request, ask).await
    }
}

/// Asks, and keeps what is needed to ask the same again.
async fn recorded<W, F>(
    mut call: Call,
    question: W,
    ask: impl FnOnce(Call, W) -> F,
) -> Result<W::Answer, HookError>
where
    W: Written,
    F: Future<Output = Result<W::Answer, HookError>>,
{
    let Some(recorder) = call.sink.recorder() else {
        return ask(call, question).await;
    };
    let (id, now) = (call.id, call.now);
    let input = question.write();
    let watched = Watched::over(&mut call);
    let answer = ask(call, question).await;
    // It never came to the guest.
    if matches!(
        answer,
        Err(HookError::NotReady | HookError::Busy | HookError::BreakerOpen)
    ) {
        return answer;
    }
    let outcome = answer.as_ref().err().map_or("ok", HookError::code);
    let about = recorder.about();
    let plugin_version = about.version.clone();
    let scenario = Scenario {
        name: format!("{} {}, {now}", W::HOOK.as_str(), outcome),
        hook: W::HOOK,
        now,
        seed: 0,
        config: recorder.config(),
        secrets: BTreeMap::new(),
        kv: watched.kv(),
        directory: watched.directory(),
        http: watched.http(),
        input,
        expect: Expect {
            answer: answer.as_ref().ok().map(|it| W::answer(it, &Ids::new(0))),
            failure: answer.as_ref().err().map(Failure::from),
            kv: watched.kv_after(),
            log: Some(watched.log()),
            fuel_at_most: None,
        },
        recorded: Some(about),
    };
    let scrub = Scrub::of(recorder.secrets());
    // Up to a megabyte of texts, looked through for each secret: no work for the
    // threads that serve sockets.
    let written = tokio::task::spawn_blocking(move || plain(scenario, &scrub));
    if let Ok(Some(plain)) = written.await {
        recorder.keep(Kept {
            call_id: id,
            at: now,
            hook: W::HOOK,
            plugin_version,
            outcome: outcome.to_owned(),
            plain,
        });
    }
    answer
}

/// As it is kept: without secrets, and no larger than it may be. What is too large
/// goes without the bodies of answers, and if that is not enough, nowhere.
fn plain(mut scenario: Scenario, scrub: &Scrub) -> Option<Vec<u8>> {
    scrub.exchanges(&mut scenario.http);
    let whole = written(&scenario, scrub)?;
    if whole.len() <= RECORDING_BYTES {
        return Some(whole);
    }
    for exchange in &mut scenario.http {
        if let Some(answer) = &mut exchange.answer {
            answer.body = None;
        }
    }
    if let Some(about) = &mut scenario.recorded {
        about.left_out.push("the bodies of answers".to_owned());
    }
    let smaller = written(&scenario, scrub)?;
    (smaller.len() <= RECORDING_BYTES).then_some(smaller)
}

fn written(scenario: &Scenario, scrub: &Scrub) -> Option<Vec<u8>> {
    let mut value = serde_json::to_value(scenario).ok()?;
    scrub.value(&mut value);
    serde_json::to_vec(&value).ok()
}

/// What the recorder says of the plugin.
pub(crate) fn about(
    plugin: &str,
    version: &str,
    digest: Digest,
    capabilities: &[Capability],
) -> Recorded {
    Recorded {
        plugin: plugin.to_owned(),
        version: version.to_owned(),
        digest,
        capabilities: capabilities.to_vec(),
        left_out: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::scenario::Blob;

    /// One exchange, and a log of so many characters.
    fn scenario(body: usize, log: usize) -> Scenario {
        let exchange = json!({
            "request": { "method": "GET", "url": "https://a.test/" },
            "answer": { "status": 200 },
        });
        let scenario = json!({
            "name": "one", "hook": "routing", "input": {}, "http": [exchange],
            "expect": { "log": ["x".repeat(log)] },
        });
        let mut scenario: Scenario = serde_json::from_value(scenario).unwrap();
        let answer = scenario.http[0].answer.as_mut().unwrap();
        answer.body = Some(Blob(Bytes::from("b".repeat(body))));
        scenario.recorded = Some(about("p", "1.0.0", Digest([0; 32]), &[]));
        scenario
    }

    #[test]
    fn a_recording_has_a_megabyte_and_no_byte_more() {
        let scrub = Scrub::of(Vec::new());
        let empty = plain(scenario(0, 0), &scrub).unwrap().len();
        let fits = RECORDING_BYTES - empty;
        let whole = plain(scenario(fits, 0), &scrub).unwrap();
        assert_eq!(whole.len(), RECORDING_BYTES);
        let cut = plain(scenario(fits + 1, 0), &scrub).unwrap();
        assert!(cut.len() < 2_000, "{}", cut.len());
        let cut: Value = serde_json::from_slice(&cut).unwrap();
        assert_eq!(
            cut["recorded"]["left_out"],
            json!(["the bodies of answers"])
        );
        // What is too large without them is kept nowhere.
        assert_eq!(plain(scenario(0, fits + 1), &scrub), None);
    }
}
