//! Bots from outside: they greet, ask and hand off, misbehave, and come too late.
//! Start at `bot/desk.rs`; `bot/gate.rs` holds a bot's answer back.

mod answers;
mod desk;
mod gate;
mod hostile;
mod late;
mod talks;
