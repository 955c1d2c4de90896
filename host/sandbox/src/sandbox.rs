//! The sandbox: what the app sees of all this. `Hooks` is implemented here; each
//! method finds the component, puts the call on a guest thread and waits for it,
//! never longer than the call's deadline.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{
    Admitted, BotReply, BotRequest, Call, CallRecord, ConfigFinding, ContextRequest, EventRequest,
    FilterDecision, FilterRequest, HookError, Hooks, NotAdmitted, Opinion, RouteRequest,
    UpgradeRequest, ValidateRequest, VariablesRequest, WebhookRequest,
};
use deskbell_domain::integration::{Card, Effect};
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::webhook::Change;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use wasmtime::Engine;

use crate::cache::Cache;
use crate::call::{self, Asking, CallReport, Ready, Terms};
use crate::code::{self, Compiled};
use crate::compile::{self, Compiler, NotCompiled};
use crate::engine::Fuel;
use crate::faults::Faults;
use crate::guest::Caller;
use crate::hooks::Question;
use crate::limits::{self, Class, Limits};
use crate::prepared::{Prepared, Registry};
use crate::queue::Lane;
use crate::threads::{Counts, GuestThreads};
use crate::ticker::Ticker;
use crate::trace::Trace;
use crate::{admission, engine};

pub struct SandboxConfig {
    pub compiler: Compiler,
    /// Where compiled code is kept; none compiles again at each start.
    pub cache_dir: Option<PathBuf>,
    /// What seals it: the installation's own secret.
    pub cache_key: [u8; 32],
    /// How many guests run at once.
    pub guest_threads: usize,
    pub faults: Faults,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the WebAssembly engine did not start: {0}")]
    Engine(String),
    #[error("no threads for plugins: {0}")]
    Threads(#[from] std::io::Error),
}

#[derive(Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    engine: Engine,
    pub(crate) registry: Registry,
    cache: Option<Arc<Cache>>,
    compiler: Compiler,
    /// One compile at a time: each takes a whole core and much memory.
    compiling: Semaphore,
    threads: GuestThreads,
    /// For what nobody waits for. It may wait for others for half a minute, and must
    /// not do so where somebody's message has to come by.
    behind: GuestThreads,
    pub(crate) ticker: Ticker,
    pub(crate) faults: Faults,
    fuel: Fuel,
    /// A machine that is busy otherwise makes no guest late.
    patient: bool,
}

