//! Plugins from outside: uploaded, refused, installed, configured, switched on and
//! off, what canned responses get from them, and what filters do with words. Start
//! at `desk.rs`.

mod desk;
mod filter;
mod install;
mod outside;
mod secrets;
pub(crate) mod shop;
mod upload;
mod variables;
mod work;
