//! Between what wit-bindgen makes of `wit/` and this crate's own types. Only in
//! WebAssembly, and the one home of unsafe code.
//!
//! One world a hook, each with its own export macro: a plugin is the sum of the
//! macros it calls, and what it does not call leaves no trace in the file.

pub mod bot;
pub mod context;
pub mod events;
pub mod filter;
pub mod host;
pub mod lifecycle;
pub mod routing;
pub mod variables;
pub mod webhook;

use crate::log;

/// A panic would end as a bare trap: its message is worth a line.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log::error(panic.to_string())));
}
