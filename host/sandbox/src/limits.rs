//! How much a call may use: one row a class of hooks.
//!
//! Inline hooks stand in the way of every conversation, interactive ones have a
//! person waiting, and nobody waits for background ones. A manifest may shorten its deadline, never lengthen it. Where
//! a limit is enforced: `meter.rs` (CPU, wall, memory, host calls), `call.rs`
//! (input, output), `host/log.rs` (log).

use std::time::Duration;

use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::Hook;

use crate::faults::Faults;

/// Which row of the table a hook has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// In the path of every conversation: routing.
    Inline,
    /// Somebody waits for it: variables, and the trial start at admission.
    Interactive,
    /// Beside the conversations: events, on threads of its own, and what an admin
    /// waits for.
    Background,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// Linear memory and tables together.
    pub(crate) memory: usize,
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) host_calls: u32,
    /// Over HTTP, to the outside.
    pub(crate) requests: u32,
    /// Whether it may change what it keeps.
    pub(crate) keeps: bool,
    pub(crate) log: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The most memory any class has: how large the pool's slots are.
pub(crate) const LARGEST_MEMORY: usize = 128 * MIB;
/// The guest's own stack, on the guest thread's.
pub(crate) const GUEST_STACK: usize = 512 * KIB;
/// As much as wasmtime itself gives a guest.
pub(crate) const WHOLE_STACK: usize = 2 * MIB;
/// What a guest may hand over in one call of a host function, or as its answer,
/// before anybody weighs it: the host makes room for so much.
pub(crate) const HANDED_OVER: usize = MIB;
/// How much more time code has that counts what it does.
const COUNTING: u32 = 8;
const PATIENCE: u32 = 20;
/// Handles to resources a guest may hold; today's interfaces have none.
pub(crate) const HANDLES: usize = 128;

impl Class {
    /// A hook's. The hooks' own files say the same where they ask.
    pub(crate) const fn of(hook: Hook) -> Self {
        match hook {
            Hook::Routing | Hook::Filter => Self::Inline,
            Hook::Variables | Hook::Bot | Hook::Context => Self::Interactive,
            Hook::Events | Hook::Webhook | Hook::Lifecycle => Self::Background,
        }
    }

    pub(crate) const fn limits(self) -> Limits {
        match self {
            Self::Inline => Limits {
                cpu: Duration::from_millis(20),
                wall: Duration::from_millis(100),
                memory: 32 * MIB,
                input: 256 * KIB,
                output: 64 * KIB,
                host_calls: 200,
                requests: 0,
                keeps: false,
                log: 8 * KIB,
            },
            Self::Interactive => Limits {
                cpu: Duration::from_millis(250),
                wall: Duration::from_secs(10),
                memory: 64 * MIB,
                input: 512 * KIB,
                output: 256 * KIB,
                host_calls: 2_000,
                requests: 8,
                keeps: true,
                log: 32 * KIB,
            },
            Self::Background => Limits {
                cpu: Duration::from_secs(1),
                wall: Duration::from_secs(30),
                memory: LARGEST_MEMORY,
                input: MIB,
                output: MIB,
                host_calls: 20_000,
                requests: 32,
                keeps: true,
                log: 64 * KIB,
            },
        }
    }
}

impl Limits {
    /// How many bytes of lines are kept.
    pub(crate) fn log_room(&self, faults: Faults) -> usize {
        match faults.no_log_limit {
            false => self.log,
            true => usize::MAX,
        }
    }

    /// Code that counts is slower; what it does is the same.
    pub(crate) fn for_counting(mut self) -> Self {
        self.cpu *= COUNTING;
        self
    }

    /// Waits for a guest whose machine has other things to do.
    pub(crate) fn patient(mut self) -> Self {
        self.wall *= PATIENCE;
        self
    }

    /// With a shorter deadline, if one is asked for.
    pub(crate) fn within(mut self, timeout_ms: Option<u32>) -> Self {
        if let Some(wanted) = timeout_ms {
            self.wall = self
                .wall
                .min(Duration::from_millis(u64::from(wanted.max(1))));
        }
        self
    }

    /// As the tenant has it: lower where it says so, never higher.
    pub(crate) fn lowered(mut self, to: &CallLimits) -> Self {
        let time = |own: Duration, to: Option<u32>| match to {
            Some(ms) => own.min(Duration::from_millis(u64::from(ms.max(1)))),
            None => own,
        };
        let count = |own: u32, to: Option<u32>| own.min(to.unwrap_or(own));
        let size = |own: usize, to: Option<u32>, unit: usize| match to {
            Some(n) => own.min(
                usize::try_from(n)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(unit),
            ),
            None => own,
        };
        self.cpu = time(self.cpu, to.cpu_ms);
        self.wall = time(self.wall, to.wall_ms);
        self.memory = size(self.memory, to.memory_mib, MIB);
        self.host_calls = count(self.host_calls, to.host_calls);
        self.requests = count(self.requests, to.http_requests);
        self.log = size(self.log, to.log_kib, KIB);
        self
    }

    /// As people see them.
    pub(crate) fn shown(&self) -> CallLimits {
        CallLimits {
            cpu_ms: Some(millis(self.cpu)),
            wall_ms: Some(millis(self.wall)),
            memory_mib: Some(mebibytes(self.memory)),
            host_calls: Some(self.host_calls),
            http_requests: Some(self.requests),
            log_kib: u32::try_from(self.log / KIB).ok(),
        }
    }
}

pub(crate) fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

pub(crate) fn mebibytes(bytes: usize) -> u32 {
    u32::try_from(bytes / MIB).unwrap_or(u32::MAX)
}
