//! The JSON of requests and responses, with their schemas.
//!
//! A response type mirrors a domain entity field by field (`mirror.rs`), so a new
//! domain field does not compile until it is decided here whether clients get
//! it. A request type refuses unknown fields and turns itself into a command or
//! an app call. `command.rs` lets sockets use the same request types. Nothing
//! here knows of HTTP statuses or of the database.

mod mirror;

pub mod agent;
pub mod audit;
pub mod auth;
pub mod canned;
pub mod card;
pub mod command;
pub mod contact;
pub mod conversation;
pub mod csv;
pub mod event;
pub mod id;
pub mod inbox;
pub mod limits;
pub mod list;
pub mod message;
pub mod parked_event;
pub mod plugin;
pub mod plugin_operation;
pub mod reach;
pub mod recording;
pub mod request;
pub mod routing;
pub mod search;
pub mod snapshot;
pub mod team;
pub mod visitor;
pub mod webhook;
pub mod word;
