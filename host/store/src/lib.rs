//! The database: rows, units of work, the writer, the feed, timers and jobs.
//!
//! Everything durable passes through here, on SQLite or PostgreSQL, and nothing
//! here knows of HTTP, sockets, search or how a plugin runs. Start with `tx.rs` (one
//! transaction of one tenant), then `writer.rs` (how writes gather into one
//! commit), `merged.rs` (the hot conversation commands) and `feed.rs` (how what
//! was committed is read again in order). One file per table holds its rows and
//! turns them into domain entities; the models are seen by nobody else.

mod agent;
mod audit;
mod canned;
mod contact;
mod counters;
mod decision;
mod engagement;
mod error;
mod inbox;
mod installation;
mod link;
mod open;
mod plugin;
mod plugin_failure;
mod plugin_key;
mod plugin_record;
mod plugin_recording;
mod plugin_secret;
mod rows;
mod task;
mod team;
mod tenant;
mod together;
mod tx;
mod writer;

pub mod consumer;
pub mod conversation;
pub mod feed;
pub mod follower;
pub mod held;
pub mod idempotency;
pub mod jobs;
pub mod lease;
pub mod merged;
pub mod message;
pub mod node;
pub mod session;
pub mod system;
pub mod timers;
pub mod visitor;
pub mod webhook;

pub use audit::{Actions, Attempt, AuditFilter};
pub use counters::{Counted, Counters};
pub use error::{OpenError, StoreError};
pub use feed::{Cursor, FeedReader, FeedRow};
pub use futures_util::future::BoxFuture;
pub use open::{Engine, Faults, Store, StoreOptions};
pub use plugin_key::{KeyFacts, KeyUsage};
pub use plugin_recording::RecordingFacts;
pub use plugin_secret::SealedSecret;
pub use system::SystemTx;
pub use tx::Tx;
