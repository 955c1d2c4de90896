//! One call: a store, a fresh instance in it, the question, and, if there is no
//! answer, why. Runs on a guest thread from beginning to end; nothing of the
//! guest outlives it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbell_app::hooks::{HookError, LogLevel, LogLine};
use deskbell_domain::plugin::Capability;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

use crate::bindings::types::CallContext;
use crate::engine::Fuel;
use crate::faults::Faults;
use crate::guest::{Caller, Guest};
use crate::hooks::Exports;
use crate::limits::{self, HANDED_OVER, HANDLES, Limits};
use crate::meter::{Meter, Stop};
use crate::trace::Trace;
use crate::words;

/// A component linked for one set of grants, its exports looked up.
pub(crate) struct Ready {
    pub(crate) pre: InstancePre<Guest>,
    pub(crate) exports: Exports,
    pub(crate) capabilities: Vec<Capability>,
}

/// More than any call can use before its time is up.
const FUEL: u64 = u64::MAX / 4;

/// What a call used, for those who ask: tools for authors, and the bench.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallReport {
    pub cpu: Duration,
    pub wall: Duration,
    pub peak_memory: usize,
    pub host_calls: u32,
    /// Requests to the outside.
    pub requests: u32,
    /// What the question and the answer weighed; no answer weighs nothing.
    pub input: usize,
    pub output: usize,
    pub log: Vec<LogLine>,
    /// What it did, counted; only where a sandbox counts.
    pub fuel: Option<u64>,
    /// What it might have used.
    pub budget: Budget,
}

/// The limits of a call, as a report shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    pub cpu: Duration,
    pub wall: Duration,
    pub memory: usize,
    pub host_calls: u32,
    pub requests: u32,
    pub input: usize,
    pub output: usize,
    pub log: usize,
}

impl From<Limits> for Budget {
    fn from(limits: Limits) -> Self {
        Self {
            cpu: limits.cpu,
            wall: limits.wall,
            memory: limits.memory,
            host_calls: limits.host_calls,
            requests: limits.requests,
            input: limits.input,
            output: limits.output,
            log: limits.log,
        }
    }
}

/// The terms of one call.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) limits: Limits,
    pub(crate) ends: Instant,
    pub(crate) faults: Faults,
    pub(crate) fuel: Fuel,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) trace: Arc<Trace>,
}

/// An instance that is being asked.
pub(crate) struct Asking<'a> {
    store: Store<Guest>,
    instance: Option<Instance>,
    exports: &'a Exports,
    context: CallContext,
}