impl Sandbox {
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        Self::start(config, Fuel::Uncounted, false)
    }

    /// As `new`, for authors' tools: whatever else the machine does, nobody is late
    /// for it. All other limits hold.
    pub fn measuring(config: SandboxConfig) -> Result<Self, SandboxError> {
        Self::start(config, Fuel::Uncounted, true)
    }

    /// A sandbox whose calls are counted, for authors' tools: the count is the same
    /// for the same call on every machine. It costs time, so the CPU time of a call
    /// means little here, and more of it is allowed.
    pub fn counting(config: SandboxConfig) -> Result<Self, SandboxError> {
        Self::start(config, Fuel::Counted, true)
    }

    fn start(config: SandboxConfig, fuel: Fuel, patient: bool) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError::Engine(format!("{error:#}"));
        let (engine, slots) = engine::for_running(fuel, config.faults).map_err(failed)?;
        let counts = Counts::within(slots, config.guest_threads);
        if counts.before < config.guest_threads {
            let (wanted, now) = (config.guest_threads, counts.before);
            tracing::warn!(wanted, now, "fewer plugins run at once than was asked for");
        }
        let cache = match &config.cache_dir {
            Some(folder) => {
                let print = engine::fingerprint(fuel).map_err(failed)?;
                Some(Arc::new(Cache::new(folder, &config.cache_key, print)))
            }
            None => None,
        };
        let inner = Inner {
            registry: Registry::default(),
            cache,
            compiler: config.compiler,
            compiling: Semaphore::new(1),
            threads: GuestThreads::start(counts.before, config.faults)?,
            behind: GuestThreads::start(counts.behind, config.faults)?,
            ticker: Ticker::start(&engine)?,
            faults: config.faults,
            fuel,
            patient,
            engine,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// As `Hooks::route`, with what the call used.
    pub async fn measure_route(
        &self,
        call: Call,
        request: RouteRequest,
    ) -> (Result<Opinion, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::bot_event`, with what the call used.
    pub async fn measure_bot(
        &self,
        call: Call,
        request: BotRequest,
    ) -> (Result<BotReply, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::resolve_variables`, with what the call used.
    pub async fn measure_variables(
        &self,
        call: Call,
        request: VariablesRequest,
    ) -> (Result<BTreeMap<String, String>, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::filter`, with what the call used.
    pub async fn measure_filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> (Result<FilterDecision, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::on_event`, with what the call used.
    pub async fn measure_event(
        &self,
        call: Call,
        request: EventRequest,
    ) -> (Result<Vec<Effect>, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::handle_webhook`, with what the call used.
    pub async fn measure_webhook(
        &self,
        call: Call,
        request: WebhookRequest,
    ) -> (Result<Vec<Change>, HookError>, CallReport) {
        self.inner.call(call, request).await
    }

    /// As `Hooks::look_up`, with what the call used.
    pub async fn measure_context(
        &self,
        call: Call,
        request: ContextRequest,
    ) -> (Result<Vec<Card>, HookError>, CallReport) {
        self.inner.call(call, request).await
    }
}

#[async_trait]
impl Hooks for Sandbox {
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        admission::admit(&self.inner, file).await
    }

    async fn prepare(&self, digest: Digest, file: Bytes) -> Result<(), HookError> {
        if self.is_ready(digest) {
            return Ok(());
        }
        if code::digest(&file) != digest {
            return Err(HookError::Sandbox(
                "the file is not the one admitted".to_owned(),
            ));
        }
        let prepared = self.inner.load(digest, file).await;
        let prepared = prepared.map_err(|error| {
            HookError::Sandbox(match error {
                NotCompiled::Invalid(why) | NotCompiled::Failed(why) => why,
                NotCompiled::TooMuch => "compiling it took too long".to_owned(),
            })
        })?;
        self.inner.registry.add(digest, prepared);
        Ok(())
    }

    fn is_ready(&self, digest: Digest) -> bool {
        self.inner.registry.get(digest).is_some()
    }

    fn keep_only(&self, digests: &HashSet<Digest>) {
        self.inner.registry.keep_only(digests);
    }

    async fn route(&self, call: Call, request: RouteRequest) -> Result<Opinion, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn resolve_variables(
        &self,
        call: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> Result<FilterDecision, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn handle_webhook(
        &self,
        call: Call,
        request: WebhookRequest,
    ) -> Result<Vec<Change>, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn validate_config(
        &self,
        call: Call,
        request: ValidateRequest,
    ) -> Result<Vec<ConfigFinding>, HookError> {
        self.inner.call(call, request).await.0
    }

    async fn upgraded(&self, call: Call, request: UpgradeRequest) -> Result<(), HookError> {
        self.inner.call(call, request).await.0
    }

    fn limits_of(&self, hook: Hook) -> CallLimits {
        Class::of(hook).limits().shown()
    }
}

impl Inner {
    async fn call<Q: Question>(
        self: &Arc<Self>,
        call: Call,
        question: Q,
    ) -> (Result<Q::Answer, HookError>, CallReport) {
        if !call.sink.may_begin() {
            return (Err(HookError::BreakerOpen), CallReport::default());
        }
        let began = Instant::now();
        let own = Q::CLASS.limits().within(call.timeout_ms);
        let usual = match self.faults.no_lowered_limits {
            false => own.lowered(&call.limits),
            true => own,
        };
        let limits = match (self.patient, self.fuel) {
            (false, _) => usual,
            (true, Fuel::Uncounted) => usual.patient(),
            (true, Fuel::Counted) => usual.patient().for_counting(),
        };
        let conversation = question.conversation();
        let mut asked = match self.find(&call) {
            Ok(ready) => {
                let lane = match (Q::CLASS, Q::HOOK) {
                    (Class::Background, _) => Lane::Background(call.tenant),
                    // It mostly waits for another system, and no message waits for it.
                    (_, Hook::Context) => Lane::Beside(call.tenant),
                    (Class::Inline | Class::Interactive, _) => Lane::Tenant(call.tenant),
                };
                let caller = Caller::of(&call);
                let ask = |asking: &mut Asking<'_>| question.ask(asking);
                self.ask(lane, ready, caller, limits, ask).await
            }
            Err(error) => (Err(error), CallReport::default()),
        };
        asked.1.budget = usual.into();
        let outcome = asked.0.as_ref().err().map_or("ok", HookError::code);
        let hook = Q::HOOK.as_str();
        metrics::counter!("deskbell_plugin_calls_total", "hook" => hook, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("deskbell_plugin_call_seconds", "hook" => hook)
            .record(began.elapsed().as_secs_f64());
        let report = &asked.1;
        call.sink.called(CallRecord {
            id: call.id,
            conversation,
            failed: asked.0.as_ref().err().cloned(),
            wall: began.elapsed(),
            cpu: report.cpu,
            peak_memory: report.peak_memory,
            host_calls: report.host_calls,
            log: report.log.clone(),
        });
        asked
    }

    fn find(&self, call: &Call) -> Result<Arc<Ready>, HookError> {
        let prepared = self.registry.get(call.digest).ok_or(HookError::NotReady)?;
        let wanted = prepared.wants();
        if self.faults.no_grant_check {
            let linked = prepared.with(wanted);
            return linked.map_err(|error| HookError::Sandbox(format!("{error:#}")));
        }
        if let Some(missing) = wanted.iter().find(|c| !call.capabilities.contains(c)) {
            let detail = format!("it uses `{}`, which it was not granted", missing.as_str());
            return Err(HookError::Sandbox(detail));
        }
        let linked = prepared.with(&call.capabilities);
        linked.map_err(|error| HookError::Sandbox(format!("{error:#}")))
    }

    /// Asks on a guest thread and waits, at most until the deadline, whatever the
    /// guest does. Waiting for a thread counts.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        lane: Lane,
        ready: Arc<Ready>,
        caller: Caller,
        limits: Limits,
        question: impl FnOnce(&mut Asking<'_>) -> Result<T, HookError> + Send + 'static,
    ) -> (Result<T, HookError>, CallReport) {
        let ends = Instant::now()
            + match self.faults.no_wall_limit {
                false => limits.wall,
                true => Duration::from_secs(600),
            };
        let began = Instant::now();
        let trace = Arc::new(Trace::new(limits.log_room(self.faults)));
        let terms = Terms {
            limits,
            ends,
            faults: self.faults,
            fuel: self.fuel,
            runtime: Handle::current(),
            trace: trace.clone(),
        };
        let (tell, told) = oneshot::channel();
        let inner = self.clone();
        let job = move || {
            // Nobody waits any more: it was given up, or its time went by in the queue.
            if tell.is_closed() || Instant::now() >= ends {
                return;
            }
            let asked = {
                let _running = inner.ticker.running();
                call::ask(&ready, caller, terms, question)
            };
            let _unheard = tell.send(asked);
        };
        let threads = match lane {
            Lane::Tenant(_) | Lane::Admission => &self.threads,
            Lane::Background(_) | Lane::Beside(_) => &self.behind,
        };
        if !threads.run(lane, Box::new(job)) {
            return (Err(HookError::Busy), CallReport::default());
        }
        // What it did until then is told, though it may still be at it.
        let late = || {
            let late = HookError::DeadlineExceeded(limits::millis(limits.wall));
            (Err(late), trace.report(began.elapsed()))
        };
        match tokio::time::timeout_at(ends.into(), told).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(_)) if Instant::now() >= ends => late(),
            Ok(Err(_)) => {
                let bug = HookError::Sandbox("the guest thread gave up".to_owned());
                (Err(bug), CallReport::default())
            }
            Err(_) => late(),
        }
    }

    /// From memory, from the cache, or compiled.
    pub(crate) async fn load(
        self: &Arc<Self>,
        digest: Digest,
        file: Bytes,
    ) -> Result<Arc<Prepared>, NotCompiled> {
        if let Some(prepared) = self.registry.get(digest) {
            return Ok(prepared);
        }
        let failed = |error: String| NotCompiled::Failed(error);
        let inner = self.clone();
        let cached = tokio::task::spawn_blocking(move || {
            let code = inner.cache.as_ref()?.load(digest)?;
            match inner.prepare_code(&code) {
                Ok(prepared) => Some(prepared),
                Err(error) => {
                    tracing::warn!(%digest, error = format!("{error:#}"), "cached code does not load");
                    inner.cache.as_ref()?.forget(digest);
                    None
                }
            }
        });
        if let Some(prepared) = cached.await.map_err(|e| failed(e.to_string()))? {
            return Ok(prepared);
        }
        let turn = self.compiling.acquire().await;
        let _turn = turn.map_err(|e| failed(e.to_string()))?;
        // Somebody before us in the line may have had the same file.
        if let Some(prepared) = self.registry.get(digest) {
            return Ok(prepared);
        }
        let began = Instant::now();
        let limits = self.faults.compile_limits;
        let compiled = compile::compile(&self.compiler, file, self.fuel, limits).await;
        let outcome = match &compiled {
            Ok(_) => "ok",
            Err(NotCompiled::Invalid(_)) => "invalid",
            Err(NotCompiled::TooMuch) => "too_much",
            Err(NotCompiled::Failed(_)) => "failed",
        };
        metrics::histogram!("deskbell_plugin_compile_seconds", "outcome" => outcome)
            .record(began.elapsed().as_secs_f64());
        let compiled = compiled?;
        let inner = self.clone();
        let loaded = tokio::task::spawn_blocking(move || {
            let prepared = inner.prepare_code(&compiled);
            if let (Ok(_), Some(cache)) = (&prepared, &inner.cache) {
                cache.store(digest, &compiled);
            }
            prepared
        });
        let loaded = loaded.await.map_err(|e| failed(e.to_string()))?;
        // What the pool has no room for is found out here.
        loaded.map_err(|error| NotCompiled::Invalid(format!("{error:#}")))
    }

    fn prepare_code(&self, code: &Compiled) -> wasmtime::Result<Arc<Prepared>> {
        let component = code::load(&self.engine, code)?;
        Ok(Arc::new(Prepared::new(&self.engine, component)))
    }
}
