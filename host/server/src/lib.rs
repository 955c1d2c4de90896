//! The server: everything between the network and the app.
//!
//! `serve.rs` builds one from a configuration and the parts tests replace, and
//! runs it on a listener; `main` and the tests call the same two functions.
//! `http/` and `wire/` speak REST, `socket/` speaks WebSocket, both to
//! `App::execute`. This crate knows no SQL and no guest code.

// The process.
pub mod accept;
pub mod assets;
pub mod bell;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod guests;
pub mod health;
pub mod ids;
pub mod indexing;
pub mod logging;
mod messenger_page;
pub mod origin;
pub mod outbound;
pub mod request_id;
pub mod sealing;
pub mod secrets;
pub mod serve;
pub mod socket;
pub mod state;
pub mod tasks;

// The REST edge.
pub mod events_doc;
pub mod extract;
pub mod http;
pub mod openapi;
pub mod problem;
pub mod wire;
