//! Bots from outside: they greet, ask and hand off, misbehave, come too late, and are
//! sent conversations by a router.
//! Start at `bot/desk.rs`; `bot/gate.rs` holds a bot's answer back.

mod answers;
mod desk;
pub(crate) mod gate;
mod hostile;
mod late;
mod routed;
mod talks;
