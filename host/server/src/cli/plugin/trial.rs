//! Running a scenario: the plugin in the server's own sandbox, and doubles of all
//! it can reach. Nothing leaves the machine.
//!
//! Each scenario runs twice over: in the sandbox as a server has it, for the answer
//! and the CPU time, and once in one that counts, for the fuel. `trial/doubles.rs`
//! stands in for the desk, `trial/outside.rs` for the rest of the world,
//! `trial/verdict.rs` compares.

mod doubles;
mod outside;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deskbell_app::Hooks as _;
use deskbell_app::admin::plugins::configured;
use deskbell_app::hooks::{
    Admitted, BotRequest, Call, ContextRequest, EventRequest, FilterRequest, HookError, NoSigning,
    NoSink, RouteRequest, VariablesRequest, WebhookRequest,
};
use deskbell_app::scenario::{Blob, Ids, Scenario, Written};
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::Hook;
use deskbell_domain::{InstallationId, TenantId};
use deskbell_sandbox::{CallReport, Sandbox};
use serde_json::{Map, Value};

use super::super::Failure;
use super::{file, list};
use doubles::{PlayedDirectory, PlayedKeys};
use outside::PlayedOutside;
pub(super) use verdict::{Finding, judged, written as log_line};

/// The least CPU time of so many runs counts, so that a cold cache does not.
const RUNS: usize = 5;
/// One that takes longer than this is run once.
const QUICK: Duration = Duration::from_millis(50);

/// A plugin that a server would take, ready to be asked.
pub(super) struct Trial {
    pub(super) admitted: Admitted,
    pub(super) sandbox: Sandbox,
    counting: Sandbox,
}

/// What came of a scenario.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub(super) answer: Result<Value, HookError>,
    /// Why the desk would not follow the answer.
    pub(super) unfit: Option<String>,
    pub(super) report: CallReport,
    pub(super) kv: BTreeMap<String, Blob>,
    /// What was asked outside and should not have been, and the other way round.
    pub(super) outside: Vec<Finding>,
    /// A second run came to something else.
    pub(super) changes_its_mind: bool,
}

/// One answer, and what it took.
struct Asked {
    answer: Result<Value, HookError>,
    unfit: Option<String>,
    report: CallReport,
}

impl Trial {
    /// Admits the file; what is wrong with it is listed.
    pub(super) async fn of(bytes: Bytes) -> Result<Self, Failure> {
        let sandbox = file::sandbox(Sandbox::measuring)?;
        let admitted = match file::admitted(&sandbox, bytes.clone()).await? {
            Ok(admitted) => admitted,
            Err(findings) => {
                list(&findings);
                return Err(Failure("a server would refuse this plugin".to_owned()));
            }
        };
        let counting = file::sandbox(Sandbox::counting)?;
        for sandbox in [&sandbox, &counting] {
            sandbox.prepare(admitted.digest, bytes.clone()).await?;
        }
        Ok(Self {
            admitted,
            sandbox,
            counting,
        })
    }

    /// Runs it as often as it takes. The error is the scenario's.
    pub(super) async fn run(&self, scenario: &Scenario) -> Result<Ran, String> {
        let mut ran = self.once(&self.sandbox, scenario).await?;
        if ran.report.wall < QUICK {
            for _ in 1..RUNS {
                let again = self.once(&self.sandbox, scenario).await?;
                ran.report.cpu = ran.report.cpu.min(again.report.cpu);
                ran.report.wall = ran.report.wall.min(again.report.wall);
                ran.changes_its_mind |= again.answer.ok() != ran.answer.as_ref().ok().cloned();
            }
        }
        let out_of_time = matches!(
            ran.answer,
            Err(HookError::CpuExceeded(_) | HookError::DeadlineExceeded(_))
        );
        if !out_of_time {
            let counted = self.once(&self.counting, scenario).await?;
            ran.report.fuel = counted.report.fuel;
        }
        Ok(ran)
    }

