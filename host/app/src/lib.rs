//! The use cases: who may do what, decided and committed; and what runs beside.
//!
//! `execute.rs` is the one door for every conversation command, whoever asks.
//! `query.rs` reads, `admin.rs` keeps the desk's furniture, `auth.rs` and
//! `presence.rs` know who is there, `engine.rs` runs what follows a commit: the
//! feed's tail, the router, timers and consumers. This crate knows no HTTP, no
//! SQL and no search index.

pub mod admin;
pub mod app;
pub mod auth;
pub mod bell;
mod bots;
pub mod consumer;
pub mod engine;
pub mod error;
pub mod execute;
pub mod hooks;
mod housekeeping;
mod known;
mod lease;
pub mod once;
pub mod outside;
pub mod password;
pub mod plugins;
pub mod presence;
pub mod query;
pub(crate) mod relay;
pub mod router;
pub mod scenario;
pub mod sealing;
pub mod tail;
pub mod timers;
pub mod token;
mod under_way;
mod wakes;
pub mod webhooks;

pub use app::{App, AppParts};
pub use auth::{Client, LogIn, LoggedIn, Plane};
pub use bell::{Bell, Listening, LocalBell, Signal, SignalName};
pub use consumer::{Consumer, ConsumerError, Scope};
pub use engine::Engine;
pub use error::{AuthError, Error};
pub use execute::Outcome;
pub use hooks::{Hooks, NoHooks};
pub use outside::{Clock, NoOutbound, Outbound, SecretSource};
pub use plugins::Installed;
pub use sealing::SealingKey;
pub use tail::{FeedEvent, Listener, Missed};