/// Starts an instance and asks it. The report is there whatever came of it.
pub(crate) fn ask<T>(
    ready: &Ready,
    caller: Caller,
    terms: Terms,
    question: impl FnOnce(&mut Asking<'_>) -> Result<T, HookError>,
) -> (Result<T, HookError>, CallReport) {
    let began = Instant::now();
    let installation = caller.installation;
    let call_id = caller.call_id;
    let mut asking = Asking::new(ready, caller, terms);
    let answer = match ready.pre.instantiate(&mut asking.store) {
        Ok(instance) => {
            asking.instance = Some(instance);
            question(&mut asking)
        }
        Err(error) => Err(asking.explain(&error)),
    };
    // Only where it is counted there is any.
    let fuel = asking.store.get_fuel().ok();
    let meter = &asking.store.data().meter;
    meter.trace.used_cpu(meter.cpu());
    let report = CallReport {
        requests: meter.requests,
        input: meter.input,
        output: meter.output,
        fuel: fuel.map(|left| FUEL.saturating_sub(left)),
        ..meter.trace.report(began.elapsed())
    };
    if let Some(installation) = installation {
        for line in &report.log {
            tell(&installation, &call_id, line);
        }
    }
    (answer, report)
}

/// A plugin's line in the server's log.
fn tell(installation: &deskbell_domain::InstallationId, call: &uuid::Uuid, line: &LogLine) {
    let text = line.text.as_str();
    match line.level {
        LogLevel::Debug => tracing::debug!(target: "plugin", %installation, %call, "{text}"),
        LogLevel::Info => tracing::info!(target: "plugin", %installation, %call, "{text}"),
        LogLevel::Warn => tracing::warn!(target: "plugin", %installation, %call, "{text}"),
        LogLevel::Error => tracing::error!(target: "plugin", %installation, %call, "{text}"),
    }
}

impl<'a> Asking<'a> {
    fn new(ready: &'a Ready, caller: Caller, terms: Terms) -> Self {
        let granted = |capability| ready.capabilities.contains(&capability);
        let meter = Meter::start(terms.limits, terms.ends, terms.faults, terms.trace.clone());
        let context = CallContext {
            tenant_id: caller.tenant_id,
            installation_id: caller
                .installation
                .map(|id| id.to_string())
                .unwrap_or_default(),
            call_id: caller.call_id.simple().to_string(),
            now_ms: caller.now_ms,
            deadline_ms: limits::millis(meter.remaining()),
        };
        let guest = Guest {
            meter,
            log: terms.trace,
            config: caller.config,
            directory: caller.directory.filter(|_| granted(Capability::Directory)),
            outgoing: caller.outgoing.filter(|_| granted(Capability::Http)),
            keys: caller.keys.filter(|_| granted(Capability::Kv)),
            signing: caller.signing.filter(|_| granted(Capability::Crypto)),
            runtime: terms.runtime,
        };
        let mut store = Store::new(ready.pre.engine(), guest);
        store.limiter(|guest| &mut guest.meter);
        if terms.fuel == Fuel::Counted {
            // Refused only where it is not counted.
            let _counted = store.set_fuel(FUEL);
        }
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| store.data_mut().meter.tick());
        if !terms.faults.no_handover_limit {
            store.set_hostcall_fuel(HANDED_OVER);
        }
        if !terms.faults.no_handle_limit {
            store.set_max_component_handles(HANDLES);
        }
        Self {
            store,
            instance: None,
            exports: &ready.exports,
            context,
        }
    }

    /// Typed handles on a hook's exports; their types are compared here.
    pub(crate) fn load<I, G>(
        &mut self,
        pick: impl FnOnce(&Exports) -> Option<&I>,
        load: impl FnOnce(&I, &mut Store<Guest>, &Instance) -> wasmtime::Result<G>,
    ) -> wasmtime::Result<G> {
        match (pick(self.exports), &self.instance) {
            (Some(indices), Some(instance)) => load(indices, &mut self.store, instance),
            _ => Err(wasmtime::Error::msg("it does not export this hook")),
        }
    }

    /// Refuses a request that is larger than the hook takes.
    pub(crate) fn takes(&mut self, weight: usize) -> Result<(), HookError> {
        let meter = &mut self.store.data_mut().meter;
        meter.input = weight;
        if weight > meter.limits.input && !meter.faults.no_input_limit {
            return Err(HookError::InputTooLarge(meter.limits.input));
        }
        Ok(())
    }

    /// Refuses an answer that is larger than the hook gives.
    pub(crate) fn gives(&mut self, weight: usize) -> Result<(), HookError> {
        let meter = &mut self.store.data_mut().meter;
        meter.output = weight;
        if weight > meter.limits.output && !meter.faults.no_output_limit {
            return Err(HookError::OutputTooLarge(meter.limits.output));
        }
        Ok(())
    }

    /// Runs guest code.
    pub(crate) fn enter<T>(
        &mut self,
        call: impl FnOnce(&mut Store<Guest>, &CallContext) -> wasmtime::Result<T>,
    ) -> Result<T, HookError> {
        call(&mut self.store, &self.context).map_err(|error| self.explain(&error))
    }

    /// What became of the guest, in words an author can use. Addresses and paths
    /// of ours are in none of them.
    pub(crate) fn explain(&self, error: &wasmtime::Error) -> HookError {
        let meter = &self.store.data().meter;
        let limits = &meter.limits;
        match error.downcast_ref::<Stop>() {
            Some(Stop::Cpu) => return HookError::CpuExceeded(limits::millis(limits.cpu)),
            Some(Stop::Wall) => return HookError::DeadlineExceeded(limits::millis(limits.wall)),
            Some(Stop::HostCalls) => {
                return HookError::LimitExceeded(format!("{} host calls", limits.host_calls));
            }
            None => {}
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return HookError::Busy;
        }
        // A guest without memory traps in its own allocator, if it gets that far.
        if meter.denied {
            return HookError::MemoryExceeded(limits::mebibytes(limits.memory));
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return HookError::Trapped(words(*trap));
        }
        let text = error.root_cause().to_string();
        if text.contains("fuel allocated for hostcalls") {
            let most = limits::mebibytes(HANDED_OVER);
            return HookError::LimitExceeded(format!("{most} MiB handed over at once"));
        }
        if text.contains("handle limit exceeded") {
            return HookError::LimitExceeded(format!("{HANDLES} handles"));
        }
        // It was linked before: what fails without a trap at its start is us, such
        // as address space that is not there.
        if self.instance.is_none() {
            return HookError::Sandbox(words::sentence(&format!("{error:#}")));
        }
        HookError::BadAnswer(words::sentence(&text))
    }
}

fn words(trap: Trap) -> String {
    match trap {
        Trap::UnreachableCodeReached => {
            "unreachable code was reached, which is how a panic ends".to_owned()
        }
        other => {
            let text = other.to_string();
            text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned()
        }
    }
}
