//! Filters: what they may do with words, what happens when they fail, that order
//! stays, and that nothing of what they took out is kept anywhere.

mod beside;
mod desk;
mod failing;
mod held;
pub(super) mod log;
mod order;
mod proof;
mod verdicts;
