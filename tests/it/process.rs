//! The real binary over its public protocol: killed, stopped, starved, doubled.
//!
//! What only shows when processes die or race is tested here; everything else is
//! tested in process, which is quicker. `process/binary.rs` starts and stops the
//! server, `process/place.rs` is where its data lies, `process/kill.rs` is the first
//! of the tests. Conditions outside are looked at until they hold,
//! with a bound; nothing waits for a fixed time and hopes.

#![allow(
    clippy::print_stderr,
    reason = "seeds and figures are for whoever reads the run"
)]

mod author;
mod bell;
mod binary;
mod chatter;
mod counts;
mod desk;
mod fence;
mod full_disk;
mod journal;
mod kill;
mod nodes;
mod place;
mod recordings;
mod repeats;
mod ringing;
mod scenarios;
mod seats;
mod secrets;
mod shutdown;
mod start_errors;
mod telling;
mod tutorial;
