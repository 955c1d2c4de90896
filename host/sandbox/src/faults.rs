//! Planted bugs, for tests alone: each switches a limit off, so that a test can
//! show that it was the limit that stopped an attack.

use crate::compile::CompileLimits;

/// Nothing but tests sets one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    pub no_cpu_limit: bool,
    /// Every call has as much CPU time as one that nobody waits for: the machine has
    /// other things to do, and the test is not about time.
    pub slow_machine: bool,
    /// Nobody is late.
    pub no_wall_limit: bool,
    pub no_memory_limit: bool,
    pub no_host_call_limit: bool,
    pub no_request_limit: bool,
    pub no_input_limit: bool,
    pub no_output_limit: bool,
    /// What a tenant lowered is as it was.
    pub no_lowered_limits: bool,
    pub no_log_limit: bool,
    /// A guest may hand over as much as wasmtime itself allows.
    pub no_handover_limit: bool,
    /// As many handles as wasmtime itself allows.
    pub no_handle_limit: bool,
    /// As much stack as wasmtime itself allows.
    pub no_stack_limit: bool,
    /// Instances are not kept in a pool, whose slots have an end.
    pub no_pool: bool,
    /// One tenant may have all guest threads.
    pub no_share: bool,
    /// Inline hooks may change what they keep.
    pub no_read_only: bool,
    /// What a component wants is linked, granted or not.
    pub no_grant_check: bool,
    /// What was compiled is admitted without being started once.
    pub no_trial: bool,
    /// Others than the real ones, which are too generous for a test to wait for.
    pub compile_limits: Option<CompileLimits>,
}

impl Faults {
    /// All is as it should be.
    pub const NONE: Self = Self {
        no_cpu_limit: false,
        slow_machine: false,
        no_wall_limit: false,
        no_memory_limit: false,
        no_host_call_limit: false,
        no_request_limit: false,
        no_input_limit: false,
        no_output_limit: false,
        no_lowered_limits: false,
        no_log_limit: false,
        no_handover_limit: false,
        no_handle_limit: false,
        no_stack_limit: false,
        no_pool: false,
        no_share: false,
        no_read_only: false,
        no_grant_check: false,
        no_trial: false,
        compile_limits: None,
    };
}
