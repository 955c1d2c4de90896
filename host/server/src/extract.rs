//! Extractors: from an untrusted request to values a handler can use.
//!
//! `extract/actor.rs` knows who asks and what they may; `body.rs`, `query.rs` and
//! `id.rs` take the input apart strictly (`strict.rs` has the JSON rules, which
//! sockets share). Each answers a `Problem` that names what is wrong. Handlers
//! take the actor first, so that a stranger learns nothing from the other checks.

mod actor;
mod body;
mod client;
mod id;
mod if_match;
mod query;
pub mod strict;

pub use actor::{
    Administer, AgentActor, Converse, Need, ORIGIN_NOT_ALLOWED, ReadDesk, VisitorActor, bearer,
    check_origin,
};
pub use body::Json;
pub(crate) use body::{discard as discard_body, json as json_body, read as read_body};
pub use client::Caller;
pub use id::{EventId, Id, Name};
pub use if_match::IfMatch;
pub use query::Query;
