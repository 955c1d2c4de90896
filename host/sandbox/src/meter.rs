//! What one call has used, and the moment it has used too much.
//!
//! wasmtime asks here: before memory or a table grows, and at every epoch (a
//! millisecond of guests running) whether to go on. CPU is read from the guest
//! thread's own clock, so a busy machine costs a plugin nothing of its budget.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::{ResourceLimiter, UpdateDeadline};

use crate::cpu::CpuClock;
use crate::faults::Faults;
use crate::limits::{Class, Limits};
use crate::trace::Trace;

/// Why a guest was stopped from outside. Travels through wasmtime as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("out of CPU time")]
    Cpu,
    #[error("out of time")]
    Wall,
    #[error("out of host calls")]
    HostCalls,
}

#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    clock: CpuClock,
    ends: Instant,
    memory: usize,
    peak_memory: usize,
    /// A growth was denied; what the guest then dies of is only the consequence.
    pub(crate) denied: bool,
    host_calls: u32,
    pub(crate) requests: u32,
    /// What the question and the answer weigh.
    pub(crate) input: usize,
    pub(crate) output: usize,
    /// What of it others may see meanwhile.
    pub(crate) trace: Arc<Trace>,
}

impl Meter {
    /// To be made on the thread the guest runs on.
    pub(crate) fn start(limits: Limits, ends: Instant, faults: Faults, trace: Arc<Trace>) -> Self {
        Self {
            limits,
            faults,
            clock: CpuClock::start(),
            ends,
            memory: 0,
            peak_memory: 0,
            denied: false,
            host_calls: 0,
            requests: 0,
            input: 0,
            output: 0,
            trace,
        }
    }

    pub(crate) fn cpu(&self) -> Duration {
        self.clock.used()
    }

    pub(crate) fn remaining(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// At every epoch.
    pub(crate) fn tick(&mut self) -> wasmtime::Result<UpdateDeadline> {
        self.clock.tick();
        let used = self.clock.used();
        self.trace.used_cpu(used);
        let may = match self.faults.slow_machine {
            false => self.limits.cpu,
            true => self.limits.cpu.max(Class::Background.limits().cpu),
        };
        if used >= may && !self.faults.no_cpu_limit {
            return Err(Stop::Cpu.into());
        }
        if self.remaining().is_zero() {
            return Err(Stop::Wall.into());
        }
        Ok(UpdateDeadline::Continue(1))
    }

    /// One more call of a host function; false if it is one too many.
    pub(crate) fn host_call(&mut self) -> bool {
        self.host_calls = self.host_calls.saturating_add(1);
        self.trace.called_host(self.host_calls);
        self.host_calls <= self.limits.host_calls || self.faults.no_host_call_limit
    }

    /// One more request to the outside; false if it is one too many.
    pub(crate) fn request(&mut self) -> bool {
        self.requests = self.requests.saturating_add(1);
        self.requests <= self.limits.requests || self.faults.no_request_limit
    }

    fn grow(&mut self, by: usize) -> bool {
        let wanted = self.memory.saturating_add(by);
        if wanted > self.limits.memory && !self.faults.no_memory_limit {
            self.denied = true;
            return false;
        }
        self.memory = wanted;
        self.peak_memory = self.peak_memory.max(wanted);
        self.trace.used_memory(self.peak_memory);
        true
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = desired.saturating_sub(current);
        Ok(self.grow(elements.saturating_mul(size_of::<usize>())))
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        16
    }

    fn memories(&self) -> usize {
        4
    }
}
