//! The hostile zoo at a real desk: what each attack costs, what its author reads, what
//! becomes of the tenant's conversation, and that a neighbour notices nothing. That
//! each limit is what stops its attack is shown in the sandbox's own tests. Start at
//! `attacks.rs`; the whole zoo at once is in `together.rs`.

mod attacks;
mod egress;
mod keys;
mod neighbour;
mod quiet;
mod together;
mod yard;
