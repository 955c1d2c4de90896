//! Plugins from outside: uploaded, refused, installed, configured, switched on and
//! off, limited, upgraded and taken back, left out when they fail, what they log, what
//! canned responses get from them, cards beside a chat, and what filters do with words.
//! Start at `desk.rs`.

mod breaker;
mod cards;
mod crm_sync;
pub(crate) mod desk;
mod events;
mod filter;
mod install;
mod keys;
mod lifecycle;
mod limits;
mod load;
mod outside;
mod recordings;
mod records;
mod secrets;
pub(crate) mod shop;
mod signing;
mod tokens;
mod upgrade;
mod upload;
mod variables;
mod webhooks;
mod work;
