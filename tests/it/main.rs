//! The one integration binary: everything that goes through the server's edge,
//! and the tidy test, which reads the repository itself.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the functions tests are built from are tests too"
)]

mod agents;
mod audit;
mod auth;
mod bad_input;
mod bot;
mod contracts;
mod conversations;
mod idempotency;
mod main_job;
mod plugins;
mod presence;
mod process;
mod routing;
mod search;
mod snapshot;
mod sockets;
mod store;
mod tidy;
mod timers;
mod visitors;
mod walls;
mod zoo;