    /// One call on one of the sandboxes, with doubles of its own.
    pub(super) async fn once(&self, sandbox: &Sandbox, scenario: &Scenario) -> Result<Ran, String> {
        let mut ids = Ids::new(scenario.seed);
        let keys = Arc::new(PlayedKeys::new(&scenario.kv));
        let (call, outside) = self.call(scenario, &mut ids, keys.clone())?;
        let Asked {
            answer,
            unfit,
            report,
        } = ask(sandbox, call, scenario, &mut ids).await?;
        Ok(Ran {
            answer,
            unfit,
            report,
            kv: keys.kept(),
            outside: outside.findings(),
            changes_its_mind: false,
        })
    }

    fn call(
        &self,
        scenario: &Scenario,
        ids: &mut Ids,
        keys: Arc<PlayedKeys>,
    ) -> Result<(Call, Arc<PlayedOutside>), String> {
        let manifest = &self.admitted.manifest;
        let hook = scenario.hook;
        if !self.admitted.hooks.contains(&hook) {
            return Err(format!("the plugin has no hook `{}`", hook.as_str()));
        }
        let unknown = |name: &&String| !manifest.secrets.contains_key(*name);
        if let Some(name) = scenario.secrets.keys().find(unknown) {
            return Err(format!("the manifest has no secret `{name}`"));
        }
        let config = match scenario.recorded {
            // As it was, whatever the schema says by now.
            Some(_) => scenario.config.clone(),
            None => config(self, scenario.config.clone())?,
        };
        let outside = Arc::new(PlayedOutside::new(scenario, manifest, &config));
        let timeout = manifest.hooks.get(&hook).and_then(|it| it.timeout_ms);
        let call = Call {
            id: ids.made("call"),
            tenant: TenantId(ids.made("tenant")),
            installation: InstallationId(ids.made("installation")),
            digest: self.admitted.digest,
            capabilities: self.admitted.capabilities.clone().into(),
            config: Arc::new(config),
            timeout_ms: timeout,
            limits: CallLimits::default(),
            now: scenario.now,
            directory: Arc::new(PlayedDirectory::new(&scenario.directory, ids, scenario.now)),
            sink: Arc::new(NoSink),
            outgoing: outside.clone(),
            keys,
            signing: Arc::new(NoSigning),
        };
        Ok((call, outside))
    }
}

fn config(trial: &Trial, given: Map<String, Value>) -> Result<Map<String, Value>, String> {
    configured(&trial.admitted.manifest, given).map_err(|wrong| {
        let all = wrong.iter().map(super::line);
        all.collect::<Vec<_>>().join("; ")
    })
}

/// The table of hooks: a new one is a line here, and its form in the app.
async fn ask(
    sandbox: &Sandbox,
    call: Call,
    scenario: &Scenario,
    ids: &mut Ids,
) -> Result<Asked, String> {
    match scenario.hook {
        Hook::Routing => {
            let ask = |asked: RouteRequest| sandbox.measure_route(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Variables => {
            let ask = |asked: VariablesRequest| sandbox.measure_variables(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Filter => {
            let ask = |asked: FilterRequest| sandbox.measure_filter(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Bot => {
            let ask = |asked: BotRequest| sandbox.measure_bot(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Events => {
            let ask = |asked: EventRequest| sandbox.measure_event(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Context => {
            let ask = |asked: ContextRequest| sandbox.measure_context(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Webhook => {
            let ask = |asked: WebhookRequest| sandbox.measure_webhook(call, asked);
            measured(scenario, ids, ask).await
        }
        Hook::Lifecycle => Err("a scenario does not ask `lifecycle`".to_owned()),
    }
}

async fn measured<W, F>(
    scenario: &Scenario,
    ids: &mut Ids,
    ask: impl FnOnce(W) -> F,
) -> Result<Asked, String>
where
    W: Written + Clone,
    F: Future<Output = (Result<W::Answer, HookError>, CallReport)>,
{
    let question = W::read(scenario.input.clone(), ids, scenario.now)?;
    let (answer, report) = ask(question.clone()).await;
    let unfit = answer.as_ref().ok();
    let unfit = unfit.and_then(|answer| question.unfit(answer, scenario.now));
    Ok(Asked {
        answer: answer.map(|answer| W::answer(&answer, ids)),
        unfit,
        report,
    })
}
