//! Running plugins: untrusted code, inside limits.
//!
//! The crate owns everything that touches WebAssembly at run time: admission,
//! compiling, linking, calling, stopping. It implements the app's `Hooks` and
//! knows no tenant's data but what a call brings along. Start at `sandbox.rs`;
//! one call is `call.rs`, one hook is a file in `hooks/`, one interface for guests
//! a file in `host/`.

mod admission;
mod bindings;
mod cache;
mod call;
mod code;
mod compile;
mod cpu;
mod engine;
mod faults;
mod guest;
mod hooks;
mod host;
mod interface;
mod limits;
mod meter;
mod prepared;
mod queue;
mod sandbox;
mod threads;
mod ticker;
mod trace;
mod words;

pub use call::{Budget, CallReport};
pub use compile::child::compile_child;
pub use compile::{COMMAND, CompileLimits, Compiler};
pub use deskbell_app::hooks::{LogLevel, LogLine};
pub use faults::Faults;
pub use sandbox::{Sandbox, SandboxConfig, SandboxError};

#[cfg(test)]
mod tests;
